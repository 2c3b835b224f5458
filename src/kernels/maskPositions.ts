// MaskPositions: padding set to 0.

import type { TensorInfo } from '@tensorflow/tfjs-core';
import { runProblem } from '../runtime/problem.js';
import { defineKernel } from './defineKernel.js';
import { shareData } from './identity.js';

export interface MaskPositionsAttributes {
  /** int, one per sample: positions from there on become 0. */
  lengths: number[];
}

/** x [B, N, C]; output as x: its data once more where there is no padding. */
export const maskPositionsKernel = defineKernel<{ x: TensorInfo }, MaskPositionsAttributes>(
  'MaskPositions',
  (heap, { x }, { lengths }) => {
    const [batch, positions, columns] = x.shape;
    if (lengths.every((length) => length >= positions)) return [shareData(heap, x)];
    return heap.computeOutputs([x], ([y]) =>
      runProblem(heap, 'maskPositions', { x, y, lengths, batch, positions, columns }),
    );
  },
);
