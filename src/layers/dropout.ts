import * as tf from '@tensorflow/tfjs-core';
import { uniform } from './random.js';

/**
 * Sets a random part of the elements to 0 and divides the others by 1 - rate, which keeps the expectation.
 * The gaps between dropped elements are drawn, from their geometric distribution: one random number for each dropped
 * element, where `tf.dropout` draws one for every element with a slower generator.
 *
 * @param x float32 tensor of any shape
 * @param rate probability that an element is dropped, in [0, 1)
 * @param seed any integer; the same seed and number of elements give the same mask
 * @returns a tensor of x's shape; differentiable in x
 */
export function dropout<T extends tf.Tensor>(x: T, rate: number, seed: number): T {
  if (rate === 0) return tf.clone(x);
  const next = uniform(seed);
  const perLog = 1 / Math.log1p(-rate);
  const gap = () => Math.floor(Math.log(1 - next()) * perLog);
  const mask = new Float32Array(x.size).fill(1 / (1 - rate));
  for (let i = gap(); i < mask.length; i += 1 + gap()) mask[i] = 0;
  return tf.mul(x, tf.tensor(mask, x.shape));
}
