// MomentStep: one step of Adam's descendants over all variables, with the gradients' joint norm before it.

import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Heap } from '../runtime/heap.js';
import { type Problem, tableOf, withProblem } from '../runtime/problem.js';
import { defineKernel } from './defineKernel.js';

/** Tensors of one variable, all of one shape. */
export const momentParts = ['parameter', 'gradient', 'first', 'second'] as const;

export interface MomentStepAttributes {
  beta1: number;
  beta2: number;
  /** What decay leaves of a variable: 1 - learningRate weightDecay. */
  decay: number;
  stepSize: number;
  /** undefined: the step is not divided by the root of the mean square. */
  epsilon?: number;
  /** Gradients are scaled down to this joint norm; undefined: the norm is not taken. */
  clipNorm?: number;
  /** Number of variables. */
  variables: number;
  /** Names of the inputs whose new values are outputs; all other inputs but gradients are changed in place. */
  fresh: string[];
}

/** The name of an input: a part of the variable of an index. */
export function momentInput(part: (typeof momentParts)[number], variable: number): string {
  return `${part}${variable}`;
}

/** The joint L2 norm of all gradients: float64 sums of spans, added up in their order. */
function jointNorm(heap: Heap, problem: Problem<'MomentProblem'>): number {
  const count = problem.countTasks('squaredNorm');
  return heap.withScratch(8 * count, (sums) => {
    problem.set('sums', sums);
    problem.run('squaredNorm');
    return Math.sqrt(new Float64Array(heap.memory.buffer, sums, count).reduce((sum, part) => sum + part, 0));
  });
}

/**
 * Inputs as momentInput names them, float32; outputs: the new values of the inputs in `fresh`. Throws Error if the norm is
 * taken and not finite, before anything changes.
 */
export const momentStepKernel = defineKernel<Record<string, TensorInfo>, MomentStepAttributes>(
  'MomentStep',
  (heap, inputs, { variables, fresh, beta1, beta2, decay, stepSize, epsilon, clipNorm }) =>
    heap.computeOutputs(
      fresh.map((name) => inputs[name]),
      (outputs) => {
        const newOnes = new Map(fresh.map((name, index) => [name, outputs[index]]));
        const slots = Array.from({ length: variables }, (_, variable) => {
          const [parameter, gradient, first, second] = momentParts.map((part) => inputs[momentInput(part, variable)]);
          const newOf = (part: (typeof momentParts)[number], old: TensorInfo) =>
            newOnes.get(momentInput(part, variable)) ?? old;
          return {
            ...{ parameter, gradient, first, second, count: util.sizeFromShape(parameter.shape) },
            newParameter: newOf('parameter', parameter),
            newFirst: newOf('first', first),
            newSecond: newOf('second', second),
          };
        });
        const values = {
          ...{ slots: tableOf(heap, 'MomentSlot', slots), count: variables, factor: 1, decay, stepSize },
          ...{ beta1, beta2, oneMinusBeta1: 1 - beta1, oneMinusBeta2: 1 - beta2 },
          ...{ epsilon: epsilon ?? 0, adaptive: Number(epsilon !== undefined) },
        };
        withProblem(heap, 'MomentProblem', values, (problem) => {
          if (clipNorm !== undefined) {
            const norm = jointNorm(heap, problem);
            if (!Number.isFinite(norm)) {
              throw new Error(
                `the gradients' joint norm was ${norm}; the data or the weights are not finite, or too large`,
              );
            }
            problem.set('factor', Math.min(1, clipNorm / norm));
          }
          problem.run('momentStep');
        });
      },
    ),
);
