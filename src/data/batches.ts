import type { TimeSeriesData } from './timeSeries.js';

/** Some cases, padded with zeros to one length. */
export interface Batch {
  /** Number of cases, B. */
  size: number;
  /** [B, length, channels] */
  series: Float32Array;
  /** [B, 1], valid positions of each case. */
  lengths: Float32Array;
  /** [B, 1], class indices. */
  labels: Float32Array;
}

/**
 * Cuts data into batches; the last one may be smaller.
 *
 * @param data standardised data
 * @param length positions to pad to
 * @param batchSize cases in a batch
 * @param order indices of the cases to take, in order; default: all, as they stand
 * @throws Error if a series is longer than `length`
 */
export function* batches(
  data: TimeSeriesData,
  length: number,
  batchSize: number,
  order: ArrayLike<number> = data.series.map((_, index) => index),
): Generator<Batch> {
  const row = length * data.channels;
  for (let start = 0; start < order.length; start += batchSize) {
    const size = Math.min(batchSize, order.length - start);
    const batch: Batch = {
      size,
      series: new Float32Array(size * row),
      lengths: new Float32Array(size),
      labels: new Float32Array(size),
    };
    for (let b = 0; b < size; b++) {
      const index = order[start + b];
      if (data.lengths[index] > length) {
        throw new Error(
          `batches: series ${index} has ${data.lengths[index]} positions; it must have at most ${length}`,
        );
      }
      batch.series.set(data.series[index], b * row);
      batch.lengths[b] = data.lengths[index];
      batch.labels[b] = data.labels[index];
    }
    yield batch;
  }
}
