// The convolution over positions of Attention-Conv1D and -Conv2D, differentiable.

import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';
import {
  type DepthwiseConvolutionAttributes,
  DEPTHWISE_CONVOLUTION,
  DEPTHWISE_CONVOLUTION_GRAD,
} from '../kernels/depthwiseConvolution.js';
import { runKernel } from './runKernel.js';

/**
 * Depthwise cross-correlation over positions, zeros outside, the output as large as the input:
 *
 *     y[n, d] = sum_w kernel[g, d, w] x[n + w - floor((W - 1) / 2), d]
 *
 * @param x float32 [B, H, N, D].
 * @param kernel float32 [G, D, W] or [G, D, Wh, Ww]; head h has the kernel of group floor(h / (H / G)).
 * @param attributes lengths of the samples, and the grid of positions ([1, N] for a series).
 * @returns float32 [B, H, N, D].
 */
export function depthwiseConvolution(x: Tensor, kernel: Tensor, attributes: DepthwiseConvolutionAttributes): Tensor {
  return runKernel(DEPTHWISE_CONVOLUTION, [x, kernel], attributes)[0];
}

export const depthwiseConvolutionGradient: GradConfig = {
  kernelName: DEPTHWISE_CONVOLUTION,
  saveAllInputs: true,
  gradFunc: (dy, saved, attributes) => {
    const [dX, dKernel] = runKernel(DEPTHWISE_CONVOLUTION_GRAD, [...saved, dy as Tensor], attributes);
    return { 0: () => dX, 1: () => dKernel };
  },
};
