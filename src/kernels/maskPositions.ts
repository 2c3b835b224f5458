// MaskPositions: padding set to 0, or only what would do harm there.

import type { TensorInfo } from '@tensorflow/tfjs-core';
import { runProblem } from '../runtime/problem.js';
import { defineKernel } from './defineKernel.js';
import { shareData } from './identity.js';

export interface MaskPositionsAttributes {
  /** int, one per sample: positions from there on become 0. */
  lengths: number[];
  /** Numbers of a size below it stay; default 0. */
  kept?: number;
}

/** Numbers below it are far from overflow, also in sums of products with others like them. */
export const CALM = 2 ** 40;

/** x [B, N, C]; output as x: its data once more where there is no padding. */
export const maskPositionsKernel = defineKernel<{ x: TensorInfo }, MaskPositionsAttributes>(
  'MaskPositions',
  (heap, { x }, { lengths, kept = 0 }, check) => {
    const [batch, positions, columns] = check.tensor('x', x, '[B, N, C]');
    check.lengths(lengths, batch, positions);
    check.number('kept', kept);
    if (lengths.every((length) => length >= positions)) return [shareData(heap, x)];
    return heap.computeOutputs([x], ([y]) =>
      runProblem(heap, 'maskPositions', { x, y, lengths, batch, positions, columns, kept }),
    );
  },
);
