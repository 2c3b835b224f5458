// BatchNormalization, its gradient and its form for inference: statistics of each channel over samples and positions.

import type { TensorInfo } from '@tensorflow/tfjs-core';
import { FACTOR_ROWS, type StructValues } from '../runtime/generated/bindings.js';
import type { Heap } from '../runtime/heap.js';
import { type Problem, withProblem } from '../runtime/problem.js';
import { defineKernel } from './defineKernel.js';
import type { OperandChecks } from './operandChecks.js';

export interface BatchNormalizationAttributes {
  /** int, one per sample: the statistics are those of the positions before. */
  lengths: number[];
  /** Added to the variance. */
  epsilon: number;
}

type Named<Name extends string> = Record<Name, TensorInfo>;

/** x [B, N, C], and vectors [C]. */
function checkCall(
  check: OperandChecks,
  x: TensorInfo,
  vectors: Readonly<Record<string, TensorInfo>>,
  { lengths, epsilon }: BatchNormalizationAttributes,
): void {
  const [batch, positions, columns] = check.tensor('x', x, '[B, N, C]');
  for (const name in vectors) check.shaped(name, vectors[name], [columns]);
  check.lengths(lengths, batch, positions);
  check.number('epsilon', epsilon, 0);
}

function sizesOf({ shape: [batch, positions, columns] }: TensorInfo) {
  return { batch, positions, columns };
}

type BatchNormalization = 'BatchNormalizationProblem';

/** Runs `use` with a problem and room for the factors of its columns, and for parts of sums where it is asked for. */
function withScratchProblem(
  heap: Heap,
  values: StructValues[BatchNormalization],
  parts: boolean,
  use: (problem: Problem<BatchNormalization>) => void,
): void {
  withProblem(heap, 'BatchNormalizationProblem', values, (problem) => {
    const factorBytes = 4 * FACTOR_ROWS * values.columns;
    heap.withScratch(factorBytes + (parts ? problem.call('batchPartsBytes') : 0), (scratch) => {
      problem.set('factors', scratch);
      problem.set('parts', scratch + factorBytes);
      use(problem);
    });
  });
}

/** x [B, N, C], gamma [C], beta [C]; outputs [y [B, N, C], mean [C], variance [C], biased, and its root [C]]. */
export const batchNormalizationKernel = defineKernel<Named<'x' | 'gamma' | 'beta'>, BatchNormalizationAttributes>(
  'BatchNormalization',
  (heap, { x, gamma, beta }, attributes, check) => {
    checkCall(check, x, { gamma, beta }, attributes);
    return heap.computeOutputs([x, gamma, gamma, gamma], ([y, mean, variance, deviation]) => {
      const values = { x, y, gamma, beta, mean, variance, deviation, ...sizesOf(x), ...attributes };
      withScratchProblem(heap, values, true, (problem) => {
        problem.run('batchMoments');
        problem.run('combineMoments');
        problem.run('normalizeColumns');
      });
    });
  },
);

/** Outputs [dX, dGamma, dBeta]. Without a valid position, mean and deviation are constants. */
export const batchNormalizationGradKernel = defineKernel<
  Named<'x' | 'gamma' | 'mean' | 'deviation' | 'dY'>,
  BatchNormalizationAttributes
>('BatchNormalizationGrad', (heap, { x, gamma, mean, deviation, dY }, attributes, check) => {
  checkCall(check, x, { gamma, mean, deviation }, attributes);
  check.shaped('dY', dY, x.shape);
  return heap.computeOutputs([x, gamma, gamma], ([dX, dGamma, dBeta]) => {
    const values = { x, gamma, mean, deviation, dY, dX, dGamma, dBeta, ...sizesOf(x), ...attributes };
    withScratchProblem(heap, values, true, (problem) => {
      problem.run('columnFactors');
      problem.run('batchGradients');
      problem.run('combineGradients');
      problem.run('differentiateColumns');
    });
  });
});

/** x [B, N, C], all others [C]; output [y]. */
export const batchNormalizationInferenceKernel = defineKernel<
  Named<'x' | 'gamma' | 'beta' | 'mean' | 'variance'>,
  BatchNormalizationAttributes
>('BatchNormalizationInference', (heap, { x, gamma, beta, mean, variance }, attributes, check) => {
  checkCall(check, x, { gamma, beta, mean, variance }, attributes);
  return heap.computeOutputs([x], ([y]) => {
    const values = { x, y, gamma, beta, mean, variance, ...sizesOf(x), ...attributes };
    withScratchProblem(heap, values, false, (problem) => {
      problem.run('columnFactors');
      problem.run('normalizeColumns');
    });
  });
});
