import type { Cases } from '../../data/labelledData.js';
import type { ForecastTargets } from '../../data/numberTargets.js';

/** All positions of a part that is to be forecast, one after the other: what its windows are cut from. */
export interface Timeline {
  /** A row for each channel, in float64: sums over thousands of positions are taken of it. */
  channels: Float64Array[];
  positions: number;
}

/** @param data a part by forecastWindows */
export function timelineOf(data: Cases & ForecastTargets & { channels: number }): Timeline {
  const { timeline, channels } = data;
  const positions = timeline!.length / channels;
  const rows = Array.from({ length: channels }, (_, c) =>
    Float64Array.from({ length: positions }, (_, t) => timeline![t * channels + c]),
  );
  return { channels: rows, positions };
}

/**
 * Sums over all windows of `size` positions, and all channels: of the product of the values at positions i < rows and j of a
 * window, and of the values themselves. As windows overlap, a product's sum follows from that of the positions before:
 *
 *     S[i+1][j+1] = S[i][j] + x[n+i] x[n+j] - x[i] x[j],     n the number of windows
 *
 * so that only the first row takes a pass over the timeline for each number.
 */
export function lagProducts({ channels, positions }: Timeline, size: number, rows: number) {
  const windows = positions - size + 1;
  const products = Array.from({ length: rows }, () => new Float64Array(size));
  const sums = new Float64Array(size);
  for (const x of channels) {
    for (let j = 0; j < size; j++) {
      let product = 0;
      for (let t = 0; t < windows; t++) product += x[t] * x[t + j];
      // Along the diagonal from [0][j], and, as the table is symmetric, from [j][0].
      for (let i = 0; i < rows && i + j < size; i++) {
        products[i][i + j] += product;
        if (i + j < rows && j > 0) products[i + j][i] += product;
        product += x[windows + i] * x[windows + i + j] - x[i] * x[i + j];
      }
    }
    let sum = 0;
    for (let t = 0; t < windows; t++) sum += x[t];
    for (let i = 0; i < size; i++) {
      sums[i] += sum;
      sum += x[windows + i] - x[i];
    }
  }
  return { products, sums, count: windows * channels.length };
}
