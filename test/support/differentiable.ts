// An op and its gradients against a plain float64 function.

import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { maxError, maxSize } from './attention.js';
import { normal } from './normal.js';

/** Of central differences in float64: their error is some 1e-9 of the values. */
const STEP = 1e-5;

/** Value of `op`, and the gradients of sum(dY op(inputs)) in all inputs. */
export function valueAndGradients(
  op: (...inputs: tf.Tensor[]) => tf.Tensor,
  inputs: tf.Tensor[],
  dY?: tf.Tensor,
): tf.Tensor[] {
  return tf.tidy(() => [op(...inputs), ...tf.grads(op)(inputs, dY)]);
}

/**
 * Compares values with those of `oracle`, and gradients with the central differences of the oracle, both within
 * `tolerance` of the largest number. The oracle gets the inputs' values one after the other.
 */
export function expectDifferentiable(
  op: (...inputs: tf.Tensor[]) => tf.Tensor,
  oracle: (...inputs: number[][]) => number[],
  inputs: tf.Tensor[],
  tolerance = 3e-6,
): void {
  const points = inputs.map((input) => [...input.dataSync()]);
  const expected = oracle(...points);
  const shape = tf.tidy(() => op(...inputs).shape);
  const dY = normal(shape, 99);
  const weights = dY.dataSync();
  const loss = () => oracle(...points).reduce((sum, value, i) => sum + weights[i] * value, 0);
  const [value, ...gradients] = valueAndGradients(op, inputs, dY);
  const near = (found: tf.Tensor, wanted: number[], name: string) =>
    expect(maxError(found.dataSync(), wanted), name).toBeLessThan(tolerance * Math.max(1, maxSize(wanted)));
  near(value, expected, 'value');
  gradients.forEach((gradient, i) => {
    expect(gradient.shape).toEqual(inputs[i].shape);
    const differences = points[i].map((at, j) => {
      points[i][j] = at + STEP;
      const above = loss();
      points[i][j] = at - STEP;
      const below = loss();
      points[i][j] = at;
      return (above - below) / (2 * STEP);
    });
    near(gradient, differences, `gradient ${i}`);
  });
  tf.dispose([value, dY, ...gradients]);
}

/** Runs `use` some times, and expects as many tensors and bytes afterwards as before. */
export function expectNoLeaks(use: () => tf.Tensor[]): void {
  tf.dispose(use());
  const memory = tf.memory();
  for (let i = 0; i < 20; i++) tf.dispose(use());
  expect(tf.memory()).toEqual(memory);
  expect(tf.backend().numDataIds()).toBe(memory.numDataBuffers);
}
