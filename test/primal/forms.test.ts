// The framework's second statement, as code: which regression each form of attention solves, and what follows from it.

import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import {
  attention,
  type AttentionOptions,
  attentionWeights,
  blockMask,
  fitSupportVectors,
  init,
} from '../../src/index.js';
import { maxError } from '../support/attention.js';
import { normal } from '../support/normal.js';
import { random } from '../support/random.js';
import { attend, expectSame, noisy, price, rows } from './matrices.js';

await init();

describe('sparse: regressions on subsets of the pairs', () => {
  const [keys, queries] = [normal([32, 4], 'keys'), normal([32, 4], 'queries')];
  const [q, k] = [queries, keys];

  it('blocks of 8 are four regressions, one for each block', () => {
    const fits = [0, 8, 16, 24].map((start) =>
      fitSupportVectors(tf.slice(k, start, 8), tf.slice(noisy(k), start, 8), price),
    );
    const values = tf.concat2d(
      fits.map((fit) => fit.values),
      0,
    );
    const expected = tf.concat2d(
      fits.map((fit, n) => tf.sub(fit.predict(tf.slice(q, 8 * n, 8)), fit.bias)),
      0,
    );
    const block = (position: number) => Math.floor(position / 8);
    const pattern = blockMask((_, i, j) => block(i) === block(j), { queries: 32, blockSize: 8 });
    expectSame(attend(q, k, values, { blockMask: pattern }), expected);
    const mask = tf.tensor2d(
      Array.from({ length: 32 }, (_, i) => Array.from({ length: 32 }, (_, j) => block(i) === block(j))),
      [32, 32],
      'bool',
    );
    expectSame(attend(q, k, values, { mask }), expected);
  });

  it('a window is the regression of the pairs inside, for the query in its middle', () => {
    const [left, right] = [5, 3];
    const targets = noisy(k);
    for (const i of [0, 3, 17, 31]) {
      const start = Math.max(0, i - left);
      const size = Math.min(32, i + right + 1) - start;
      const fit = fitSupportVectors(tf.slice(k, start, size), tf.slice(targets, start, size), price);
      // Values outside are seen by no one here.
      const values = tf.pad(
        fit.values,
        [
          [start, 32 - start - size],
          [0, 0],
        ],
        1e3,
      );
      const out = tf.slice(attend(q, k, values, { window: [left, right] }), i, 1);
      expectSame(tf.add(out, fit.bias), fit.predict(tf.slice(q, i, 1)));
    }
  });
});

it('heads are regressions side by side', () => {
  const fits = ['a', 'b', 'c'].map((head) => {
    const keys = normal([20, 3], `keys ${head}`);
    return { fit: fitSupportVectors(keys, noisy(keys), price), queries: normal([9, 3], `queries ${head}`) };
  });
  const stack = (matrices: tf.Tensor2D[]) => tf.expandDims(tf.stack(matrices), 0);
  const out = attention(
    stack(fits.map(({ queries }) => queries)),
    stack(fits.map(({ fit }) => fit.keys)),
    stack(fits.map(({ fit }) => fit.values)),
  );
  const expected = fits.map(({ fit, queries }) => tf.sub<tf.Tensor2D>(fit.predict(queries), fit.bias));
  expectSame(out, stack(expected));
});

/** (x - mu) / sqrt(sigma^2 + epsilon), with the statistics of the keys. */
function normalise(x: tf.Tensor2D, keys: tf.Tensor2D, epsilon: number): tf.Tensor2D {
  const { mean, variance } = tf.moments(keys, 0);
  return tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, epsilon)));
}

