import type { ChannelStatistics } from './labelledData.js';

/** The value of a channel, standardised. */
export function standardizeValue(value: number, channel: number, { mean, deviation }: ChannelStatistics): number {
  return (value - mean[channel]) / deviation[channel];
}

/**
 * @param values channels side by side, as in series and images
 * @param statistics of as many channels
 * @returns (x - mean) / deviation, 0 where x is NaN
 */
export function standardizeValues(values: ArrayLike<number>, statistics: ChannelStatistics): Float32Array {
  const channels = statistics.mean.length;
  const result = new Float32Array(values.length);
  for (let start = 0; start < values.length; start += channels) {
    for (let c = 0; c < channels; c++) {
      const value = values[start + c];
      if (!Number.isNaN(value)) result[start + c] = standardizeValue(value, c, statistics);
    }
  }
  return result;
}
