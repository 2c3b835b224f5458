import type * as tf from '@tensorflow/tfjs-core';

/**
 * The numbers of valid positions that a layer got as its last input.
 *
 * @param lengths [B, 1]
 */
export function readLengths(lengths: tf.Tensor): number[] {
  return Array.from(lengths.dataSync());
}
