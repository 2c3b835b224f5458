/**
 * Mean and deviation of each channel of a series over its positions, as InstanceRestoration has them.
 *
 * @param values holds the series, time-major
 * @param at where it begins
 * @param sizes positions and channels; epsilon joins the variance
 */
export function channelLevels(
  values: Float32Array,
  at: number,
  { positions, channels, epsilon }: { positions: number; channels: number; epsilon: number },
): { mean: number[]; deviation: number[] } {
  const mean = new Array<number>(channels).fill(0);
  const squares = new Array<number>(channels).fill(0);
  for (let t = 0; t < positions; t++)
    for (let c = 0; c < channels; c++) mean[c] += values[at + t * channels + c] / positions;
  for (let t = 0; t < positions; t++) {
    for (let c = 0; c < channels; c++) squares[c] += (values[at + t * channels + c] - mean[c]) ** 2;
  }
  return { mean, deviation: squares.map((sum) => Math.sqrt(sum / positions + epsilon)) };
}
