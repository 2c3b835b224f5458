import * as tf from '@tensorflow/tfjs-core';
import { checkShape, checkTensor } from '../checks/tensors.js';

/**
 * Mean square of the errors of each case, as a loss for `model.compile`.
 *
 * @param targets [B, numbers]
 * @param outputs [B, numbers]
 * @returns [B]; differentiable in the outputs
 * @throws Error that names the argument, if one is no tensor of this shape
 */
export function meanSquaredError(targets: tf.Tensor, outputs: tf.Tensor): tf.Tensor {
  checkTensor('meanSquaredError', 'targets', targets, ['float32', 'int32'], '[B, numbers]');
  checkShape('meanSquaredError', 'outputs', outputs, targets.shape);
  return tf.tidy(() => tf.mean(tf.squaredDifference(targets, outputs), -1));
}
