// AveragePositions and its gradient: the pooling of Attention-SH, before the projections.

import type { KernelConfig, KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { Heap } from '../runtime/heap.js';
import { withFrame } from '../runtime/frame.js';
import type { Field } from '../runtime/struct.js';
import { runTasks } from '../runtime/tasks.js';

export const AVERAGE_POSITIONS = 'AveragePositions';
export const AVERAGE_POSITIONS_GRAD = 'AveragePositionsGrad';

export interface AveragePositionsAttributes {
  /** Positions averaged into one. */
  window: number;
  /** Leading positions that stay as they are. */
  unpooled: number;
  /** int, one per sample: positions from there on do not count. */
  lengths: number[];
  /** Positions of x. */
  positions: number;
}

/**
 * @param length positions, 0 or more.
 * @param window positions averaged into one.
 * @param unpooled leading positions that stay as they are.
 * @returns how many positions are left of them.
 */
export function averagedCount(length: number, window: number, unpooled = 0): number {
  return Math.min(length, unpooled) + Math.ceil(Math.max(length - unpooled, 0) / window);
}

/** The fields of AveragePositionsProblem in assembly/attention/pooling.ts, in its order. */
export const averagePositionsLayout = {
  x: 'i32',
  out: 'i32',
  lengths: 'i32',
  batch: 'i32',
  positions: 'i32',
  outPositions: 'i32',
  window: 'i32',
  unpooled: 'i32',
  width: 'i32',
} as const satisfies Record<string, Field>;

function run(
  heap: Heap,
  name: 'averagePositions' | 'averagePositionsBackward',
  x: TensorInfo,
  out: TensorInfo,
  { window, unpooled, lengths }: AveragePositionsAttributes,
): void {
  const [batch, positions, width] = x.shape;
  const addresses = { x: heap.address(x), out: heap.address(out) };
  const sizes = { batch, positions, outPositions: out.shape[1], window, unpooled, width };
  const problem = { ...addresses, ...sizes };
  withFrame(heap, averagePositionsLayout, problem, { lengths }, ({ address }) => runTasks(heap, name, address));
}

/** Input [x [B, N, C]]; output [B, averagedCount(N), C]. */
function averagePositions({ inputs, backend, attrs }: Parameters<KernelFunc>[0]): TensorInfo[] {
  const [x] = inputs as unknown as TensorInfo[];
  const attributes = attrs as unknown as AveragePositionsAttributes;
  const heap = Heap.of(backend);
  const [batch, positions, width] = x.shape;
  const { window, unpooled } = attributes;
  const output = { shape: [batch, averagedCount(positions, window, unpooled), width], dtype: x.dtype };
  return heap.computeOutputs([output], ([out]) => run(heap, 'averagePositions', x, out, attributes));
}

/** Input [dOut, as averagePositions gives it]; output [dX [B, N, C]]. */
function averagePositionsGrad({ inputs, backend, attrs }: Parameters<KernelFunc>[0]): TensorInfo[] {
  const [dOut] = inputs as unknown as TensorInfo[];
  const attributes = attrs as unknown as AveragePositionsAttributes;
  const heap = Heap.of(backend);
  const [batch, , width] = dOut.shape;
  return heap.computeOutputs([{ shape: [batch, attributes.positions, width], dtype: dOut.dtype }], ([dX]) =>
    run(heap, 'averagePositionsBackward', dX, dOut, attributes),
  );
}

export const averagePositionsConfig: KernelConfig = {
  kernelName: AVERAGE_POSITIONS,
  backendName: 'wasm',
  kernelFunc: averagePositions,
};

export const averagePositionsGradConfig: KernelConfig = {
  kernelName: AVERAGE_POSITIONS_GRAD,
  backendName: 'wasm',
  kernelFunc: averagePositionsGrad,
};
