import * as tf from '@tensorflow/tfjs-core';
import { withGradient } from './withGradient.js';

/**
 * Gaussian error linear unit in its exact form, x Phi(x), with Phi the standard normal distribution function.
 *
 * @param x float32 tensor of any shape
 * @returns a tensor of x's shape; differentiable in x: Phi(x) + x phi(x)
 * @see Hendrycks and Gimpel, Gaussian Error Linear Units, arXiv 1606.08415
 */
export function gelu<T extends tf.Tensor>(x: T): T {
  return withGradient<T>([x], (save) => {
    const distribution = tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5);
    save([x, distribution]);
    return {
      value: tf.mul(x, distribution),
      gradFunc: (dy, [x, distribution]) => {
        const density = tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
        return tf.mul(dy, tf.add(distribution, tf.mul(x, density)));
      },
    };
  });
}
