import * as tf from '@tensorflow/tfjs-core';
import { clearPadding as clearEnds } from '../ops/clearPadding.js';
import { CALM } from '../kernels/maskPositions.js';
import type { CallOptions } from './sequenceLayer.js';

/** Which positions of sequences [B, N, C] count. */
export interface ValidPositions {
  /** B integers: positions from there on are padding. */
  lengths: number[];
  /** bool [B, N], if positions in front of others do not count either. */
  mask?: tf.Tensor2D;
}

/**
 * The Keras mask of a layer's first input.
 *
 * @param mask one for a single input, or one for each, where null stands for none
 */
export function firstMask(mask: CallOptions['mask']): tf.Tensor | undefined {
  return (Array.isArray(mask) ? mask[0] : mask) ?? undefined;
}

/**
 * Puts together what a layer knows of the padding of its input.
 *
 * @param owner the layer, for errors
 * @param x [B, N, C]
 * @param lengths [B, 1], numbers of valid positions; default: all are
 * @param mask Keras mask of x, [B, N]: true or 1 where valid; one that hides only the ends of sequences is the same as
 *   lengths
 * @throws Error if the mask has another shape
 */
export function validPositions(
  owner: string,
  x: tf.Tensor,
  lengths: tf.Tensor | undefined,
  mask: tf.Tensor | undefined,
): ValidPositions {
  const [batch, n] = x.shape as [number, number];
  const given = lengths ? Array.from(lengths.dataSync()) : new Array<number>(batch).fill(n);
  if (!mask) return { lengths: given };
  if (!tf.util.arraysEqual(mask.shape, [batch, n])) {
    throw new Error(`${owner}: mask was [${mask.shape.join(', ')}]; it must be [${batch}, ${n}]`);
  }
  const values = mask.dataSync();
  const seen = given.map((length, b) => Array.from(values.subarray(b * n, b * n + length), Boolean));
  const valid = seen.map((row) => row.lastIndexOf(true) + 1);
  const holes = seen.some((row, b) => row.indexOf(false) >= 0 && row.indexOf(false) < valid[b]);
  return { lengths: valid, mask: holes ? tf.cast(mask as tf.Tensor2D, 'bool') : undefined };
}

/**
 * Sequences whose padding does no harm: NaN, infinite and huge numbers there become 0. Weights that all positions share
 * have the sum over them for a gradient, and 0 times NaN is NaN.
 *
 * @param x [B, N, C]
 * @param valid its valid positions
 * @returns x itself where all are valid
 */
export function clearPadding(x: tf.Tensor, { lengths, mask }: ValidPositions): tf.Tensor {
  const cleared = lengths.every((length) => length === x.shape[1]) ? x : clearEnds(x, lengths);
  if (!mask) return cleared;
  const harmless = tf.logicalOr(tf.expandDims(mask, 2), tf.less(tf.abs(cleared), CALM));
  return tf.where(harmless, cleared, 0);
}
