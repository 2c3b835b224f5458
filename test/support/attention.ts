// Runs pa.attention on arrays and brings results and gradients back as arrays.

import * as tf from '@tensorflow/tfjs-core';
import { attention, type AttentionOptions } from '../../src/index.js';
import type { OracleResult } from '../oracles/attentionOracle.js';

export { maxError } from './maxError.js';

export interface AttentionArrays {
  q: tf.Tensor;
  k: tf.Tensor;
  v: tf.Tensor;
  dOut: tf.Tensor;
}

type Results = Record<keyof OracleResult, Float32Array>;

/** Output and gradients of `attention`; disposes nothing of its arguments and leaves nothing behind. */
export function attentionWithGradients({ q, k, v, dOut }: AttentionArrays, options: AttentionOptions): Results {
  return tf.tidy(() => {
    const { value, grads } = tf.valueAndGrads((q, k, v) => tf.sum(tf.mul(attention(q, k, v, options), dOut)))([
      q,
      k,
      v,
    ]);
    value.dispose();
    const [dq, dk, dv] = grads.map((gradient) => gradient.dataSync() as Float32Array);
    return { out: attention(q, k, v, options).dataSync() as Float32Array, dq, dk, dv };
  });
}

/** Largest absolute value. */
export function maxSize(values: ArrayLike<number>): number {
  let size = 0;
  for (let i = 0; i < values.length; i++) size = Math.max(size, Math.abs(values[i]));
  return size;
}
