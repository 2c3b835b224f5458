// The residual sum of a transformer's parts, differentiable.

import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { dropoutKernel, residualKernel } from '../kernels/dropout.js';
import { differentiable } from '../runtime/gradients.js';
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
  const attributes = { rate, seed };
  return differentiable(
    { x, branch },
    () => runKernel(residualKernel, { x, branch }, attributes)[0] as T,
    (dY) => {
      const share = () => tf.clone(dY);
      return { x: share, branch: rate === 0 ? share : () => runKernel(dropoutKernel, { x: dY }, attributes)[0] };
    },
  );
}
