import * as tf from '@tensorflow/tfjs-core';
import { checkShape, checkTensor } from '../checks/tensors.js';

/** Keeps log finite where a probability is 0 in float32; above 1e-22 it changes no float32. */
export const TINY = 1e-30;

/**
 * Cross-entropy, -sum_c y_c log p_c, as a loss for `model.compile`. tfjs's own `categoricalCrossentropy` clips
 * probabilities at 1e-7: a case that is confidently wrong has no gradient then, and NaN becomes a number.
 *
 * @param labels y, [B, classes]
 * @param probabilities p, [B, classes]
 * @returns [B]; differentiable in the probabilities
 * @throws Error that names the argument, if one is no tensor of this shape
 */
export function crossEntropy(labels: tf.Tensor, probabilities: tf.Tensor): tf.Tensor {
  checkTensor('crossEntropy', 'labels', labels, ['float32', 'int32', 'bool'], '[B, classes]');
  checkShape('crossEntropy', 'probabilities', probabilities, labels.shape);
  return tf.tidy(() => tf.neg(tf.sum(tf.mul(labels, tf.log(tf.add(probabilities, TINY))), -1)));
}
