// DepthwiseConvolution and its gradient: the convolution over positions of Attention-Conv1D and -Conv2D.

import type { TensorInfo } from '@tensorflow/tfjs-core';
import { formatShape } from '../checks/tensors.js';
import { formatValue } from '../checks/values.js';
import { runProblem } from '../runtime/problem.js';
import { defineKernel } from './defineKernel.js';
import { MAX_INT32, type OperandChecks } from './operandChecks.js';

export interface DepthwiseConvolutionAttributes {
  /** int, one per sample: positions from there on count as 0. */
  lengths: number[];
  /** Rows and columns of the grid of positions. */
  grid: [number, number];
}

function checkCall(
  check: OperandChecks,
  x: TensorInfo,
  kernel: TensorInfo,
  { lengths, grid }: DepthwiseConvolutionAttributes,
): void {
  const [batch, heads, positions, width] = check.tensor('x', x, '[B, H, N, D]');
  const [groups, kernelWidth, ...taps] = check.tensor('kernel', kernel, '[..., D, W]');
  const fits = groups > 0 && heads % groups === 0 && kernelWidth === width && [1, 2].includes(taps.length);
  if (!fits || taps.includes(0)) {
    check.refuse('kernel', formatShape(kernel), `[G, ${width}, W] or [G, ${width}, Wh, Ww], G a divisor of ${heads}`);
  }
  check.lengths(lengths, batch, positions);
  check.integers('grid', grid, 2, 0, MAX_INT32);
  if (grid[0] * grid[1] !== positions) check.refuse('grid', formatValue(grid), `a grid of ${positions} positions`);
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
>('DepthwiseConvolution', (heap, { x, kernel }, attributes, check) => {
  checkCall(check, x, kernel, attributes);
  return heap.computeOutputs([x], ([y]) =>
    runProblem(heap, 'depthwiseConvolution', { ...fieldsOf(x, kernel, attributes), y }),
  );
});

/** Outputs [dX, dKernel]. */
export const depthwiseConvolutionGradKernel = defineKernel<
  { x: TensorInfo; kernel: TensorInfo; dY: TensorInfo },
  DepthwiseConvolutionAttributes
>('DepthwiseConvolutionGrad', (heap, { x, kernel, dY }, attributes, check) => {
  checkCall(check, x, kernel, attributes);
  check.shaped('dY', dY, x.shape);
  return heap.computeOutputs([x, kernel], ([dX, dKernel]) =>
    runProblem(heap, 'depthwiseConvolutionBackward', { ...fieldsOf(x, kernel, attributes), dY, dX, dKernel }),
  );
});
