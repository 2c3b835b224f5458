import * as tf from '@tensorflow/tfjs-core';
import { formatShape } from '../checks/tensors.js';
import { checkLengths } from '../checks/values.js';
import { clearPadding as clearEnds } from '../ops/clearPadding.js';
import { boolMask } from './boolMask.js';

/** Which positions of sequences [B, N, C] count. */
export interface ValidPositions {
  /** B integers: positions from there on are padding. */
  lengths: number[];
  /** bool [B, N], if positions in front of others do not count either. */
  mask?: tf.Tensor2D;
}

/** @returns lengths [B, 1] of sequences [B, N, C], which must be integers 0 .. N; undefined if there are none */
export function readLengths(owner: string, x: tf.Tensor, lengths: tf.Tensor | undefined): number[] | undefined {
  if (lengths === undefined) return undefined;
  const values = Array.from(lengths.dataSync());
  checkLengths(owner, values, x.shape[0], x.shape[1]!);
  return values;
}

/**
 * Puts together what a layer knows of the padding of its input.
 *
 * @param owner the layer, for errors
 * @param x [B, N, C]
 * @param lengths [B, 1], numbers of valid positions; default: all are
 * @param given Keras mask of x, [B, N]: true or 1 where valid; one that hides only the ends of sequences is the same as
 *   lengths
 * @param name of the mask, for errors
 * @throws Error if lengths are not integers 0 .. N, or the mask is not of x
 */
export function validPositions(
  owner: string,
  x: tf.Tensor,
  lengths: tf.Tensor | undefined,
  given: tf.Tensor | null | undefined,
  name = 'mask',
): ValidPositions {
  const [batch, n] = x.shape as [number, number];
  const all = readLengths(owner, x, lengths) ?? new Array<number>(batch).fill(n);
  if (!given) return { lengths: all };
  const mask = positionMask(owner, x, given, name);
  const values = mask.dataSync();
  const seen = all.map((length, b) => Array.from(values.subarray(b * n, b * n + length), Boolean));
  const valid = seen.map((row) => row.lastIndexOf(true) + 1);
  const holes = seen.some((row, b) => row.indexOf(false) >= 0 && row.indexOf(false) < valid[b]);
  return { lengths: valid, mask: holes ? mask : undefined };
}

/** A Keras mask of x [B, N, ...] as bool [B, N]; throws Error if it is none. */
export function positionMask(owner: string, x: tf.Tensor, mask: tf.Tensor, name = 'mask'): tf.Tensor2D {
  const checked = boolMask(owner, name, mask);
  const [batch, n] = x.shape;
  if (tf.util.arraysEqual(checked.shape, [batch, n])) return checked as tf.Tensor2D;
  throw new Error(`${owner}: ${name} was ${formatShape(checked)}; it must be [${batch}, ${n}]`);
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
  if (!mask && lengths.every((length) => length === x.shape[1])) return x;
  return clearEnds(x, lengths, mask);
}

/**
 * @param owner a layer whose output has no such positions, for errors
 * @param name of the input
 * @param mask of it, null if it has none
 * @param why what the layer does with positions
 * @throws Error if the mask hides something
 */
export function checkAllSeen(owner: string, name: string, mask: tf.Tensor | null, why: string): void {
  if (!mask || boolMask(owner, `the mask of ${name}`, mask).dataSync().every(Boolean)) return;
  throw new Error(`${owner}: the mask of ${name} hid positions; it must hide none, since ${why}`);
}
