import * as tf from '@tensorflow/tfjs-core';

/**
 * x W + b over the last axis, as one matrix product.
 *
 * @param x [..., C]
 * @param kernel W, [C, U]
 * @param bias b, [U]
 * @returns [..., U]; differentiable in all three
 */
export function linear(x: tf.Tensor, kernel: tf.Tensor, bias?: tf.Tensor): tf.Tensor {
  const [inner, units] = kernel.shape;
  const rows = tf.reshape<tf.Rank.R2>(x, [-1, inner]);
  return tf.reshape(tf.fused.matMul({ a: rows, b: kernel, bias }), [...x.shape.slice(0, -1), units]);
}
