// Positions of a sequence averaged over windows: the down-sampling of Attention-SH.

import type { GradConfig, Tensor, Tensor3D } from '@tensorflow/tfjs-core';
import {
  POOL_POSITIONS,
  POOL_POSITIONS_GRAD,
  pooledCount,
  type PoolPositionsAttributes,
} from '../kernels/poolPositions.js';
import { runKernel } from './runKernel.js';

export { pooledCount };

/**
 * Averages windows of positions, each over its true number of valid ones. It commutes with linear maps over the features,
 * their bias included: to average first makes them cheaper.
 *
 * @param x float32 [B, N, C].
 * @param scale positions of a scale, 1 or more.
 * @param lengths B integers 0 .. N: positions from there on do not count.
 * @param unpooled leading positions that stay as they are, such as a class token; default 0.
 * @returns float32 [B, pooledCount(N, scale, unpooled), C]: without unpooled positions, [B, ceil(N / scale), C]. Positions
 *   without a valid one are 0. Differentiable in x.
 */
export function poolPositions(x: Tensor, scale: number, lengths: readonly number[], unpooled = 0): Tensor3D {
  const attributes: PoolPositionsAttributes = { scale, unpooled, lengths: [...lengths], positions: x.shape[1]! };
  return runKernel(POOL_POSITIONS, [x], attributes)[0] as Tensor3D;
}

export const poolPositionsGradient: GradConfig = {
  kernelName: POOL_POSITIONS,
  gradFunc: (dy, _saved, attributes) => ({
    0: () => runKernel(POOL_POSITIONS_GRAD, [dy as Tensor], attributes)[0],
  }),
};
