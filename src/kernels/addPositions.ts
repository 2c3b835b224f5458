// AddPositions and its gradient: a vector for each position, added to every sample.

import type { KernelConfig, KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { util } from '@tensorflow/tfjs-core';
import { withFrame } from '../runtime/frame.js';
import { Heap } from '../runtime/heap.js';
import type { Field } from '../runtime/struct.js';
import { runTasks } from '../runtime/tasks.js';
import { sumColumns } from './columnSums.js';

export const ADD_POSITIONS = 'AddPositions';
export const ADD_POSITIONS_GRAD = 'AddPositionsGrad';

export interface AddPositionsAttributes {
  /** Of x. */
  scale: number;
}

/** The fields of AddPositionsProblem in assembly/nn/addPositions.ts, in its order. */
export const addPositionsLayout = {
  x: 'i32',
  positions: 'i32',
  y: 'i32',
  batch: 'i32',
  size: 'i32',
  scale: 'f32',
} as const satisfies Record<string, Field>;

function run(heap: Heap, x: TensorInfo, y: TensorInfo, scale: number, positions?: TensorInfo): void {
  const [batch, ...sample] = x.shape;
  const addresses = { x: heap.address(x), y: heap.address(y), positions: positions && heap.address(positions) };
  const problem = { ...addresses, batch, size: util.sizeFromShape(sample), scale };
  withFrame(heap, addPositionsLayout, problem, {}, ({ address }) => runTasks(heap, 'addPositions', address));
}

/** Inputs [x [B, N, C], positions [N, C]]; output [scale x + positions]. */
function addPositions({ inputs, backend, attrs }: Parameters<KernelFunc>[0]): TensorInfo[] {
  const [x, positions] = inputs as unknown as TensorInfo[];
  const { scale } = attrs as unknown as AddPositionsAttributes;
  const heap = Heap.of(backend);
  return heap.computeOutputs([x], ([y]) => run(heap, x, y, scale, positions));
}

/** Input [dY]; outputs [dPositions, and dX unless the scale is 1: then it is dY]. */
function addPositionsGrad({ inputs, backend, attrs }: Parameters<KernelFunc>[0]): TensorInfo[] {
  const [dY] = inputs as unknown as TensorInfo[];
  const { scale } = attrs as unknown as AddPositionsAttributes;
  const heap = Heap.of(backend);
  const [rows, ...sample] = dY.shape;
  const outputs = [{ shape: sample, dtype: dY.dtype }, ...(scale === 1 ? [] : [dY])];
  return heap.computeOutputs(outputs, ([dPositions, dX]) => {
    sumColumns(heap, {
      ...{ out: heap.address(dPositions), x: heap.address(dY) },
      ...{ rows, columns: util.sizeFromShape(sample) },
    });
    if (dX) run(heap, dY, dX, scale);
  });
}

export const addPositionsConfig: KernelConfig = {
  kernelName: ADD_POSITIONS,
  backendName: 'wasm',
  kernelFunc: addPositions,
};

export const addPositionsGradConfig: KernelConfig = {
  kernelName: ADD_POSITIONS_GRAD,
  backendName: 'wasm',
  kernelFunc: addPositionsGrad,
};
