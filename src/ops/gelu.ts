// The Gaussian error linear unit, differentiable.

import type { Tensor } from '@tensorflow/tfjs-core';
import { geluGradKernel, geluKernel } from '../kernels/gelu.js';
import { differentiable } from '../runtime/gradients.js';
import { checkTensor } from '../checks/tensors.js';
import { runKernel } from './runKernel.js';

/**
 * Gaussian error linear unit: x Phi(x), with Phi the standard normal distribution function, within 2.4e-7; or its tanh
 * form, x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))).
 *
 * @param x float32 tensor of any shape.
 * @param approximate whether to take the tanh form; default false.
 * @returns a tensor of x's shape; differentiable in x (first order).
 * @throws Error if x is not a live float32 tensor.
 * @see D. Hendrycks, K. Gimpel, "Gaussian Error Linear Units", arXiv 1606.08415.
 */
export function gelu<T extends Tensor>(x: T, approximate = false): T {
  checkTensor('gelu', 'x', x, ['float32']);
  return differentiable(
    { x },
    (save) => {
      save([x]);
      return runKernel(geluKernel, { x }, { approximate })[0] as T;
    },
    (dY, [x]) => ({ x: runKernel(geluGradKernel, { x, dY }, { approximate })[0] }),
  );
}
