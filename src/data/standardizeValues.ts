import type { ChannelStatistics } from './labelledData.js';

/**
 * @param values channels side by side, as in series and images
 * @param statistics of as many channels
 * @returns (x - mean) / deviation, 0 where x is NaN
 */
export function standardizeValues(values: ArrayLike<number>, { mean, deviation }: ChannelStatistics): Float32Array {
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
