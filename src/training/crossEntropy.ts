import * as tf from '@tensorflow/tfjs-core';

/** Keeps log finite where a probability is 0 in float32; above 1e-22 it changes no float32. */
export const TINY = 1e-30;

/**
 * Cross-entropy, -sum_c y_c log p_c, as a loss for `model.compile`. tfjs's own `categoricalCrossentropy` clips
 * probabilities at 1e-7: a case that is confidently wrong has no gradient then, and NaN becomes a number.
 *
 * @param labels y, [B, classes]
 * @param probabilities p, [B, classes]
 * @returns [B]; differentiable in the probabilities
 */
export function crossEntropy(labels: tf.Tensor, probabilities: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.neg(tf.sum(tf.mul(labels, tf.log(tf.add(probabilities, TINY))), -1)));
}
