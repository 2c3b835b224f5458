// One step of Adam's descendants over all variables of a model.

import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Variable } from '@tensorflow/tfjs-core';
import {
  momentInput,
  momentParts,
  type MomentRule,
  type MomentStepAttributes,
  momentStepKernel,
} from '../kernels/momentStep.js';
import { checkTensor, formatShape } from '../checks/tensors.js';
import { Heap } from '../runtime/heap.js';
import { runKernel } from './runKernel.js';

/** A variable, its gradient, the means of the gradient and of its square, and how it steps. */
export interface MomentSlot {
  parameter: Variable;
  gradient: Tensor;
  first: Variable;
  second: Variable;
  /** The largest mean of squares so far; where it is given, the step is divided by its root (AMSGrad). */
  most?: Variable;
  /** How it steps; default: as the settings say. */
  rule?: MomentRule;
}

/** What is common to all slots. */
export type MomentStepSettings = Omit<MomentStepAttributes, 'fresh' | 'rules'> & Partial<MomentRule>;

const parts = [
  ['gradient', 'gradient'],
  ['first', 'mean gradient'],
  ['second', 'mean squared gradient'],
  ['most', 'largest mean squared gradient'],
] as const;

/**
 * Steps all variables and their moments, in one kernel call:
 *
 *     first = beta1 first + (1 - beta1) g,   second = beta2 second + (1 - beta2) g^2,   most = max(most, second)
 *     parameter = decay parameter - stepSize first / (sqrt(second or most) + epsilon)
 *
 * with g the gradient after clipping, see GradientLimits. Data that no other tensor shares is changed in place; a variable
 * whose data has other owners, or a copy in tfjs's kernels, gets data of its own, so that a clone never changes.
 *
 * @param slots float32, the tensors of each of one shape
 * @param settings see MomentStepAttributes; decay, stepSize and epsilon are those of slots without a rule of their own
 * @throws Error, before anything changes, if a gradient does not fit its variable, is not finite, or is so large, after
 *   clipping, that its square is not; OutOfMemoryError
 */
export function momentStep(
  slots: readonly MomentSlot[],
  { decay = 1, stepSize = 0, epsilon, ...settings }: MomentStepSettings,
): void {
  for (const slot of slots) {
    const { parameter } = slot;
    checkTensor('momentStep', parameter.name, parameter, ['float32']);
    for (const [part, name] of parts) {
      const tensor = slot[part];
      if (part === 'most' && tensor === undefined) continue;
      const full = `${name} of ${parameter.name}`;
      checkTensor('momentStep', full, tensor, ['float32']);
      if (tf.util.arraysEqual(tensor!.shape, parameter.shape)) continue;
      throw new Error(`momentStep: ${full} was ${formatShape(tensor!)}; it must be ${formatShape(parameter)}`);
    }
  }
  if (slots.length === 0) return;
  const inputs = Object.fromEntries(
    slots.flatMap((slot, variable) =>
      momentParts.flatMap((part) => (slot[part] ? [[momentInput(part, variable), slot[part]] as const] : [])),
    ),
  );
  const heap = Heap.of();
  const { backend } = heap;
  const shared = slots.flatMap((slot, variable) =>
    momentParts.flatMap((part) => {
      const tensor = slot[part];
      if (part === 'gradient' || !tensor) return [];
      if (backend.refCount(tensor.dataId) === 1 && !heap.keepsCopy(tensor)) return [];
      return [{ name: momentInput(part, variable), tensor: tensor as Variable }];
    }),
  );
  const rules = slots.map(({ rule }) => rule ?? { decay, stepSize, epsilon });
  const attributes = { ...settings, rules, fresh: shared.map(({ name }) => name) };
  const outputs = runKernel(momentStepKernel, inputs, attributes);
  shared.forEach(({ tensor }, index) => tensor.assign(outputs[index]));
  tf.dispose(outputs);
}
