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
  (heap, { indices, table }, _, check) => {
    const rows = util.sizeFromShape(check.tensor('indices', indices, '[...]', ['int32']));
    const [count, width] = check.tensor('table', table, '[V, C]');
    // As its gradient does: tfjs keeps what it has saved where only that fails.
    check.integer('the number of rows of table', count);
    const values = heap.int32(heap.address(indices), rows);
    const wrong = values.findIndex((index) => index < 0 || index >= count);
    if (wrong >= 0) {
      throw new Error(`embedding: index ${wrong} was ${values[wrong]}; it must be from 0 to ${count - 1}`);
    }
    return heap.computeOutputs([{ shape: [...indices.shape, width], dtype: table.dtype }], ([rowValues]) =>
      runProblem(heap, 'gatherRows', { rowValues, table, indices, rows, count, width }),
    );
  },
);

/** dY [...S, C]; output [dTable [V, C]]. */
export const embeddingGradKernel = defineKernel<{ indices: TensorInfo; dY: TensorInfo }, EmbeddingAttributes>(
  'EmbeddingGrad',
  (heap, { indices, dY }, { count }, check) => {
    const shape = check.tensor('indices', indices, '[...]', ['int32']);
    const width = check.tensor('dY', dY, '[..., C]').at(-1)!;
    check.shaped('dY', dY, [...shape, width]);
    check.integer('count', count);
    const rows = util.sizeFromShape(shape);
    return heap.computeOutputs([{ shape: [count, width], dtype: dY.dtype }], ([table]) =>
      sumSegments(heap, { rowValues: dY, table, indices, rows, count, width }),
    );
  },
);
