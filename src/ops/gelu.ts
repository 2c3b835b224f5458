// The Gaussian error linear unit, differentiable.

import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';
import { GELU, GELU_GRAD, type GeluAttributes } from '../kernels/gelu.js';
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
  const attributes: GeluAttributes = { approximate };
  return runKernel(GELU, [x], attributes)[0] as T;
}

export const geluGradient: GradConfig = {
  kernelName: GELU,
  saveAllInputs: true,
  gradFunc: (dy, [x], attributes) => ({ 0: () => runKernel(GELU_GRAD, [x, dy as Tensor], attributes)[0] }),
};
