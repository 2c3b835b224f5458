// Attention-SH in the layer: averaging the input before the projections is the same as averaging keys and values.

import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { attention, init, MultiHeadAttention } from '../../src/index.js';
import { maxError, maxSize } from '../support/attention.js';
import { normal } from '../support/normal.js';

beforeAll(async () => {
  await init();
});

const [B, N, C, H, D] = [3, 13, 10, 4, 5];
const headScales = [2, 1, 3, 2];

/** The layer's formula without the shortcut: keys and values averaged by the kernel. */
function reference(layer: MultiHeadAttention, x: tf.Tensor, keyLengths: number[], options: object): tf.Tensor {
  const [wq, bq, ...others] = layer.getWeights();
  const [wo, bo] = others.slice(-2);
  // Each head is a run of its own here: [k | v] side by side.
  const columns = (from: number, bias: number) =>
    tf.concat(
      others
        .slice(0, -2)
        .flatMap((w, i) => (i % 2 === bias ? [tf.slice(w, bias ? [from] : [0, from], bias ? [D] : [C, D])] : [])),
      -1,
    );
  const [wk, bk, wv, bv] = [columns(0, 0), columns(0, 1), columns(D, 0), columns(D, 1)];
  const project = (y: tf.Tensor, w: tf.Tensor, b: tf.Tensor) =>
    tf.add(tf.reshape(tf.matMul(tf.reshape(y, [-1, y.shape[2]!]), w as tf.Tensor2D), [B, N, -1]), b);
  const heads = (y: tf.Tensor) => tf.transpose(tf.reshape(y, [B, N, H, D]), [0, 2, 1, 3]);
  const [q, k, v] = [project(x, wq, bq), project(x, wk, bk), project(x, wv, bv)].map(heads);
  const out = attention(q, k, v, { headScales, keyLengths, ...options });
  return project(tf.reshape(tf.transpose(out, [0, 2, 1, 3]), [B, N, H * D]), wo, bo);
}

it.each([
  {},
  { causal: true },
  { batchNorm: true },
  { window: [3, 2] as [number, number] },
  { kernel: 'linear' as const },
])('with %j', (options) => {
  tf.tidy(() => {
    const attentionOptions = { headScales, ...options };
    const layer = new MultiHeadAttention({ numHeads: H, keyDim: D, attention: attentionOptions, seed: 1 });
    const x = normal([B, N, C], 5);
    const lengths = tf.tensor2d([13, 7, 1], [B, 1]);
    layer.apply([x, lengths]);
    layer.setWeights(layer.getWeights().map((w, i) => tf.mul(normal(w.shape, 10 + i), 0.5)));
    const dOut = normal([B, N, C], 6);
    const ours = (x: tf.Tensor) => layer.apply([x, lengths]) as tf.Tensor;
    const theirs = (x: tf.Tensor) => reference(layer, x, [13, 7, 1], options);
    for (const [actual, expected] of [
      [ours(x), theirs(x)],
      [tf.grad(ours)(x, dOut), tf.grad(theirs)(x, dOut)],
    ]) {
      const values = expected.dataSync();
      expect(maxError(actual.dataSync(), values)).toBeLessThan(2e-5 * maxSize(values));
    }
  });
});

it('trains every weight', () => {
  tf.tidy(() => {
    const layer = new MultiHeadAttention({ numHeads: H, keyDim: D, attention: { headScales }, seed: 1 });
    const x = normal([B, N, C], 5);
    layer.apply(x);
    const { grads } = tf.variableGrads(() => tf.sum<tf.Scalar>(tf.square(layer.apply(x) as tf.Tensor)));
    expect(Object.keys(grads)).toHaveLength(12);
    const zero = Object.entries(grads).filter(([, gradient]) => maxSize(gradient.dataSync()) === 0);
    // The same vector added to all keys changes no weight: the keys' part of a bias has no gradient but rounding errors.
    expect(zero.map(([name]) => name).filter((name) => !name.includes('bias'))).toEqual([]);
  });
});
