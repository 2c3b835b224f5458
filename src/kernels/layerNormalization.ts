// LayerNormalization and its gradient, over the last axis; not centered, that of the root mean square.

import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { formatShape } from '../checks/tensors.js';
import { ROW_MOMENTS } from '../runtime/generated/bindings.js';
import { withProblem, runProblem } from '../runtime/problem.js';
import { sumColumns } from './columnSums.js';
import { defineKernel } from './defineKernel.js';
import type { OperandChecks } from './operandChecks.js';

export interface LayerNormalizationAttributes {
  /** Added to the variance. */
  epsilon: number;
  /** Whether each row's mean is taken off; if not, its mean square is its variance. */
  centered: boolean;
}

type Named<Name extends string> = Record<Name, TensorInfo>;

/** x [..., C], C 1 or more, and gamma [C]; returns the sizes. */
function checkCall(
  check: OperandChecks,
  x: TensorInfo,
  gamma: TensorInfo,
  { epsilon, centered }: LayerNormalizationAttributes,
) {
  const shape = check.tensor('x', x, '[..., C]');
  const columns = shape.at(-1)!;
  if (columns < 1) check.refuse('x', formatShape(x), '[..., C], C 1 or more');
  check.shaped('gamma', gamma, [columns]);
  check.number('epsilon', epsilon, 0);
  check.flag('centered', centered);
  return { rows: util.sizeFromShape(shape.slice(0, -1)), columns };
}

/** x [..., C], gamma [C], beta [C], 0 if not given; outputs [y [..., C], what the gradient needs of each row [rows, ROW_MOMENTS]]. */
export const layerNormalizationKernel = defineKernel<
  Named<'x' | 'gamma'> & { beta: TensorInfo | undefined },
  LayerNormalizationAttributes
>('LayerNormalization', (heap, { x, gamma, beta }, attributes, check) => {
  const sizes = checkCall(check, x, gamma, attributes);
  if (beta) check.shaped('beta', beta, [sizes.columns]);
  const { epsilon, centered } = attributes;
  return heap.computeOutputs([x, { shape: [sizes.rows, ROW_MOMENTS], dtype: x.dtype }], ([y, statistics]) =>
    runProblem(heap, 'layerNormalization', {
      ...{ x, y, gamma, beta, statistics, ...sizes, epsilon },
      centered: Number(centered),
    }),
  );
});

/** Outputs [dX, dGamma, dBeta]. */
export const layerNormalizationGradKernel = defineKernel<
  Named<'x' | 'gamma' | 'statistics' | 'dY'>,
  LayerNormalizationAttributes
>('LayerNormalizationGrad', (heap, { x, gamma, statistics, dY }, attributes, check) => {
  const sizes = checkCall(check, x, gamma, attributes);
  check.shaped('statistics', statistics, [sizes.rows, ROW_MOMENTS]);
  check.shaped('dY', dY, x.shape);
  const { epsilon, centered } = attributes;
  return heap.computeOutputs([x, gamma, gamma], ([dX, dGamma, dBeta]) => {
    const values = { x, gamma, statistics, dY, dX, ...sizes, epsilon, centered: Number(centered) };
    withProblem(heap, 'LayerNormalizationProblem', values, (problem) => {
      const { columns } = sizes;
      const rows = problem.countTasks('layerNormalizationBackward');
      heap.withScratch(8 * rows * columns, (sums) => {
        problem.set('sums', sums);
        problem.run('layerNormalizationBackward');
        const parts = { rows, columns, stride: 2 * columns };
        sumColumns(heap, { ...parts, out: dGamma, x: sums });
        sumColumns(heap, { ...parts, out: dBeta, x: sums + 4 * columns });
      });
    });
  });
});
