// Padding made harmless, differentiable.

import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { CALM, maskPositionsKernel } from '../kernels/maskPositions.js';
import { differentiable } from '../runtime/gradients.js';
import { checkTensor } from '../checks/tensors.js';
import { checkLengths } from '../checks/values.js';
import { runKernel } from './runKernel.js';

/**
 * Sets NaN, infinite and huge numbers in padded positions to 0; all else stays.
 *
 * @param x float32 [B, N, C].
 * @param lengths B integers 0 .. N: positions from there on are padding.
 * @returns [B, N, C]; differentiable in x, whose gradient is that of the result.
 * @throws Error that names the argument, if one is wrong.
 */
export function clearPadding(x: Tensor, lengths: readonly number[]): Tensor {
  checkTensor('clearPadding', 'x', x, ['float32'], '[B, N, C]');
  checkLengths('clearPadding', lengths, x.shape[0], x.shape[1]!);
  return differentiable(
    { x },
    () => runKernel(maskPositionsKernel, { x }, { lengths: [...lengths], kept: CALM })[0],
    (dY) => ({ x: () => tf.clone(dY) }),
  );
}
