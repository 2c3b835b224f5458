// The mean of a sequence's valid positions, differentiable.

import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import { poolPositions } from './poolPositions.js';
import { checkTensor, formatShape } from '../checks/tensors.js';
import { checkLengths } from '../checks/values.js';

/**
 * The mean of each sample's valid positions; 0 for a sample without any.
 *
 * @param x float32 [B, N, C], N 1 or more.
 * @param lengths B integers 0 .. N: positions from there on do not count.
 * @returns [B, C]; differentiable in x.
 * @throws Error that names the argument, if one is wrong.
 */
export function averagePositions(x: Tensor, lengths: readonly number[]): Tensor2D {
  checkTensor('averagePositions', 'x', x, ['float32'], '[B, N, C]');
  const [batch, positions, width] = x.shape;
  if (positions === 0) throw new Error(`averagePositions: x was ${formatShape(x)}; it must have a position at least`);
  checkLengths('averagePositions', lengths, batch, positions);
  return tf.reshape(poolPositions(x, positions, lengths), [batch, width]);
}
