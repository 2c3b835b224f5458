// tf.train.adam in one kernel for all variables. It relies on how AdamOptimizer of tfjs-core 4.22.0 is built.

import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensorMap, Tensor, Variable } from '@tensorflow/tfjs-core';
import { UnfitGradientError } from '../../kernels/momentStep.js';
import { momentStep } from '../momentStep.js';
import { withConstraints } from '../withConstraints.js';

interface Accumulated {
  originalName: string;
  variable: Variable;
}

/** The optimizer as its own code knows it. */
interface Adam {
  learningRate: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  accumulatedFirstMoment: Accumulated[];
  accumulatedSecondMoment: Accumulated[];
  /** beta1 and beta2 to the power of the step. */
  accBeta1: Variable;
  accBeta2: Variable;
  incrementIterations(): void;
}

type NamedGradients = NamedTensorMap | { name: string; tensor: Tensor | null }[];

type ApplyGradients = (this: Adam, gradients: NamedGradients) => void;

const prototype = tf.AdamOptimizer.prototype as unknown as { applyGradients: ApplyGradients };
const tfjsApply = prototype.applyGradients;

function accumulated(all: Accumulated[], index: number, originalName: string, like: Variable): Variable {
  all[index] ??= { originalName, variable: tf.tidy(() => tf.variable(tf.zerosLike(like), false)) };
  return all[index].variable;
}

function step(optimizer: Adam, gradients: { name: string; tensor: Tensor | null }[]): void {
  const { learningRate, beta1, beta2, epsilon, accumulatedFirstMoment, accumulatedSecondMoment } = optimizer;
  const slots = gradients.map(({ name, tensor }, index) => {
    const parameter = tf.engine().registeredVariables[name];
    const first = accumulated(accumulatedFirstMoment, index, `${name}/m`, parameter);
    const second = accumulated(accumulatedSecondMoment, index, `${name}/v`, parameter);
    return { parameter, gradient: tensor, first, second };
  });
  const [power1, power2] = [optimizer.accBeta1, optimizer.accBeta2].map((power) => power.dataSync()[0]);
  const root = Math.sqrt(1 - power2);
  const moved = slots.filter((slot): slot is typeof slot & { gradient: Tensor } => slot.gradient !== null);
  const settings = { beta1, beta2, stepSize: (learningRate * root) / (1 - power1), epsilon: epsilon * root };
  withConstraints(
    moved.map(({ parameter }) => parameter),
    () => momentStep(moved, settings),
  );
  tf.tidy(() => {
    optimizer.accBeta1.assign(tf.mul(optimizer.accBeta1, beta1));
    optimizer.accBeta2.assign(tf.mul(optimizer.accBeta2, beta2));
  });
  optimizer.incrementIterations();
}

const fusedApply: ApplyGradients = function (gradients) {
  const named = Array.isArray(gradients)
    ? gradients
    : Object.entries(gradients).map(([name, tensor]) => ({ name, tensor: tensor }));
  const { registeredVariables } = tf.engine();
  const isOurs =
    tf.getBackend() === 'wasm' &&
    named.every(({ name, tensor }) =>
      [registeredVariables[name] as Variable | undefined, tensor].every((one) => !one || one.dtype === 'float32'),
    );
  if (!isOurs) return tfjsApply.call(this, gradients);
  try {
    step(this, named);
  } catch (error) {
    // tfjs goes on with NaN; nothing has changed so far.
    if (!(error instanceof UnfitGradientError)) throw error;
    tfjsApply.call(this, gradients);
  }
};

/** Puts the kernel in the place of tfjs's operations, or these back. */
export function fuseAdam(fused: boolean): void {
  prototype.applyGradients = fused ? fusedApply : tfjsApply;
}
