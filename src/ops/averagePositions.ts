// Positions of a sequence averaged over windows: the down-sampling of Attention-SH.

import * as tf from '@tensorflow/tfjs-core';
import type { GradConfig, Tensor, Tensor3D } from '@tensorflow/tfjs-core';
import {
  AVERAGE_POSITIONS,
  AVERAGE_POSITIONS_GRAD,
  type AveragePositionsAttributes,
} from '../kernels/averagePositions.js';
import { runKernel } from './runKernel.js';

/**
 * @param length positions, 0 or more.
 * @param window positions of a window, 1 or more.
 * @param unpooled leading positions that no window holds.
 * @returns how many positions `averagePositions` leaves of them.
 */
export function averagedCount(length: number, window: number, unpooled = 0): number {
  return Math.min(length, unpooled) + Math.ceil(Math.max(length - unpooled, 0) / window);
}

/**
 * Averages windows of positions, each over its true number of valid ones. It commutes with linear maps over the features,
 * their bias included: to average first makes them cheaper.
 *
 * @param x float32 [B, N, C].
 * @param window positions of a window, 1 or more.
 * @param lengths B integers 0 .. N: positions from there on do not count.
 * @param unpooled leading positions that stay as they are, such as a class token; default 0.
 * @returns float32 [B, averagedCount(N, window, unpooled), C]: without unpooled positions, [B, ceil(N / window), C]. Windows
 *   without a valid position are 0. Differentiable in x.
 */
export function averagePositions(x: Tensor, window: number, lengths: readonly number[], unpooled = 0): Tensor3D {
  const [, positions] = x.shape as [number, number, number];
  const kept = Math.min(unpooled, positions);
  if (kept > 0) {
    return tf.tidy(() => {
      const [leading, others] = tf.split<Tensor3D>(x, [kept, positions - kept], 1);
      if (others.size === 0) return leading;
      const valid = lengths.map((length) => Math.max(length - kept, 0));
      return tf.concat([leading, averagePositions(others, window, valid)], 1);
    });
  }
  const attributes: AveragePositionsAttributes = { window, lengths: [...lengths], positions };
  return runKernel(AVERAGE_POSITIONS, [x], attributes)[0] as Tensor3D;
}

export const averagePositionsGradient: GradConfig = {
  kernelName: AVERAGE_POSITIONS,
  gradFunc: (dy, _saved, attributes) => ({
    0: () => runKernel(AVERAGE_POSITIONS_GRAD, [dy as Tensor], attributes)[0],
  }),
};
