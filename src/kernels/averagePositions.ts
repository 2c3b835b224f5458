// AveragePositions and its gradient: the pooling of Attention-SH, before the projections.

import type { KernelConfig, KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { Heap } from '../runtime/heap.js';
import { kernelsOn } from '../runtime/builds.js';

export const AVERAGE_POSITIONS = 'AveragePositions';
export const AVERAGE_POSITIONS_GRAD = 'AveragePositionsGrad';

export interface AveragePositionsAttributes {
  /** Positions averaged into one. */
  window: number;
  /** int, one per sample: positions from there on do not count. */
  lengths: number[];
  /** Positions of x. */
  positions: number;
}

/** Runs `use` with the address of the lengths. */
function withLengths(heap: Heap, lengths: number[], use: (address: number) => void): void {
  heap.withScratch(4 * lengths.length, (address) => {
    heap.int32(address, lengths.length).set(lengths);
    use(address);
  });
}

/** Input [x [B, N, C]]; output [B, ceil(N / window), C]. */
function averagePositions({ inputs, backend, attrs }: Parameters<KernelFunc>[0]): TensorInfo[] {
  const [x] = inputs as unknown as TensorInfo[];
  const { window, lengths, positions } = attrs as unknown as AveragePositionsAttributes;
  const heap = Heap.of(backend);
  const [batch, , width] = x.shape;
  const output = { shape: [batch, Math.ceil(positions / window), width], dtype: x.dtype };
  return heap.computeOutputs([output], ([out]) => {
    withLengths(heap, lengths, (address) => {
      kernelsOn(heap).averagePositions(heap.address(out), heap.address(x), address, batch, positions, window, width);
    });
  });
}

/** Input [dOut, as averagePositions gives it]; output [dX [B, N, C]]. */
function averagePositionsGrad({ inputs, backend, attrs }: Parameters<KernelFunc>[0]): TensorInfo[] {
  const [dOut] = inputs as unknown as TensorInfo[];
  const { window, lengths, positions } = attrs as unknown as AveragePositionsAttributes;
  const heap = Heap.of(backend);
  const [batch, , width] = dOut.shape;
  return heap.computeOutputs([{ shape: [batch, positions, width], dtype: dOut.dtype }], ([dX]) => {
    withLengths(heap, lengths, (address) => {
      const [to, from] = [dX, dOut].map((tensor) => heap.address(tensor));
      kernelsOn(heap).averagePositionsBackward(to, from, address, batch, positions, window, width);
    });
  });
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
