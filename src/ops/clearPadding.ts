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
 * @param mask bool [B or 1, N], if positions in front of others are padding, too: false there.
 * @returns [B, N, C]; differentiable in x, whose gradient is that of the result.
 * @throws Error that names the argument, if one is wrong.
 */
export function clearPadding(x: Tensor, lengths: readonly number[], mask?: Tensor): Tensor {
  checkTensor('clearPadding', 'x', x, ['float32'], '[B, N, C]');
  checkLengths('clearPadding', lengths, x.shape[0], x.shape[1]!);
  return differentiable(
    { x },
    () => {
      const [cleared] = runKernel(maskPositionsKernel, { x }, { lengths: [...lengths], kept: CALM });
      if (!mask) return cleared;
      return tf.where(tf.logicalOr(tf.expandDims(mask, 2), tf.less(tf.abs(cleared), CALM)), cleared, 0);
    },
    (dY) => ({ x: () => tf.clone(dY) }),
  );
}
