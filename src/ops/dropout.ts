// Dropout with a seed, differentiable.

import * as tf from '@tensorflow/tfjs-core';
import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';
import { DROPOUT, type DropoutAttributes } from '../kernels/dropout.js';
import { checkTensor } from '../checks/tensors.js';
import { checkInteger, checkRate } from '../checks/values.js';
import { runKernel } from './runKernel.js';

/**
 * Sets a random part of the elements to 0 and divides the others by 1 - rate, which keeps the expectation.
 *
 * @param x float32 tensor of any shape.
 * @param rate probability that an element is dropped, in [0, 1).
 * @param seed any integer, taken modulo 2^32: the same seed drops the same elements.
 * @returns a tensor of x's shape; differentiable in x.
 * @throws Error that names the argument, if one is wrong.
 */
export function dropout<T extends Tensor>(x: T, rate: number, seed: number): T {
  checkTensor('dropout', 'x', x, ['float32']);
  checkRate('dropout', 'rate', rate);
  checkInteger('dropout', 'seed', seed, -Infinity, Infinity);
  if (rate === 0) return tf.clone(x);
  const attributes: DropoutAttributes = { rate, seed };
  return runKernel(DROPOUT, [x], attributes)[0] as T;
}

export const dropoutGradient: GradConfig = {
  kernelName: DROPOUT,
  gradFunc: (dY, _saved, attributes) => ({ 0: () => runKernel(DROPOUT, [dY as Tensor], attributes)[0] }),
};
