import { caseCount } from './caseCount.js';
import type { BatchInput } from './kinds/kindTraits.js';
import { traitsOf } from './kinds/traitsOf.js';
import type { LabelledData } from './labelledData.js';

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

/**
 * Divides data into batches.
 *
 * @param data labelled data, standardised if the model needs it
 * @param options see BatchOptions
 * @throws Error if a case is longer than `length`
 */
export function* batches(data: LabelledData, { batchSize, order, length }: BatchOptions): Generator<Batch> {
  const traits = traitsOf(data);
  const all = order ?? Array.from({ length: caseCount(data) }, (_, index) => index);
  for (let start = 0; start < all.length; start += batchSize) {
    const cases = Array.from({ length: Math.min(batchSize, all.length - start) }, (_, b) => all[start + b]);
    const labels = Float32Array.from(cases, (index) => data.labels[index]);
    yield { size: cases.length, inputs: traits.inputs(data, cases, length), labels };
  }
}
