// The convolution over positions of Attention-Conv1D and -Conv2D, differentiable.

import type { Tensor } from '@tensorflow/tfjs-core';
import {
  type DepthwiseConvolutionAttributes,
  depthwiseConvolutionGradKernel,
  depthwiseConvolutionKernel,
} from '../kernels/depthwiseConvolution.js';
import { differentiable } from '../runtime/gradients.js';
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
  return differentiable(
    { x, kernel },
    (save) => {
      save([x, kernel]);
      return runKernel(depthwiseConvolutionKernel, { x, kernel }, attributes)[0];
    },
    (dY, [x, kernel]) => {
      const [dX, dKernel] = runKernel(depthwiseConvolutionGradKernel, { x, kernel, dY }, attributes);
      return { x: dX, kernel: dKernel };
    },
  );
}
