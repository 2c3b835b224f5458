import { checkCases, checkNumbers } from './checkData.js';
import { checkStatistics } from './checkStatistics.js';
import { traitsOf } from './kinds/traitsOf.js';
import { type Cases, type ChannelStatistics, kindOf } from './labelledData.js';

/**
 * (x - mean) / deviation for each channel. A missing value (NaN) becomes 0, which is the channel's mean. Series are
 * copied; images keep their bytes and take the statistics along, for `batches` to apply; tokens pass as they are.
 *
 * @param data any part, not yet standardised; it is not changed
 * @param statistics those of the training part; null for tokens
 * @throws Error if the data is not whole, a number is or becomes Infinity, the number of channels differs, statistics and
 *   kind of data do not match, or the images are standardised already
 */
export function standardize<Data extends Cases>(data: Data, statistics: ChannelStatistics | null): Data {
  const owner = 'standardize';
  checkCases(owner, data);
  const traits = traitsOf(data, owner);
  const channels = traits.channels(data);
  if (channels === null) {
    if (statistics) throw new Error(`${owner}: statistics were given for ${kindOf(data)}; they must be null`);
    return data;
  }
  checkStatistics(owner, statistics, channels);
  checkNumbers(owner, data, { missing: true });
  const standardized = traits.standardized(data, statistics);
  checkNumbers(owner, standardized); // a small deviation makes large numbers
  return standardized;
}
