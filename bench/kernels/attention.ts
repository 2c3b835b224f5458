// Attention calls as the benchmarks make them, forward and with gradients.

import * as tf from '@tensorflow/tfjs-core';
import { attention, type AttentionOptions } from '../../src/index.js';
import { attentionFlops } from '../../src/analysis/attentionFlops.js';
import type { Pass, Prepared, Row } from './rows.js';

/** B, H, N, D; keys are as many as queries, values as wide as keys. */
export type Shape = readonly [batch: number, heads: number, positions: number, depth: number];

type Operands = [q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, dOut: tf.Tensor];

function operands([B, H, N, D]: Shape, keyHeads: number): Operands {
  const heads = [H, keyHeads, keyHeads, H];
  return heads.map((count, seed) => tf.randomNormal([B, count, N, D], 0, 1, 'float32', seed + 1)) as Operands;
}

/** A call of `f` on q, k, v, or of its gradients too, that disposes what it makes. */
function callOf(pass: Pass, [q, k, v, dOut]: Operands, f: (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor) => tf.Tensor) {
  if (pass === 'forward') return () => f(q, k, v).dispose();
  const gradients = tf.grads(f);
  return () => tf.dispose(gradients([q, k, v], dOut));
}

/** softmax(q k^T / sqrt(D)) v, one op at a time: the scores of all heads are on the heap. */
function composed(q: tf.Tensor, k: tf.Tensor, v: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.matMul(tf.softmax(tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(q.shape[3]!))), v));
}

/** One form of attention on random operands, with plain softmax attention and tfjs's ops of the same shape beside it. */
export function prepareAttention(
  shape: Shape,
  pass: Pass,
  options: AttentionOptions = {},
  keyHeads: number = shape[1],
): Required<Omit<Prepared, 'density' | 'bytes'>> {
  const [batch, heads, queries, depth] = shape;
  const own = operands(shape, keyHeads);
  const plain = keyHeads === heads ? own : operands(shape, heads);
  const sizes = { batch, heads, keyHeads, queries, keys: queries, depth, valueDepth: depth };
  const { forward, backward } = attentionFlops(sizes, options);
  return {
    flops: pass === 'forward' ? forward : forward + backward,
    ours: callOf(pass, own, (q, k, v) => attention(q, k, v, options)),
    softmax: callOf(pass, plain, (q, k, v) => attention(q, k, v)),
    tfjs: callOf(pass, plain, composed),
    dispose: () => tf.dispose([own, plain, options.mask ?? [], options.conv?.kernel ?? []]),
  };
}

export const passes: readonly Pass[] = ['forward', 'forward+backward'];

const shapes: readonly Shape[] = [
  [1, 8, 128, 64],
  [1, 8, 512, 64],
  [1, 8, 2048, 64],
  [32, 8, 29, 64],
];

/** Plain softmax attention against tfjs's ops. */
export const softmaxRows: readonly Row[] = passes.flatMap((pass) =>
  shapes.map((shape) => ({
    kernel: 'attention softmax',
    pass,
    shape: shape.join('x'),
    beside: 'tfjs',
    prepare: () => {
      const { flops, ours, tfjs, dispose } = prepareAttention(shape, pass);
      return { flops, ours, tfjs, dispose };
    },
  })),
);
