// PoolPositions and its gradient: the pooling of Attention-SH, before the projections.

import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Heap } from '../runtime/heap.js';
import { runProblem } from '../runtime/problem.js';
import { defineKernel } from './defineKernel.js';
import type { OperandChecks } from './operandChecks.js';
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

/** Of `batch` samples; returns the positions that are left. */
function checkCall(check: OperandChecks, batch: number, attributes: PoolPositionsAttributes): number {
  const { scale, unpooled, lengths, positions } = attributes;
  check.integer('positions', positions);
  check.integer('scale', scale, 1);
  check.integer('unpooled', unpooled);
  check.lengths(lengths, batch, positions);
  return pooledCount(positions, scale, unpooled);
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
  (heap, { x }, attributes, check) => {
    const [batch, positions, width] = check.tensor('x', x, '[B, N, C]');
    const outPositions = checkCall(check, batch, attributes);
    check.integer('positions', attributes.positions, positions, positions);
    const output = { shape: [batch, outPositions, width], dtype: x.dtype };
    return heap.computeOutputs([output], ([out]) => run(heap, 'poolPositions', x, out, attributes));
  },
);

/** dOut as poolPositions gives it; output [dX [B, N, C]]. */
export const poolPositionsGradKernel = defineKernel<{ dOut: TensorInfo }, PoolPositionsAttributes>(
  'PoolPositionsGrad',
  (heap, { dOut }, attributes, check) => {
    const [batch, , width] = check.tensor('dOut', dOut, '[B, M, C]');
    check.shaped('dOut', dOut, [batch, checkCall(check, batch, attributes), width]);
    return heap.computeOutputs([{ shape: [batch, attributes.positions, width], dtype: dOut.dtype }], ([dX]) =>
      run(heap, 'poolPositionsBackward', dX, dOut, attributes),
    );
  },
);
