// A vector for each position added to every sample, differentiable.

import * as tf from '@tensorflow/tfjs-core';
import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';
import { ADD_POSITIONS, ADD_POSITIONS_GRAD, type AddPositionsAttributes } from '../kernels/addPositions.js';
import { checkShape, checkTensor } from '../checks/tensors.js';
import { checkNumber } from '../checks/values.js';
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
  const attributes: AddPositionsAttributes = { scale };
  return runKernel(ADD_POSITIONS, [x, positions], attributes)[0];
}

export const addPositionsGradient: GradConfig = {
  kernelName: ADD_POSITIONS,
  gradFunc(dY, _saved, attributes) {
    const [dPositions, dX] = runKernel(ADD_POSITIONS_GRAD, [dY as Tensor], attributes);
    return { 0: () => dX ?? tf.clone(dY as Tensor), 1: () => dPositions };
  },
};
