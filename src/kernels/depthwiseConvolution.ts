// DepthwiseConvolution and its gradient: the convolution over positions of Attention-Conv1D and -Conv2D.

import type { KernelConfig, KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { Heap } from '../runtime/heap.js';
import { withFrame } from '../runtime/frame.js';
import type { Field } from '../runtime/struct.js';
import { runTasks } from '../runtime/tasks.js';

export const DEPTHWISE_CONVOLUTION = 'DepthwiseConvolution';
export const DEPTHWISE_CONVOLUTION_GRAD = 'DepthwiseConvolutionGrad';

export interface DepthwiseConvolutionAttributes {
  /** int, one per sample: positions from there on count as 0. */
  lengths: number[];
  /** Rows and columns of the grid of positions. */
  grid: [number, number];
}

/** The fields of ConvolutionProblem in assembly/attention/convolution.ts, in its order. */
export const depthwiseConvolutionLayout = {
  x: 'i32',
  y: 'i32',
  kernel: 'i32',
  dX: 'i32',
  dY: 'i32',
  dKernel: 'i32',
  lengths: 'i32',
  batch: 'i32',
  heads: 'i32',
  groups: 'i32',
  rows: 'i32',
  columns: 'i32',
  headWidth: 'i32',
  kernelRows: 'i32',
  kernelColumns: 'i32',
} as const satisfies Record<string, Field>;

type Tensors = Partial<Record<'y' | 'dX' | 'dY' | 'dKernel', TensorInfo>> & Record<'x' | 'kernel', TensorInfo>;

function run(
  heap: Heap,
  name: 'depthwiseConvolution' | 'depthwiseConvolutionBackward',
  tensors: Tensors,
  { lengths, grid }: DepthwiseConvolutionAttributes,
): void {
  const [batch, heads, , headWidth] = tensors.x.shape;
  const [groups, , ...taps] = tensors.kernel.shape;
  const [kernelRows, kernelColumns] = taps.length === 1 ? [1, taps[0]] : taps;
  const [rows, columns] = grid;
  const problem = {
    ...heap.addresses(tensors),
    batch,
    heads,
    groups,
    rows,
    columns,
    headWidth,
    kernelRows,
    kernelColumns,
  };
  withFrame(heap, depthwiseConvolutionLayout, problem, { lengths }, ({ address }) => runTasks(heap, name, address));
}

/** Inputs [x [B,H,N,D], kernel [G,D,W] or [G,D,Wh,Ww]]; output as x. */
function depthwiseConvolution({ inputs, backend, attrs }: Parameters<KernelFunc>[0]): TensorInfo[] {
  const [x, kernel] = inputs as unknown as TensorInfo[];
  const heap = Heap.of(backend);
  return heap.computeOutputs([x], ([y]) =>
    run(heap, 'depthwiseConvolution', { x, kernel, y }, attrs as unknown as DepthwiseConvolutionAttributes),
  );
}

/** Inputs [x, kernel, dY]; outputs [dX, dKernel]. */
function depthwiseConvolutionGrad({ inputs, backend, attrs }: Parameters<KernelFunc>[0]): TensorInfo[] {
  const [x, kernel, dY] = inputs as unknown as TensorInfo[];
  const heap = Heap.of(backend);
  return heap.computeOutputs([x, kernel], ([dX, dKernel]) =>
    run(
      heap,
      'depthwiseConvolutionBackward',
      { x, kernel, dY, dX, dKernel },
      attrs as unknown as DepthwiseConvolutionAttributes,
    ),
  );
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
