// A vector for each position added to every sample, differentiable.

import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { checkShape, checkTensor } from '../checks/tensors.js';
import { checkNumber } from '../checks/values.js';
import { addPositionsGradKernel, addPositionsKernel } from '../kernels/addPositions.js';
import { differentiable } from '../runtime/gradients.js';
import { runKernel } from './runKernel.js';

/**
 * scale x + positions.
 *
 * @param x float32 [B, N, C].
 * @param positions float32 [N, C].
 * @param scale of x, such as the root of the width where embeddings are small; default 1.
 * @returns [B, N, C]; differentiable in x and positions.
 * @throws Error that names the argument, if one is wrong.
 */
export function addPositions(x: Tensor, positions: Tensor, scale = 1): Tensor {
  checkTensor('addPositions', 'x', x, ['float32'], '[B, N, C]');
  checkShape('addPositions', 'positions', positions, x.shape.slice(1));
  checkNumber('addPositions', 'scale', scale, () => true, 'finite');
  return differentiable(
    { x, positions },
    () => runKernel(addPositionsKernel, { x, positions }, { scale })[0],
    (dY) => {
      const [dPositions, dX] = runKernel(addPositionsGradKernel, { dY }, { scale });
      return { x: dX ?? (() => tf.clone(dY)), positions: dPositions };
    },
  );
}
