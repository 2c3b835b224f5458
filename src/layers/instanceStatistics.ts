import * as tf from '@tensorflow/tfjs-core';

/**
 * Of each channel of each series over its positions.
 *
 * @param x [B, N, C]
 * @param epsilon joins the variance
 * @returns mean and deviation, [B, 1, C], and x less its mean; differentiable in x
 */
export function instanceStatistics(x: tf.Tensor, epsilon: number) {
  const mean = tf.mean(x, 1, true);
  const centered = tf.sub(x, mean);
  const deviation = tf.sqrt(tf.add(tf.mean(tf.square(centered), 1, true), epsilon));
  return { mean, centered, deviation };
}
