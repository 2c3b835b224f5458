// BatchNormalization, its gradient and its form for inference: statistics of each channel over samples and positions.

import type { TensorInfo } from '@tensorflow/tfjs-core';
import { runProblem } from '../runtime/problem.js';
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

/** x [B, N, C], gamma [C], beta [C]; outputs [y [B, N, C], mean [C], variance [C], biased]. */
export const batchNormalizationKernel = defineKernel<Named<'x' | 'gamma' | 'beta'>, BatchNormalizationAttributes>(
  'BatchNormalization',
  (heap, { x, gamma, beta }, attributes, check) => {
    checkCall(check, x, { gamma, beta }, attributes);
    return heap.computeOutputs([x, gamma, gamma], ([y, mean, variance]) =>
      runProblem(heap, 'batchNormalization', {
        ...{ x, y, gamma, beta, mean, variance },
        ...sizesOf(x),
        ...attributes,
      }),
    );
  },
);

/** Outputs [dX, dGamma, dBeta]. Without a valid position, mean and variance are constants. */
export const batchNormalizationGradKernel = defineKernel<
  Named<'x' | 'gamma' | 'mean' | 'variance' | 'dY'>,
  BatchNormalizationAttributes
>('BatchNormalizationGrad', (heap, { x, gamma, mean, variance, dY }, attributes, check) => {
  checkCall(check, x, { gamma, mean, variance }, attributes);
  check.shaped('dY', dY, x.shape);
  return heap.computeOutputs([x, gamma, gamma], ([dX, dGamma, dBeta]) =>
    runProblem(heap, 'batchNormalizationBackward', {
      ...{ x, gamma, mean, variance, dY, dX, dGamma, dBeta },
      ...sizesOf(x),
      ...attributes,
    }),
  );
});

/** x [B, N, C], all others [C]; output [y]. */
export const batchNormalizationInferenceKernel = defineKernel<
  Named<'x' | 'gamma' | 'beta' | 'mean' | 'variance'>,
  BatchNormalizationAttributes
>('BatchNormalizationInference', (heap, { x, gamma, beta, mean, variance }, attributes, check) => {
  checkCall(check, x, { gamma, beta, mean, variance }, attributes);
  return heap.computeOutputs([x], ([y]) =>
    runProblem(heap, 'normalizeColumns', {
      ...{ x, y, gamma, beta, mean, variance },
      ...sizesOf(x),
      ...attributes,
    }),
  );
});
