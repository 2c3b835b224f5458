// PoolPositions and its gradient: the pooling of Attention-SH, before the projections.

import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Heap } from '../runtime/heap.js';
import { runProblem } from '../runtime/problem.js';
import { defineKernel } from './defineKernel.js';
import { pooledCount } from './pooledCount.js';

export interface PoolPositionsAttributes {
  /** Positions pooled into one. */
  scale: number;
  /** Leading positions that stay as they are. */
  unpooled: number;
  /** int, one per sample: positions from there on do not count. */
  lengths: number[];
  /** Positions of x. */
  positions: number;
}

function run(
  heap: Heap,
  name: 'poolPositions' | 'poolPositionsBackward',
  x: TensorInfo,
  out: TensorInfo,
  { scale, unpooled, lengths }: PoolPositionsAttributes,
): void {
  const [batch, positions, width] = x.shape;
  const sizes = { batch, positions, outPositions: out.shape[1], scale, unpooled, width };
  runProblem(heap, name, { x, out, lengths, ...sizes });
}

/** x [B, N, C]; output [B, pooledCount(N), C]. */
export const poolPositionsKernel = defineKernel<{ x: TensorInfo }, PoolPositionsAttributes>(
  'PoolPositions',
  (heap, { x }, attributes) => {
    const [batch, positions, width] = x.shape;
    const { scale, unpooled } = attributes;
    const output = { shape: [batch, pooledCount(positions, scale, unpooled), width], dtype: x.dtype };
    return heap.computeOutputs([output], ([out]) => run(heap, 'poolPositions', x, out, attributes));
  },
);

/** dOut as poolPositions gives it; output [dX [B, N, C]]. */
export const poolPositionsGradKernel = defineKernel<{ dOut: TensorInfo }, PoolPositionsAttributes>(
  'PoolPositionsGrad',
  (heap, { dOut }, attributes) => {
    const [batch, , width] = dOut.shape;
    return heap.computeOutputs([{ shape: [batch, attributes.positions, width], dtype: dOut.dtype }], ([dX]) =>
      run(heap, 'poolPositionsBackward', dX, dOut, attributes),
    );
  },
);
