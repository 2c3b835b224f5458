import type { LabelledData, LabelledImages, LabelledTokens } from './labelledData.js';
import type { TimeSeriesData } from './timeSeries.js';

/** Mean and standard deviation of each channel. */
export interface ChannelStatistics {
  mean: number[];
  /** Biased; 1 for a constant channel. */
  deviation: number[];
}

/** Per channel: the sum of f over all values that are not missing, and their number. */
function sums(data: TimeSeriesData | LabelledImages, f: (value: number, channel: number) => number) {
  const { channels } = data;
  const total = new Array<number>(channels).fill(0);
  const count = new Array<number>(channels).fill(0);
  for (const values of 'series' in data ? data.series : [data.images]) {
    for (let start = 0; start < values.length; start += channels) {
      for (let c = 0; c < channels; c++) {
        const value = values[start + c];
        if (Number.isNaN(value)) continue;
        total[c] += f(value, c);
        count[c]++;
      }
    }
  }
  return { total, count };
}

/**
 * The statistics that standardize needs. Take them from the training part only, so that nothing of the test part leaks.
 *
 * @param data the training part; missing values (NaN) do not count
 * @returns one mean and deviation for each channel of series or images; null for tokens, which have none
 * @throws Error if a channel has no value at all
 */
export function channelStatistics(data: TimeSeriesData | LabelledImages): ChannelStatistics;
export function channelStatistics(data: LabelledTokens): null;
export function channelStatistics(data: LabelledData): ChannelStatistics | null;
export function channelStatistics(data: LabelledData): ChannelStatistics | null {
  if ('tokens' in data) return null;
  const { total, count } = sums(data, (value) => value);
  const empty = count.indexOf(0);
  if (empty >= 0) throw new Error(`channelStatistics: channel ${empty + 1} has no value; it must have at least one`);
  const mean = total.map((sum, c) => sum / count[c]);
  const squares = sums(data, (value, c) => (value - mean[c]) ** 2).total;
  return { mean, deviation: squares.map((sum, c) => Math.sqrt(sum / count[c]) || 1) };
}

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
  const any: LabelledData = data;
  if ('tokens' in any) {
    if (statistics) throw new Error('standardize: statistics were given for tokens; they must be null');
    return data;
  }
  const { channels } = any;
  const given = statistics?.mean.length ?? 0;
  if (!statistics || given !== channels) {
    throw new Error(`standardize: statistics had ${given} channels; they must have ${channels}, as the data has`);
  }
  if ('images' in any) {
    if (any.statistics) throw new Error('standardize: the images were standardised already; it must be done once');
    return { ...data, statistics };
  }
  return { ...data, series: any.series.map((values) => standardized(values, statistics)) };
}

/**
 * @param values channels side by side, as in series and images
 * @param statistics of as many channels
 * @returns (x - mean) / deviation, 0 where x is NaN
 */
export function standardized(values: ArrayLike<number>, { mean, deviation }: ChannelStatistics): Float32Array {
  const channels = mean.length;
  const result = new Float32Array(values.length);
  for (let start = 0; start < values.length; start += channels) {
    for (let c = 0; c < channels; c++) {
      const value = values[start + c];
      if (!Number.isNaN(value)) result[start + c] = (value - mean[c]) / deviation[c];
    }
  }
  return result;
}
