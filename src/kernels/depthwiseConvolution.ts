// DepthwiseConvolution and its gradient: the convolution over positions of Attention-Conv1D and -Conv2D.

import type { KernelConfig, KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { Heap } from '../runtime/heap.js';
import { kernelsOn } from '../runtime/builds.js';
import type { Kernels } from '../runtime/entryPoints.js';

export const DEPTHWISE_CONVOLUTION = 'DepthwiseConvolution';
export const DEPTHWISE_CONVOLUTION_GRAD = 'DepthwiseConvolutionGrad';

export interface ConvolutionAttributes {
  /** int, one per sample: positions from there on count as 0. */
  lengths: number[];
  /** Rows and columns of the grid of positions. */
  grid: [number, number];
}

/** Runs `pass` with the sizes and pointers that forward and backward share behind their tensors. */
function withGeometry(
  heap: Heap,
  x: TensorInfo,
  kernel: TensorInfo,
  { lengths, grid }: ConvolutionAttributes,
  pass: (kernels: Kernels, lengths: number, ...geometry: [...Geometry, scratch: number]) => void,
): void {
  const [batch, heads, , depth] = x.shape;
  const [groups, , ...taps] = kernel.shape;
  const [kernelRows, kernelColumns] = taps.length === 1 ? [1, taps[0]] : taps;
  const kernels = kernelsOn(heap);
  const head = Math.ceil(batch / 4) * 16;
  heap.withScratch(head + kernels.convolutionScratch(depth, kernelRows * kernelColumns), (address) => {
    heap.int32(address, batch).set(lengths);
    const [rows, columns] = grid;
    const geometry: Geometry = [batch, heads, groups, rows, columns, depth, kernelRows, kernelColumns];
    pass(kernels, address, ...geometry, address + head);
  });
}

type Geometry = [
  batch: number,
  heads: number,
  groups: number,
  rows: number,
  columns: number,
  depth: number,
  kernelRows: number,
  kernelColumns: number,
];

/** Inputs [x [B,H,N,D], kernel [G,D,W] or [G,D,Wh,Ww]]; output as x. */
function depthwiseConvolution({ inputs, backend, attrs }: Parameters<KernelFunc>[0]): TensorInfo[] {
  const [x, kernel] = inputs as unknown as TensorInfo[];
  const heap = Heap.of(backend);
  return heap.computeOutputs([x], ([y]) => {
    withGeometry(heap, x, kernel, attrs as unknown as ConvolutionAttributes, (kernels, lengths, ...geometry) => {
      kernels.convolve(heap.address(y), heap.address(x), heap.address(kernel), lengths, ...geometry);
    });
  });
}

/** Inputs [x, kernel, dY]; outputs [dX, dKernel]. */
function depthwiseConvolutionGrad({ inputs, backend, attrs }: Parameters<KernelFunc>[0]): TensorInfo[] {
  const [x, kernel, dY] = inputs as unknown as TensorInfo[];
  const heap = Heap.of(backend);
  return heap.computeOutputs([x, kernel], ([dX, dKernel]) => {
    withGeometry(heap, x, kernel, attrs as unknown as ConvolutionAttributes, (kernels, lengths, ...geometry) => {
      const [a, b, c, d, e] = [dX, dKernel, x, kernel, dY].map((tensor) => heap.address(tensor));
      kernels.convolveBackward(a, b, c, d, e, lengths, ...geometry);
    });
  });
}

export const depthwiseConvolutionConfig: KernelConfig = {
  kernelName: DEPTHWISE_CONVOLUTION,
  backendName: 'wasm',
  kernelFunc: depthwiseConvolution,
};

export const depthwiseConvolutionGradConfig: KernelConfig = {
  kernelName: DEPTHWISE_CONVOLUTION_GRAD,
  backendName: 'wasm',
  kernelFunc: depthwiseConvolutionGrad,
};
