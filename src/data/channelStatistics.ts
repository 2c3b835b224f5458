import { checkCases, checkNumbers } from './checkData.js';
import { traitsOf } from './kinds/traitsOf.js';
import type { Cases, ChannelStatistics, LabelledImages, LabelledTokens } from './labelledData.js';
import type { TimeSeriesData } from './timeSeries.js';

/** Per channel: the sum of f over all values that are not missing, and their number. */
function sums(
  arrays: readonly ArrayLike<number>[],
  channels: number,
  f: (value: number, channel: number) => number,
): { total: number[]; count: number[] } {
  const total = new Array<number>(channels).fill(0);
  const count = new Array<number>(channels).fill(0);
  for (const values of arrays) {
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
 * @throws Error if the data is not whole, a number is Infinity, or a channel has no value at all
 */
export function channelStatistics(data: Cases<TimeSeriesData | LabelledImages>): ChannelStatistics;
export function channelStatistics(data: Cases<LabelledTokens>): null;
export function channelStatistics(data: Cases): ChannelStatistics | null;
export function channelStatistics(data: Cases): ChannelStatistics | null {
  checkCases('channelStatistics', data);
  const traits = traitsOf(data);
  const channels = traits.channels(data);
  if (channels === null) return null;
  checkNumbers('channelStatistics', data, { missing: true });
  const arrays = traits.values(data);
  const { total, count } = sums(arrays, channels, (value) => value);
  const empty = count.indexOf(0);
  if (empty >= 0) throw new Error(`channelStatistics: channel ${empty + 1} has no value; it must have at least one`);
  const mean = total.map((sum, c) => sum / count[c]);
  const squares = sums(arrays, channels, (value, c) => (value - mean[c]) ** 2).total;
  return { mean, deviation: squares.map((sum, c) => Math.sqrt(sum / count[c]) || 1) };
}
