// MaskPositions: padding set to 0.

import type { KernelConfig, KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { withFrame } from '../runtime/frame.js';
import { Heap } from '../runtime/heap.js';
import type { Field } from '../runtime/struct.js';
import { runTasks } from '../runtime/tasks.js';
import { shareData } from './identity.js';

export const MASK_POSITIONS = 'MaskPositions';

export interface MaskPositionsAttributes {
  /** int, one per sample: positions from there on become 0. */
  lengths: number[];
}

/** The fields of MaskPositionsProblem in assembly/nn/maskPositions.ts, in its order. */
export const maskPositionsLayout = {
  x: 'i32',
  y: 'i32',
  lengths: 'i32',
  batch: 'i32',
  positions: 'i32',
  columns: 'i32',
} as const satisfies Record<string, Field>;

/** Input [x [B, N, C]]; output as x: its data once more where there is no padding. */
function maskPositions({ inputs, backend, attrs }: Parameters<KernelFunc>[0]): TensorInfo[] {
  const [x] = inputs as unknown as TensorInfo[];
  const { lengths } = attrs as unknown as MaskPositionsAttributes;
  if (lengths.every((length) => length >= x.shape[1])) return [shareData(backend, x)];
  const heap = Heap.of(backend);
  return heap.computeOutputs([x], ([y]) => {
    const [batch, positions, columns] = x.shape;
    const problem = { x: heap.address(x), y: heap.address(y), batch, positions, columns };
    withFrame(heap, maskPositionsLayout, problem, { lengths }, ({ address }) =>
      runTasks(heap, 'maskPositions', address),
    );
  });
}

export const maskPositionsConfig: KernelConfig = {
  kernelName: MASK_POSITIONS,
  backendName: 'wasm',
  kernelFunc: maskPositions,
};
