// The linear map over the last axis, with bias and activation, differentiable.

import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import {
  LINEAR,
  LINEAR_GRAD,
  type LinearActivation,
  linearActivations,
  type LinearAttributes,
  type LinearGradAttributes,
} from '../kernels/linear.js';
import { checkShape, checkTensor, formatShape } from '../checks/tensors.js';
import { checkChoice } from '../checks/values.js';
import { runKernel } from './runKernel.js';
import { withGradient } from './withGradient.js';

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
  if (bias) checkShape('linear', 'bias', bias, [kernel.shape[1]!]);
  checkChoice('linear', 'activation', activation, linearActivations);
  const inputs = bias ? [x, kernel, bias] : [x, kernel];
  const forward = (keepsSum: boolean) => {
    const attributes: LinearAttributes = { activation, keepsSum };
    return runKernel(LINEAR, inputs, attributes);
  };
  if (!tf.engine().isTapeOn()) return forward(false)[0];
  return withGradient(inputs, (save) => {
    const [value, sum] = forward(activation === 'gelu' || activation === 'geluTanh');
    const kept = activation === 'linear' ? [] : [sum ?? value];
    save([x, kernel, ...kept]);
    const attributes: LinearGradAttributes = { activation, hasBias: bias !== undefined };
    const gradFunc = (dY: Tensor, [x, kernel, ...kept]: Tensor[]) =>
      runKernel(LINEAR_GRAD, [x, kernel, dY, ...kept], attributes);
    return { value, gradFunc };
  });
}
