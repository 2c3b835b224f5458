import type { LabelledData, LabelledImages } from './labelledData.js';
import { standardized } from './standardize.js';

/** Numbers of a model's input. */
export interface BatchInput {
  values: Float32Array;
  /** [B, ...] */
  shape: number[];
}

/** Some cases, as a classifier takes them. */
export interface Batch {
  /** Number of cases, B. */
  size: number;
  /**
   * The model's inputs. Series: [B, length, channels] and lengths [B, 1]. Images: [B, height, width, channels].
   * Tokens: [B, length] and lengths [B, 1]. What is shorter than length is padded with zeros.
   */
  inputs: BatchInput[];
  /** [B, 1], class indices. */
  labels: Float32Array;
}

/** How data is divided into batches. */
export interface BatchOptions {
  /** Cases in a batch; the last one may be smaller. */
  batchSize: number;
  /** Indices of the cases to take, in order; default: all, in their order. */
  order?: ArrayLike<number>;
  /** Positions to pad series or tokens to; default: those of the batch's longest case. */
  length?: number;
}

/** Rows of numbers side by side, each padded to `rowLength`. */
function padded(rows: ArrayLike<number>[], rowLength: number): Float32Array {
  const values = new Float32Array(rows.length * rowLength);
  rows.forEach((row, b) => values.set(row, b * rowLength));
  return values;
}

/** Images that are to be standardised stay bytes until here. */
function pixelsOf({ height, width, channels, images, statistics }: LabelledImages, index: number): ArrayLike<number> {
  const pixels = height * width * channels;
  const values = images.subarray(index * pixels, (index + 1) * pixels);
  return statistics ? standardized(values, statistics) : values;
}

function inputsOf(data: LabelledData, cases: number[], fixedLength?: number): BatchInput[] {
  const size = cases.length;
  if ('images' in data) {
    const { height, width, channels } = data;
    const rows = cases.map((index) => pixelsOf(data, index));
    return [{ values: padded(rows, height * width * channels), shape: [size, height, width, channels] }];
  }
  const lengths = Float32Array.from(cases, (index) => data.lengths[index]);
  const length = fixedLength ?? lengths.reduce((a, b) => Math.max(a, b), 1);
  const tooLong = cases.find((index) => data.lengths[index] > length);
  if (tooLong !== undefined) {
    throw new Error(`batches: case ${tooLong} has ${data.lengths[tooLong]} positions; it must have at most ${length}`);
  }
  const valid = { values: lengths, shape: [size, 1] };
  if ('tokens' in data) {
    const rows = cases.map((index) => data.tokens[index]);
    return [{ values: padded(rows, length), shape: [size, length] }, valid];
  }
  const rows = cases.map((index) => data.series[index]);
  return [{ values: padded(rows, length * data.channels), shape: [size, length, data.channels] }, valid];
}

/**
 * Divides data into batches.
 *
 * @param data labelled data, standardised if the model needs it
 * @param options see BatchOptions
 * @throws Error if a case is longer than `length`
 */
export function* batches(data: LabelledData, { batchSize, order, length }: BatchOptions): Generator<Batch> {
  const all = order ?? data.labels.map((_, index) => index);
  for (let start = 0; start < all.length; start += batchSize) {
    const cases = Array.from({ length: Math.min(batchSize, all.length - start) }, (_, b) => all[start + b]);
    const labels = Float32Array.from(cases, (index) => data.labels[index]);
    yield { size: cases.length, inputs: inputsOf(data, cases, length), labels };
  }
}
