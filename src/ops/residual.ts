// The residual sum of a transformer's parts, differentiable.

import * as tf from '@tensorflow/tfjs-core';
import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';
import { DROPOUT, type DropoutAttributes, RESIDUAL } from '../kernels/dropout.js';
import { checkShape, checkTensor } from '../checks/tensors.js';
import { checkInteger, checkRate } from '../checks/values.js';
import { runKernel } from './runKernel.js';

/**
 * x + dropout(branch), in one pass.
 *
 * @param x float32 tensor of any shape.
 * @param branch float32 tensor of x's shape.
 * @param rate see `dropout`; default 0.
 * @param seed see `dropout`; default 0.
 * @returns a tensor of x's shape; differentiable in both.
 * @throws Error that names the argument, if one is wrong.
 */
export function residual<T extends Tensor>(x: T, branch: Tensor, rate = 0, seed = 0): T {
  checkTensor('residual', 'x', x, ['float32']);
  checkShape('residual', 'branch', branch, x.shape);
  checkRate('residual', 'rate', rate);
  checkInteger('residual', 'seed', seed, -Infinity, Infinity);
  const attributes: DropoutAttributes = { rate, seed };
  return runKernel(RESIDUAL, [x, branch], attributes)[0] as T;
}

export const residualGradient: GradConfig = {
  kernelName: RESIDUAL,
  gradFunc(dY, _saved, attributes) {
    const { rate } = attributes as unknown as DropoutAttributes;
    const share = () => tf.clone(dY as Tensor);
    return { 0: share, 1: rate === 0 ? share : () => runKernel(DROPOUT, [dY as Tensor], attributes)[0] };
  },
};
