// Positions of a sequence averaged over windows: the down-sampling of Attention-SH.

import type { GradConfig, Tensor, Tensor3D } from '@tensorflow/tfjs-core';
import {
  AVERAGE_POSITIONS,
  AVERAGE_POSITIONS_GRAD,
  averagedCount,
  type AveragePositionsAttributes,
} from '../kernels/averagePositions.js';
import { runKernel } from './runKernel.js';

export { averagedCount };

/**
 * Averages windows of positions, each over its true number of valid ones. It commutes with linear maps over the features,
 * their bias included: to average first makes them cheaper.
 *
 * @param x float32 [B, N, C].
 * @param window positions of a window, 1 or more.
 * @param lengths B integers 0 .. N: positions from there on do not count.
 * @param unpooled leading positions that stay as they are, such as a class token; default 0.
 * @returns float32 [B, averagedCount(N, window, unpooled), C]: without unpooled positions, [B, ceil(N / window), C]. Positions
 *   without a valid one are 0. Differentiable in x.
 */
export function averagePositions(x: Tensor, window: number, lengths: readonly number[], unpooled = 0): Tensor3D {
  const attributes: AveragePositionsAttributes = { window, unpooled, lengths: [...lengths], positions: x.shape[1]! };
  return runKernel(AVERAGE_POSITIONS, [x], attributes)[0] as Tensor3D;
}

export const averagePositionsGradient: GradConfig = {
  kernelName: AVERAGE_POSITIONS,
  gradFunc: (dy, _saved, attributes) => ({
    0: () => runKernel(AVERAGE_POSITIONS_GRAD, [dy as Tensor], attributes)[0],
  }),
};
