import type { TimeSeriesData } from './timeSeries.js';

/** Mean and standard deviation of each channel. */
export interface ChannelStatistics {
  mean: number[];
  /** Biased; 1 for a constant channel. */
  deviation: number[];
}

/** Per channel: the sum of f over all values that are not missing, and their number. */
function sums(data: TimeSeriesData, f: (value: number, channel: number) => number) {
  const total = new Array<number>(data.channels).fill(0);
  const count = new Array<number>(data.channels).fill(0);
  for (const values of data.series) {
    values.forEach((value, index) => {
      if (Number.isNaN(value)) return;
      total[index % data.channels] += f(value, index % data.channels);
      count[index % data.channels]++;
    });
  }
  return { total, count };
}

/**
 * The statistics that standardize needs. Take them from the training part only, so that nothing of the test part leaks.
 *
 * @param data the training part; missing values (NaN) do not count
 * @throws Error if a channel has no value at all
 */
export function channelStatistics(data: TimeSeriesData): ChannelStatistics {
  const { total, count } = sums(data, (value) => value);
  const empty = count.indexOf(0);
  if (empty >= 0) throw new Error(`channelStatistics: channel ${empty + 1} has no value; it must have at least one`);
  const mean = total.map((sum, c) => sum / count[c]);
  const squares = sums(data, (value, c) => (value - mean[c]) ** 2).total;
  return { mean, deviation: squares.map((sum, c) => Math.sqrt(sum / count[c]) || 1) };
}

/**
 * (x - mean) / deviation for each channel. A missing value (NaN) becomes 0, which is the channel's mean.
 *
 * @param data any part; it is not changed
 * @param statistics those of the training part
 * @throws Error if the number of channels differs
 */
export function standardize(data: TimeSeriesData, { mean, deviation }: ChannelStatistics): TimeSeriesData {
  const { channels } = data;
  if (mean.length !== channels) {
    throw new Error(`standardize: statistics had ${mean.length} channels; they must have ${channels}, as the data has`);
  }
  const map = (value: number, index: number) => {
    const c = index % channels;
    return Number.isNaN(value) ? 0 : (value - mean[c]) / deviation[c];
  };
  return { ...data, series: data.series.map((values) => values.map(map)) };
}
