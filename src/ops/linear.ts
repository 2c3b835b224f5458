// The linear map over the last axis, with bias and activation, differentiable.

import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { checkShape, checkTensor, formatShape } from '../checks/tensors.js';
import { checkChoice } from '../checks/values.js';
import { type LinearActivation, linearActivations, linearGradKernel, linearKernel } from '../kernels/linear.js';
import { differentiable } from '../runtime/gradients.js';
import { runKernel } from './runKernel.js';

export { type LinearActivation, linearActivations };

/**
 * activation(x W + b) over the last axis, as one matrix product.
 *
 * @param x float32 [..., C].
 * @param kernel W, float32 [C, U].
 * @param bias b, float32 [U].
 * @param activation 'linear' (default), 'relu', 'gelu', or 'geluTanh', GELU's tanh form.
 * @returns [..., U]; differentiable in all three (first order).
 * @throws Error that names the argument, if one is wrong.
 */
export function linear(x: Tensor, kernel: Tensor, bias?: Tensor, activation: LinearActivation = 'linear'): Tensor {
  checkTensor('linear', 'x', x, ['float32']);
  checkTensor('linear', 'kernel', kernel, ['float32'], '[C, U]');
  if (x.rank < 1 || x.shape[x.rank - 1] !== kernel.shape[0]) {
    throw new Error(
      `linear: x was ${formatShape(x)}; it must be [..., ${kernel.shape[0]}], for a kernel of that height`,
    );
  }
  if (bias !== undefined) checkShape('linear', 'bias', bias, [kernel.shape[1]!]);
  checkChoice('linear', 'activation', activation, linearActivations);
  const keepsSum = tf.engine().isTapeOn() && (activation === 'gelu' || activation === 'geluTanh');
  return differentiable(
    { x, kernel, bias },
    (save) => {
      const [value, sum] = runKernel(linearKernel, { x, kernel, bias }, { activation, keepsSum });
      save([x, kernel, ...(activation === 'linear' ? [] : [sum ?? value])]);
      return value;
    },
    (dY, [x, kernel, kept]) => {
      const attributes = { activation, hasBias: bias !== undefined };
      const [dX, dKernel, dBias] = runKernel(linearGradKernel, { x, kernel, dY, kept }, attributes);
      return { x: dX, kernel: dKernel, bias: dBias };
    },
  );
}
