// Padding set to 0, differentiable.

import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';
import { MASK_POSITIONS, type MaskPositionsAttributes } from '../kernels/maskPositions.js';
import { checkTensor } from '../checks/tensors.js';
import { checkLengths } from '../checks/values.js';
import { runKernel } from './runKernel.js';

/**
 * Sets padded positions to 0.
 *
 * @param x float32 [B, N, C].
 * @param lengths B integers 0 .. N: positions from there on become 0.
 * @returns [B, N, C]; differentiable in x.
 * @throws Error that names the argument, if one is wrong.
 */
export function maskPositions(x: Tensor, lengths: readonly number[]): Tensor {
  checkTensor('maskPositions', 'x', x, ['float32'], '[B, N, C]');
  checkLengths('maskPositions', lengths, x.shape[0], x.shape[1]!);
  const attributes: MaskPositionsAttributes = { lengths: [...lengths] };
  return runKernel(MASK_POSITIONS, [x], attributes)[0];
}

export const maskPositionsGradient: GradConfig = {
  kernelName: MASK_POSITIONS,
  gradFunc: (dY, _saved, attributes) => ({ 0: () => runKernel(MASK_POSITIONS, [dY as Tensor], attributes)[0] }),
};
