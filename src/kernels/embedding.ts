// Embedding and its gradient: rows of a table by index.

import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { runProblem } from '../runtime/problem.js';
import { defineKernel } from './defineKernel.js';
import { sumSegments } from './sumSegments.js';

export interface EmbeddingAttributes {
  /** Rows of the table. */
  count: number;
}

/** indices [...S] (int32, 0 .. V - 1), table [V, C]; output [[...S, C]]. */
export const embeddingKernel = defineKernel<{ indices: TensorInfo; table: TensorInfo }>(
  'Embedding',
  (heap, { indices, table }) => {
    const [count, width] = table.shape;
    const rows = util.sizeFromShape(indices.shape);
    return heap.computeOutputs([{ shape: [...indices.shape, width], dtype: table.dtype }], ([rowValues]) =>
      runProblem(heap, 'gatherRows', { rowValues, table, indices, rows, count, width }),
    );
  },
);

/** dY [...S, C]; output [dTable [V, C]]. */
export const embeddingGradKernel = defineKernel<{ indices: TensorInfo; dY: TensorInfo }, EmbeddingAttributes>(
  'EmbeddingGrad',
  (heap, { indices, dY }, { count }) => {
    const width = dY.shape.at(-1)!;
    const rows = util.sizeFromShape(indices.shape);
    return heap.computeOutputs([{ shape: [count, width], dtype: dY.dtype }], ([table]) =>
      sumSegments(heap, { rowValues: dY, table, indices, rows, count, width }),
    );
  },
);
