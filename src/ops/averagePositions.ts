// Positions of a sequence averaged over windows: the down-sampling of Attention-SH.

import type { GradConfig, Tensor, Tensor3D } from '@tensorflow/tfjs-core';
import {
  AVERAGE_POSITIONS,
  AVERAGE_POSITIONS_GRAD,
  type AveragePositionsAttributes,
} from '../kernels/averagePositions.js';
import { runKernel } from './runKernel.js';

/**
 * Averages windows of positions, each over its true number of valid ones. It commutes with linear maps over the features,
 * their bias included: to average first makes them cheaper.
 *
 * @param x float32 [B, N, C].
 * @param window positions of a window, 1 or more.
 * @param lengths B integers 0 .. N: positions from there on do not count.
 * @returns float32 [B, ceil(N / window), C]; windows without a valid position are 0. Differentiable in x.
 */
export function averagePositions(x: Tensor, window: number, lengths: readonly number[]): Tensor3D {
  const attributes: AveragePositionsAttributes = { window, lengths: [...lengths], positions: x.shape[1]! };
  return runKernel(AVERAGE_POSITIONS, [x], attributes)[0] as Tensor3D;
}

export const averagePositionsGradient: GradConfig = {
  kernelName: AVERAGE_POSITIONS,
  gradFunc: (dy, _saved, attributes) => ({
    0: () => runKernel(AVERAGE_POSITIONS_GRAD, [dy as Tensor], attributes)[0],
  }),
};
