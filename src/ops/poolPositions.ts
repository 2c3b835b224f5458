// Positions of a sequence averaged over windows: the down-sampling of Attention-SH.

import type { Tensor, Tensor3D } from '@tensorflow/tfjs-core';
import { checkTensor } from '../checks/tensors.js';
import { checkInteger, checkLengths } from '../checks/values.js';
import { pooledCount } from '../kernels/pooledCount.js';
import { poolPositionsGradKernel, poolPositionsKernel } from '../kernels/poolPositions.js';
import { differentiable } from '../runtime/gradients.js';
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
 * @throws Error that names the argument, if one is wrong.
 */
export function poolPositions(x: Tensor, scale: number, lengths: readonly number[], unpooled = 0): Tensor3D {
  const owner = 'poolPositions';
  checkTensor(owner, 'x', x, ['float32'], '[B, N, C]');
  checkInteger(owner, 'scale', scale, 1, 2 ** 31 - 1);
  checkInteger(owner, 'unpooled', unpooled, 0, 2 ** 31 - 1);
  checkLengths(owner, lengths, x.shape[0], x.shape[1]!);
  const attributes = { scale, unpooled, lengths: [...lengths], positions: x.shape[1]! };
  return differentiable(
    { x },
    () => runKernel(poolPositionsKernel, { x }, attributes)[0] as Tensor3D,
    (dOut) => ({ x: runKernel(poolPositionsGradKernel, { dOut }, attributes)[0] }),
  );
}
