// Dropout, and Residual: the sum of a tensor and a branch after dropout.

import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Heap } from '../runtime/heap.js';
import { runProblem } from '../runtime/problem.js';
import { checkRate } from '../checks/values.js';
import { defineKernel } from './defineKernel.js';
import type { OperandChecks } from './operandChecks.js';

export interface DropoutAttributes {
  /** Probability that an element is dropped. */
  rate: number;
  /** Any integer: what is dropped depends on it, and on an element's index, only. */
  seed: number;
}

/** x after dropout, added to `base` if there is one. */
export function addDropped(
  heap: Heap,
  x: TensorInfo,
  base: TensorInfo | undefined,
  { rate, seed }: DropoutAttributes,
): TensorInfo[] {
  return heap.computeOutputs([x], ([out]) => {
    const keepFrom = Math.floor(2 ** 32 * rate) - 2 ** 31;
    const count = util.sizeFromShape(x.shape);
    runProblem(heap, 'dropout', { x, base, out, count, seed, keepFrom, factor: 1 / (1 - rate) });
  });
}

function checkDropout(check: OperandChecks, { rate, seed }: DropoutAttributes): void {
  checkRate(check.owner, 'rate', rate);
  check.integer('seed', seed, -Infinity, Infinity);
}

/** Output as x: some elements 0, the others divided by 1 - rate. */
export const dropoutKernel = defineKernel<{ x: TensorInfo }, DropoutAttributes>(
  'SeededDropout',
  (heap, { x }, attributes, check) => {
    check.tensor('x', x);
    checkDropout(check, attributes);
    return addDropped(heap, x, undefined, attributes);
  },
);

/** x and branch of one shape; output [x + dropout(branch)]. */
export const residualKernel = defineKernel<{ x: TensorInfo; branch: TensorInfo }, DropoutAttributes>(
  'Residual',
  (heap, { x, branch }, attributes, check) => {
    check.shaped('branch', branch, check.tensor('x', x));
    checkDropout(check, attributes);
    return addDropped(heap, branch, x, attributes);
  },
);
