// Dropout with a seed, differentiable.

import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { dropoutKernel } from '../kernels/dropout.js';
import { differentiable } from '../runtime/gradients.js';
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
  const drop = (values: Tensor) => runKernel(dropoutKernel, { x: values }, { rate, seed })[0];
  return differentiable(
    { x },
    () => drop(x) as T,
    (dY) => ({ x: drop(dY) }),
  );
}
