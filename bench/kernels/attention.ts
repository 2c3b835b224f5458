// Attention calls as the benchmarks make them, forward and with gradients.

import * as tf from '@tensorflow/tfjs-core';
import { attention, type AttentionOptions } from '../../src/index.js';
import {
  attentionCall,
  attentionOperands,
  passes,
  type AttentionPass,
  type AttentionShape,
} from '../../src/benchmarks/attentionCalls.js';
import { attentionFlops } from '../../src/analysis/attentionFlops.js';
import type { Prepared, Row } from './rows.js';

/** softmax(q k^T / sqrt(D)) v, one op at a time: the scores of all heads are on the heap. */
function composed(q: tf.Tensor, k: tf.Tensor, v: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.matMul(tf.softmax(tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(q.shape[3]!))), v));
}

/** One form of attention on random operands, next to plain softmax attention and tfjs's ops of the same shape. */
export function prepareAttention(
  shape: AttentionShape,
  pass: AttentionPass,
  options: AttentionOptions = {},
  keyHeads = shape[1],
): Required<Omit<Prepared, 'density' | 'bytes'>> {
  const [batch, heads, queries, headWidth] = shape;
  const own = attentionOperands(shape, keyHeads);
  const plain = keyHeads === heads ? own : attentionOperands(shape, heads);
  const sizes = { batch, heads, keyHeads, queries, keys: queries, headWidth, valueWidth: headWidth };
  const { forward, backward } = attentionFlops(sizes, options);
  return {
    flops: pass === 'forward' ? forward : forward + backward,
    ours: attentionCall(pass, own, (q, k, v) => attention(q, k, v, options)),
    softmax: attentionCall(pass, plain, (q, k, v) => attention(q, k, v)),
    tfjs: attentionCall(pass, plain, composed),
    dispose: () => tf.dispose([own, plain, options.mask ?? [], options.conv?.kernel ?? []]),
  };
}

const shapes: readonly AttentionShape[] = [
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
