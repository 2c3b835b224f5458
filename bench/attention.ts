// Attention, forward and with gradients, against the same formula composed of tfjs's own ops.

import * as tf from '@tensorflow/tfjs-core';
import { attention } from '../src/index.js';
import type { Row } from './rows.js';

type Qkv = [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];

/** softmax(q k^T / sqrt(D)) v, one op at a time: the scores of all heads are on the heap. */
function composed(q: tf.Tensor, k: tf.Tensor, v: tf.Tensor): tf.Tensor4D {
  const scores = tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(q.shape[3]!));
  return tf.matMul(tf.softmax(scores), v) as tf.Tensor4D;
}

/** 4 B H N M D forward; 14 with gradients: five products of the backward pass. */
function row(shape: [number, number, number, number], gradients: boolean): Row {
  const [B, H, N, D] = shape;
  return {
    kernel: gradients ? 'attention forward+backward' : 'attention forward',
    shape: shape.join('x'),
    flops: (gradients ? 14 : 4) * B * H * N * N * D,
    prepare() {
      const inputs = [1, 2, 3].map((seed) => tf.randomNormal(shape, 0, 1, 'float32', seed)) as Qkv;
      const dy = tf.randomNormal(shape, 0, 1, 'float32', 4);
      const call = (f: (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor) => tf.Tensor) => () => {
        tf.dispose(gradients ? tf.grads(f)(inputs, dy) : tf.tidy(() => f(...inputs)));
      };
      return { ours: call(attention), tfjs: call(composed), dispose: () => tf.dispose([...inputs, dy]) };
    },
  };
}

const shapes: [number, number, number, number][] = [
  [1, 8, 128, 64],
  [1, 8, 512, 64],
  [1, 8, 2048, 64],
  [32, 8, 29, 64],
];

export const attentionRows: Row[] = [false, true].flatMap((gradients) => shapes.map((shape) => row(shape, gradients)));
