// What generators of calls make their arguments from.

import * as tf from '@tensorflow/tfjs-core';
import type { Random } from '../../support/random.js';

/** Standard normal numbers. */
export function normals(rng: Random, ...shape: number[]): tf.Tensor {
  return tf.tensor(rng.normals(tf.util.sizeFromShape(shape)), shape);
}

/** Integers from 0 to `high`. */
export function integers(rng: Random, high: number, ...shape: number[]): tf.Tensor {
  const values = Int32Array.from({ length: tf.util.sizeFromShape(shape) }, () => rng.integer(0, high));
  return tf.tensor(values, shape, 'int32');
}

/** A size around the kernels' tiles. */
export const sizeOf = (rng: Random) => rng.pick([1, 1, 2, 3, 4, 5, 7, 8, 9, 13, 16, 17, 33]);

export const lengthsOf = (rng: Random, count: number, high: number) =>
  Array.from({ length: count }, () => rng.integer(0, high));

/** Each entry of `table` with that chance. */
export function someOf(rng: Random, table: Record<string, () => unknown>, chance = 0.25): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(table)
      .filter(() => rng.chance(chance))
      .map(([name, make]) => [name, make()]),
  );
}

/** The value of `f`, and its gradients in all of its tensors that are float32. */
export function withGradients(f: (...inputs: tf.Tensor[]) => tf.Tensor, inputs: tf.Tensor[]): tf.Tensor[] {
  const floats = inputs.every((input) => input instanceof tf.Tensor && input.dtype === 'float32');
  const plain = f(...inputs);
  if (!floats) return [plain];
  const { value, grads } = tf.valueAndGrads((...xs: tf.Tensor[]) => tf.sum<tf.Scalar>(tf.square(f(...xs))))(inputs);
  return [plain, value, ...grads];
}
