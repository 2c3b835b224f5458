// AddPositions and its gradient: a vector for each position, added to every sample.

import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Heap } from '../runtime/heap.js';
import { runProblem } from '../runtime/problem.js';
import { sumColumns } from './columnSums.js';
import { defineKernel } from './defineKernel.js';

export interface AddPositionsAttributes {
  /** Of x. */
  scale: number;
}

function run(heap: Heap, x: TensorInfo, y: TensorInfo, scale: number, positions?: TensorInfo): void {
  const [batch, ...sample] = x.shape;
  runProblem(heap, 'addPositions', { x, positions, y, batch, size: util.sizeFromShape(sample), scale });
}

/** x [B, N, C], positions [N, C]; output [scale x + positions]. */
export const addPositionsKernel = defineKernel<{ x: TensorInfo; positions: TensorInfo }, AddPositionsAttributes>(
  'AddPositions',
  (heap, { x, positions }, { scale }, check) => {
    check.shaped('positions', positions, check.tensor('x', x, '[B, N, C]').slice(1));
    check.number('scale', scale);
    return heap.computeOutputs([x], ([y]) => run(heap, x, y, scale, positions));
  },
);

/** Outputs [dPositions, and dX unless the scale is 1: then it is dY]. */
export const addPositionsGradKernel = defineKernel<{ dY: TensorInfo }, AddPositionsAttributes>(
  'AddPositionsGrad',
  (heap, { dY }, { scale }, check) => {
    const [rows, ...sample] = check.tensor('dY', dY, '[B, N, C]');
    check.number('scale', scale);
    const outputs = [{ shape: sample, dtype: dY.dtype }, ...(scale === 1 ? [] : [dY])];
    return heap.computeOutputs(outputs, ([dPositions, dX]) => {
      sumColumns(heap, { out: dPositions, x: dY, rows, columns: util.sizeFromShape(sample) });
      if (dX) run(heap, dY, dX, scale);
    });
  },
);
