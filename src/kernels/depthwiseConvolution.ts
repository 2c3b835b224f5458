// DepthwiseConvolution and its gradient: the convolution over positions of Attention-Conv1D and -Conv2D.

import type { TensorInfo } from '@tensorflow/tfjs-core';
import { runProblem } from '../runtime/problem.js';
import { defineKernel } from './defineKernel.js';

export interface DepthwiseConvolutionAttributes {
  /** int, one per sample: positions from there on count as 0. */
  lengths: number[];
  /** Rows and columns of the grid of positions. */
  grid: [number, number];
}

function fieldsOf(x: TensorInfo, kernel: TensorInfo, { lengths, grid }: DepthwiseConvolutionAttributes) {
  const [batch, heads, , headWidth] = x.shape;
  const [groups, , ...taps] = kernel.shape;
  const [kernelRows, kernelColumns] = taps.length === 1 ? [1, taps[0]] : taps;
  const [rows, columns] = grid;
  return { x, kernel, lengths, batch, heads, groups, rows, columns, headWidth, kernelRows, kernelColumns };
}

/** x [B,H,N,D], kernel [G,D,W] or [G,D,Wh,Ww]; output as x. */
export const depthwiseConvolutionKernel = defineKernel<
  { x: TensorInfo; kernel: TensorInfo },
  DepthwiseConvolutionAttributes
>('DepthwiseConvolution', (heap, { x, kernel }, attributes) =>
  heap.computeOutputs([x], ([y]) =>
    runProblem(heap, 'depthwiseConvolution', { ...fieldsOf(x, kernel, attributes), y }),
  ),
);

/** Outputs [dX, dKernel]. */
export const depthwiseConvolutionGradKernel = defineKernel<
  { x: TensorInfo; kernel: TensorInfo; dY: TensorInfo },
  DepthwiseConvolutionAttributes
>('DepthwiseConvolutionGrad', (heap, { x, kernel, dY }, attributes) =>
  heap.computeOutputs([x, kernel], ([dX, dKernel]) =>
    runProblem(heap, 'depthwiseConvolutionBackward', { ...fieldsOf(x, kernel, attributes), dY, dX, dKernel }),
  ),
);
