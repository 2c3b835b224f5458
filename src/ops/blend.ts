// A weighted sum of two tensors.

import type { Tensor } from '@tensorflow/tfjs-core';
import { blendKernel } from '../kernels/blend.js';
import { checkShape, checkTensor } from '../checks/tensors.js';
import { checkNumber } from '../checks/values.js';
import { runKernel } from './runKernel.js';

/**
 * a x + b y, as a constant: for running statistics.
 *
 * @param x float32 tensor of any shape.
 * @param a of x.
 * @param y float32 tensor of x's shape.
 * @param b of y.
 * @returns a tensor of x's shape.
 * @throws Error that names the argument, if one is wrong.
 */
export function blend(x: Tensor, a: number, y: Tensor, b: number): Tensor {
  checkTensor('blend', 'x', x, ['float32']);
  checkShape('blend', 'y', y, x.shape);
  checkNumber('blend', 'a', a, () => true, 'finite');
  checkNumber('blend', 'b', b, () => true, 'finite');
  return runKernel(blendKernel, { x, y }, { a, b })[0];
}
