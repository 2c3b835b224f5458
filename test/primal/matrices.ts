// Regressions and attention on matrices: one sample, one head.

import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { attention, type AttentionOptions, type SupportVectorOptions } from '../../src/index.js';
import { maxError, maxSize } from '../support/attention.js';
import { normal } from '../support/normal.js';
import { rowsOf } from '../oracles/matrix.js';

/** The rows of a matrix, in float64. */
export const rows = (matrix: tf.Tensor2D) => rowsOf(matrix.dataSync(), matrix.shape[1]);

/** `attention` for one sample and one head, all operands being matrices. */
export function attend(q: tf.Tensor2D, k: tf.Tensor2D, v: tf.Tensor2D, options: AttentionOptions = {}): tf.Tensor2D {
  const [q4, k4, v4] = [q, k, v].map((x) => tf.reshape(x, [1, 1, ...x.shape]));
  return tf.reshape(attention(q4, k4, v4, options), [q.shape[0], v.shape[1]]);
}

/** Targets that follow from the keys, but for noise. */
export const noisy = (keys: tf.Tensor2D): tf.Tensor2D =>
  tf.tidy(() =>
    tf.add<tf.Tensor2D>(
      tf.sin(tf.mul(tf.slice(keys, [0, 0], [-1, 2]), 2)),
      tf.mul(normal([keys.shape[0], 2], 'noise'), 0.3),
    ),
  );

/** Options of the regressions. */
export const price = {
  C: 2,
  epsilon: 0.05,
  kernelScale: 'auto',
  tolerance: 1e-7,
} as const satisfies SupportVectorOptions;

/** Equal, but for float32. */
export function expectSame(actual: tf.Tensor, expected: tf.Tensor | number[][], bound = 1e-5): void {
  const [a, b] = [actual.dataSync(), Array.isArray(expected) ? expected.flat() : expected.dataSync()];
  expect(maxError(a, b)).toBeLessThan(bound * Math.max(1, maxSize(b)));
}
