// Padding set to 0, differentiable.

import type { Tensor } from '@tensorflow/tfjs-core';
import { maskPositionsKernel } from '../kernels/maskPositions.js';
import { differentiable } from '../runtime/gradients.js';
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
  const mask = (values: Tensor) => runKernel(maskPositionsKernel, { x: values }, { lengths: [...lengths] })[0];
  return differentiable(
    { x },
    () => mask(x),
    (dY) => ({ x: mask(dY) }),
  );
}