describe('Attention-BN: a batch normalisation in the layer', () => {
  const spread = tf.tensor1d([0.5, 1, 2, 3]);
  const keys = tf.add<tf.Tensor2D>(tf.mul(normal([30, 4], 'keys'), spread), [1, -1, 0, 2]);
  const queries = tf.add<tf.Tensor2D>(tf.mul(normal([11, 4], 'queries'), spread), [1, -1, 0, 2]);
  const values = normal([30, 3], 'values');

  it.each(['softmax', 'linear'] as const)('is the regression on normalised keys and queries, %s', (kernel) => {
    const fit = fitSupportVectors(normalise(keys, keys, 1e-5), noisy(keys), { kernel, ...price });
    const out = attend(queries, keys, fit.values, { kernel, batchNorm: { epsilon: 1e-5 } });
    expectSame(tf.add(out, fit.bias), fit.predict(normalise(queries, keys, 1e-5)));
  });

  it('does not see k -> c k + t, q -> c q + t, feature by feature', () => {
    const bn: AttentionOptions = { batchNorm: { epsilon: 0 } };
    const rng = random('scales');
    const plain = attend(queries, keys, values, bn);
    for (let n = 0; n < 5; n++) {
      const c = tf.tensor1d(Array.from({ length: 4 }, () => rng.pick([-1, 1]) * Math.exp(rng.normal())));
      const t = tf.tensor1d(rng.normals(4, 3));
      const [movedQ, movedK] = [queries, keys].map((x) => tf.add<tf.Tensor2D>(tf.mul(x, c), t));
      expectSame(attend(movedQ, movedK, values, bn), plain, 3e-5);
      expect(maxError(attend(movedQ, movedK, values).dataSync(), plain.dataSync())).toBeGreaterThan(0.1);
    }
  });

  it('is plain attention with queries (q - mu) / (sigma^2 + epsilon), the keys as they are', () => {
    const epsilon = 0.1;
    const { mean, variance } = tf.moments(keys, 0);
    const cheap = tf.div<tf.Tensor2D>(tf.sub(queries, mean), tf.add(variance, epsilon));
    expectSame(attend(queries, keys, values, { batchNorm: { epsilon } }), attend(cheap, keys, values));
  });

  it('adds -mu.k to the scores: keys along the mean are attended less, whatever the query', () => {
    const [epsilon, width] = [0.1, 4];
    const { mean, variance } = tf.moments(keys, 0);
    const divisor = tf.mul(tf.add(variance, epsilon), Math.sqrt(width));
    const scores = tf.matMul(tf.div<tf.Tensor2D>(tf.sub(queries, mean), divisor), keys, false, true);
    const [q, k] = [queries, keys].map((x) => tf.reshape(x, [1, 1, ...x.shape]));
    const weights = tf.reshape(attentionWeights(q, k, { batchNorm: { epsilon } }), scores.shape);
    expectSame(weights, tf.softmax(scores));
  });
});

/** Averages over windows of r rows, the last one over what is left. */
function pool(x: tf.Tensor2D, r: number): tf.Tensor2D {
  const starts = Array.from({ length: Math.ceil(x.shape[0] / r) }, (_, n) => n * r);
  return tf.concat2d(
    starts.map((start) => tf.mean<tf.Tensor2D>(tf.slice(x, start, Math.min(r, x.shape[0] - start)), 0, true)),
    0,
  );
}

describe('Attention-SH: fewer pairs', () => {
  const [r, length] = [4, 30];
  const [keys, queries] = [normal([length, 3], 'keys'), normal([17, 3], 'queries')];
  /** Values whose averages over the windows are these. */
  const spreadOut = (values: tf.Tensor2D) =>
    tf.gather(
      values,
      Int32Array.from({ length }, (_, j) => Math.floor(j / r)),
    );

  it('pooling commutes with projections, bias and short last window included', () => {
    const [x, W, b] = [normal([length, 5], 'x'), normal([5, 3], 'W'), normal([1, 3], 'b')];
    const project = (x: tf.Tensor2D) => tf.add<tf.Tensor2D>(tf.matMul(x, W), b);
    expectSame(pool(project(x), r), project(pool(x, r)));
  });

  it.each(['softmax', 'linear'] as const)('is the regression on the averaged pairs, %s', (kernel) => {
    const fit = fitSupportVectors(pool(keys, r), pool(noisy(keys), r), { kernel, ...price });
    const out = attend(queries, keys, spreadOut(fit.values), { kernel, headScales: [r] });
    expectSame(tf.add(out, fit.bias), fit.predict(queries));
  });

  it('with Attention-BN, takes the statistics of the averaged keys', () => {
    const pooled = pool(keys, r);
    const fit = fitSupportVectors(normalise(pooled, pooled, 1e-5), pool(noisy(keys), r), price);
    const out = attend(queries, keys, spreadOut(fit.values), { headScales: [r], batchNorm: true });
    expectSame(tf.add(out, fit.bias), fit.predict(normalise(queries, pooled, 1e-5)));
  });
});

it('Attention-Conv: a convolution in the layer', () => {
  const [keys, queries, kernel] = [normal([24, 3], 'keys'), normal([10, 3], 'queries'), normal([3, 5], 'kernel')];
  const convolve = (x: tf.Tensor2D) => {
    const weights = rows(kernel);
    return tf.tensor2d(
      rows(x).map((row, i, all) =>
        row.map((_, d) => weights[d].reduce((sum, w, t) => sum + w * (all[i + t - 2]?.[d] ?? 0), 0)),
      ),
    );
  };
  const fit = fitSupportVectors(convolve(keys), noisy(keys), price);
  const out = attend(queries, keys, fit.values, { conv: { kernel: tf.reshape(kernel, [1, 3, 5]) } });
  expectSame(tf.add(out, fit.bias), fit.predict(convolve(queries)));
});
