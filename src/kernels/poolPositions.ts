// AveragePositions and its gradient: the pooling of Attention-SH, before the projections.

import type { KernelConfig, KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { Heap } from '../runtime/heap.js';
import { withFrame } from '../runtime/frame.js';
import type { Field } from '../runtime/struct.js';
import { runTasks } from '../runtime/tasks.js';

export const POOL_POSITIONS = 'PoolPositions';
export const POOL_POSITIONS_GRAD = 'PoolPositionsGrad';

export interface PoolPositionsAttributes {
  /** Positions averaged into one. */
  scale: number;
  /** Leading positions that stay as they are. */
  unpooled: number;
  /** int, one per sample: positions from there on do not count. */
  lengths: number[];
  /** Positions of x. */
  positions: number;
}

/**
 * @param length positions, 0 or more.
 * @param scale positions averaged into one.
 * @param unpooled leading positions that stay as they are.
 * @returns how many positions are left of them.
 */
export function pooledCount(length: number, scale: number, unpooled = 0): number {
  return Math.min(length, unpooled) + Math.ceil(Math.max(length - unpooled, 0) / scale);
}

/** The fields of PoolPositionsProblem in assembly/attention/pooling.ts, in its order. */
export const poolPositionsLayout = {
  x: 'i32',
  out: 'i32',
  lengths: 'i32',
  batch: 'i32',
  positions: 'i32',
  outPositions: 'i32',
  scale: 'i32',
  unpooled: 'i32',
  width: 'i32',
} as const satisfies Record<string, Field>;

function run(
  heap: Heap,
  name: 'poolPositions' | 'poolPositionsBackward',
  x: TensorInfo,
  out: TensorInfo,
  { scale, unpooled, lengths }: PoolPositionsAttributes,
): void {
  const [batch, positions, width] = x.shape;
  const addresses = { x: heap.address(x), out: heap.address(out) };
  const sizes = { batch, positions, outPositions: out.shape[1], scale, unpooled, width };
  const problem = { ...addresses, ...sizes };
  withFrame(heap, poolPositionsLayout, problem, { lengths }, ({ address }) => runTasks(heap, name, address));
}

/** Input [x [B, N, C]]; output [B, pooledCount(N), C]. */
function poolPositions({ inputs, backend, attrs }: Parameters<KernelFunc>[0]): TensorInfo[] {
  const [x] = inputs as unknown as TensorInfo[];
  const attributes = attrs as unknown as PoolPositionsAttributes;
  const heap = Heap.of(backend);
  const [batch, positions, width] = x.shape;
  const { scale, unpooled } = attributes;
  const output = { shape: [batch, pooledCount(positions, scale, unpooled), width], dtype: x.dtype };
  return heap.computeOutputs([output], ([out]) => run(heap, 'poolPositions', x, out, attributes));
}

/** Input [dOut, as poolPositions gives it]; output [dX [B, N, C]]. */
function poolPositionsGrad({ inputs, backend, attrs }: Parameters<KernelFunc>[0]): TensorInfo[] {
  const [dOut] = inputs as unknown as TensorInfo[];
  const attributes = attrs as unknown as PoolPositionsAttributes;
  const heap = Heap.of(backend);
  const [batch, , width] = dOut.shape;
  return heap.computeOutputs([{ shape: [batch, attributes.positions, width], dtype: dOut.dtype }], ([dX]) =>
    run(heap, 'poolPositionsBackward', dX, dOut, attributes),
  );
}

export const poolPositionsConfig: KernelConfig = {
  kernelName: POOL_POSITIONS,
  backendName: 'wasm',
  kernelFunc: poolPositions,
};

export const poolPositionsGradConfig: KernelConfig = {
  kernelName: POOL_POSITIONS_GRAD,
  backendName: 'wasm',
  kernelFunc: poolPositionsGrad,
};
