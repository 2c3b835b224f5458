// One step of Adam's descendants over all variables of a model.

import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Variable } from '@tensorflow/tfjs-core';
import { momentInput, momentParts, type MomentStepAttributes, momentStepKernel } from '../kernels/momentStep.js';
import { checkTensor, formatShape } from '../checks/tensors.js';
import { runKernel } from './runKernel.js';

/** A variable, its gradient, and the means of the gradient and of its square. */
export interface MomentSlot {
  parameter: Variable;
  gradient: Tensor;
  first: Variable;
  second: Variable;
}

/**
 * Steps all variables and their moments, in one kernel call:
 *
 *     first = beta1 first + (1 - beta1) g,   second = beta2 second + (1 - beta2) g^2
 *     parameter = decay parameter - stepSize first / (sqrt(second) + epsilon)
 *
 * with g the gradient, scaled down so that the joint norm of all is at most clipNorm. Data that no other tensor shares is
 * changed in place; a variable whose data has other owners gets data of its own, so that a clone never changes.
 *
 * @param slots float32, the tensors of each of one shape
 * @param settings see MomentStepAttributes
 * @throws Error, before anything changes, if a gradient does not fit its variable, or clipping finds a norm that is not finite
 */
export function momentStep(
  slots: readonly MomentSlot[],
  settings: Omit<MomentStepAttributes, 'fresh' | 'variables'>,
): void {
  for (const { parameter, gradient, first, second } of slots) {
    const own = { gradient, 'mean gradient': first, 'mean squared gradient': second };
    checkTensor('momentStep', parameter.name, parameter, ['float32']);
    for (const [name, tensor] of Object.entries(own)) {
      const full = `${name} of ${parameter.name}`;
      checkTensor('momentStep', full, tensor, ['float32']);
      if (tf.util.arraysEqual(tensor.shape, parameter.shape)) continue;
      throw new Error(`momentStep: ${full} was ${formatShape(tensor)}; it must be ${formatShape(parameter)}`);
    }
  }
  if (slots.length === 0) return;
  const inputs = Object.fromEntries(
    slots.flatMap((slot, variable) => momentParts.map((part) => [momentInput(part, variable), slot[part]] as const)),
  );
  const backend = tf.backend();
  const shared = slots.flatMap((slot, variable) =>
    (['parameter', 'first', 'second'] as const).flatMap((part) =>
      backend.refCount(slot[part].dataId) === 1 ? [] : [{ name: momentInput(part, variable), tensor: slot[part] }],
    ),
  );
  const attributes = { ...settings, variables: slots.length, fresh: shared.map(({ name }) => name) };
  const outputs = runKernel(momentStepKernel, inputs, attributes);
  shared.forEach(({ tensor }, index) => tensor.assign(outputs[index]));
  tf.dispose(outputs);
}
