import { traitsOf } from './kinds/traitsOf.js';
import { type ChannelStatistics, kindOf, type LabelledData } from './labelledData.js';

/**
 * (x - mean) / deviation for each channel. A missing value (NaN) becomes 0, which is the channel's mean. Series are
 * copied; images keep their bytes and take the statistics along, for `batches` to apply; tokens pass as they are.
 *
 * @param data any part, not yet standardised; it is not changed
 * @param statistics those of the training part; null for tokens
 * @throws Error if the number of channels differs, if statistics and kind of data do not match, or if the images
 *   are standardised already
 */
export function standardize<Data extends LabelledData>(data: Data, statistics: ChannelStatistics | null): Data {
  const traits = traitsOf(data);
  const channels = traits.channels(data);
  if (channels === null) {
    if (statistics) throw new Error(`standardize: statistics were given for ${kindOf(data)}; they must be null`);
    return data;
  }
  const given = statistics?.mean.length ?? 0;
  if (!statistics || given !== channels) {
    throw new Error(`standardize: statistics had ${given} channels; they must have ${channels}, as the data has`);
  }
  return traits.standardized(data, statistics);
}
