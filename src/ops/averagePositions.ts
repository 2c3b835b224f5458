// The mean of a sequence's valid positions, differentiable.

import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import { poolPositions } from './poolPositions.js';
import { checkTensor } from '../checks/tensors.js';
import { checkLengths } from '../checks/values.js';

/**
 * The mean of each sample's valid positions; 0 for a sample without any.
 *
 * @param x float32 [B, N, C].
 * @param lengths B integers 0 .. N: positions from there on do not count.
 * @returns [B, C]; differentiable in x.
 * @throws Error that names the argument, if one is wrong.
 */
export function averagePositions(x: Tensor, lengths: readonly number[]): Tensor2D {
  checkTensor('averagePositions', 'x', x, ['float32'], '[B, N, C]');
  const [batch, positions, width] = x.shape;
  checkLengths('averagePositions', lengths, batch, positions);
  // One window holds all positions; it has one at least.
  return tf.reshape(poolPositions(x, Math.max(positions, 1), lengths), [batch, width]);
}
