// The same computation in a page and in Node.

import * as tf from '@tensorflow/tfjs-core';
import { attention, gelu } from 'primal-attention';

function numbers(...shape: number[]): tf.Tensor {
  const values = Float32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, index) => 2 * Math.sin(index * index));
  return tf.tensor(values, shape);
}

/** Results of products, GELU and attention, gradients too, large enough for several tasks each. */
export function compute(): number[][] {
  return tf.tidy(() => {
    const [a, b] = [numbers(200, 150), numbers(150, 310)];
    const q = numbers(2, 4, 70, 16) as tf.Tensor4D;
    const gradient = tf.grad((x: tf.Tensor) => tf.sum(gelu(tf.matMul(x, b))));
    const attend = tf.grad((x: tf.Tensor) => tf.sum(attention(x as tf.Tensor4D, q, q, { batchNorm: true })));
    const results = [tf.matMul(a, b), gradient(a), attention(q, q, q), attend(numbers(2, 4, 70, 16))];
    return results.map((result) => [...result.dataSync()]);
  });
}
