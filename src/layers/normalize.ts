import * as tf from '@tensorflow/tfjs-core';
import { withGradient } from '../ops/withGradient.js';

const columnSums = (x: tf.Tensor2D): tf.Tensor1D => tf.reshape(tf.matMul(tf.ones([1, x.shape[0]]), x), [-1]);

/** Batch normalisation's output, and the statistics that it used. */
export interface BatchNormalized {
  /** [T, C] */
  value: tf.Tensor2D;
  /** [1, C] */
  mean: tf.Tensor2D;
  /** [1, C], biased */
  variance: tf.Tensor2D;
}

/**
 * gamma (x - mu) / sqrt(sigma^2 + epsilon) + beta, with mu and sigma^2 those of each column over some of the rows.
 * Reductions over rows are matrix products: tfjs's `sum` over a leading axis transposes first.
 *
 * @param x [T, C]
 * @param gamma [C]
 * @param beta [C]
 * @param counted [T, 1], 1 for the rows that count in the statistics, 0 for the others (padding); all rows are mapped
 * @param epsilon added to the variance
 * @returns value, differentiable in x, gamma and beta (through mu and sigma too), and the statistics, as constants
 * @see Ioffe and Szegedy, Batch Normalization, arXiv 1502.03167
 */
export function batchNormalize(
  x: tf.Tensor2D,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  counted: tf.Tensor2D,
  epsilon: number,
): BatchNormalized {
  const weights = tf.div<tf.Tensor2D>(counted, tf.maximum(tf.sum(counted), 1));
  const mean = tf.matMul<tf.Tensor2D>(weights, x, true, false);
  const variance = tf.matMul<tf.Tensor2D>(weights, tf.square(tf.sub(x, mean)), true, false);
  const value = withGradient<tf.Tensor2D>([x, gamma, beta], (save) => {
    const scale = tf.rsqrt(tf.add(variance, epsilon));
    const normalized = tf.mul(tf.sub(x, mean), scale);
    save([normalized, tf.mul(scale, gamma), weights]);
    return {
      value: tf.add(tf.mul(normalized, gamma), beta),
      gradFunc: (dy, saved) => {
        const [normalized, scale, weights] = saved as tf.Tensor2D[];
        const dBeta = columnSums(dy);
        const dGamma = columnSums(tf.mul(dy, normalized));
        // mu and sigma move with the counted rows only, but every row's output depends on them.
        const throughStatistics = tf.mul(weights, tf.add(dBeta, tf.mul(normalized, dGamma)));
        return [tf.mul(scale, tf.sub(dy, throughStatistics)), dGamma, dBeta];
      },
    };
  });
  return { value, mean, variance };
}

/**
 * gamma (x - mu) / sqrt(sigma^2 + epsilon) + beta, with mu and sigma^2 those of each row.
 *
 * @param x [T, C]
 * @param gamma [C]
 * @param beta [C]
 * @param epsilon added to the variance
 * @returns [T, C]; differentiable in x, gamma and beta
 * @see Ba, Kiros and Hinton, Layer Normalization, arXiv 1607.06450
 */
export function layerNormalize(x: tf.Tensor2D, gamma: tf.Tensor1D, beta: tf.Tensor1D, epsilon: number): tf.Tensor2D {
  return withGradient<tf.Tensor2D>([x, gamma, beta], (save) => {
    const centred = tf.sub(x, tf.mean(x, 1, true));
    const scale = tf.rsqrt(tf.add(tf.mean(tf.square(centred), 1, true), epsilon));
    const normalized = tf.mul(centred, scale);
    save([normalized, scale, gamma]);
    return {
      value: tf.add(tf.mul(normalized, gamma), beta),
      gradFunc: (dy, saved) => {
        const [normalized, scale, gamma] = saved as tf.Tensor2D[];
        const dNormalized = tf.mul(dy, gamma);
        const alongNormalized = tf.mean(tf.mul(dNormalized, normalized), 1, true);
        const throughStatistics = tf.add(tf.mean(dNormalized, 1, true), tf.mul(normalized, alongNormalized));
        const dx = tf.mul(scale, tf.sub(dNormalized, throughStatistics));
        return [dx, columnSums(tf.mul(dy, normalized)), columnSums(dy)];
      },
    };
  });
}
