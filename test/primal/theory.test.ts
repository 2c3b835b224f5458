// The framework's statements, as code: which regression each form of attention solves, and what follows from it.

import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import {
  attention,
  type AttentionOptions,
  blockMask,
  fitSupportVectors,
  init,
  type SupportVectorFit,
  type SupportVectorOptions,
} from '../../src/index.js';
import { maxError, maxSize } from '../support/attention.js';
import { random } from '../support/random.js';
import { columnOf, dot, normaliser, positive, rowsOf } from './regression.js';

await init();

const normal = (seed: string, rows: number, width: number) =>
  tf.tensor2d(random(seed).normals(rows * width), [rows, width]);

const rows = (matrix: tf.Tensor2D) => rowsOf(matrix.dataSync(), matrix.shape[1]);

/** `attention` for one sample and one head, all operands being matrices. */
function attend(q: tf.Tensor2D, k: tf.Tensor2D, v: tf.Tensor2D, options: AttentionOptions = {}): tf.Tensor2D {
  const [q4, k4, v4] = [q, k, v].map((x) => tf.reshape(x, [1, 1, ...x.shape]));
  return tf.reshape(attention(q4, k4, v4, options), [q.shape[0], v.shape[1]]);
}

/** Targets that follow from the keys, but for noise. */
const noisy = (keys: tf.Tensor2D): tf.Tensor2D =>
  tf.tidy(() => tf.add<tf.Tensor2D>(tf.sin(tf.mul(keys.slice([0, 0], [-1, 2]), 2)), tf.mul(normal('noise', keys.shape[0], 2), 0.3)));

const price = { C: 2, epsilon: 0.05, kernelScale: 'auto', tolerance: 1e-7 } as const satisfies SupportVectorOptions;

function expectSame(actual: tf.Tensor, expected: tf.Tensor | number[][], bound = 1e-5): void {
  const [a, b] = [actual.dataSync(), Array.isArray(expected) ? expected.flat() : expected.dataSync()];
  expect(maxError(a, b)).toBeLessThan(bound * Math.max(1, maxSize(b)));
}

/** The layer of the primal side, in float64: W Phi(x) / h(x) + b. */
function primalLayer(
  { keys, values, bias }: SupportVectorFit,
  kernel: 'softmax' | 'linear',
  features: (row: number[]) => number[],
): { W: number[][]; b: number[]; layer: (x: number[], W: number[][], b: number[]) => number[] } {
  const [keyRows, valueRows] = [rows(keys), rows(values)];
  const mapped = keyRows.map(features);
  const W = valueRows[0].map((_, d) => mapped[0].map((_, f) => dot(columnOf(valueRows, d), columnOf(mapped, f))));
  const layer = (x: number[], W: number[][], b: number[]) =>
    W.map((w, d) => dot(w, features(x)) / normaliser(kernel, x, keyRows) + b[d]);
  return { W, b: [...bias.dataSync()], layer };
}

/** All monomials of x up to a degree, so that their products are the series of exp(x.y / sqrt D). */
function monomials(row: number[], degree = 24): number[] {
  const series = (x: number) => {
    const terms = [1];
    for (let n = 1; n <= degree; n++) terms.push((terms[n - 1] * x * row.length ** -0.25) / Math.sqrt(n));
    return terms;
  };
  return row.map(series).reduce((products, terms) => products.flatMap((p) => terms.map((t) => p * t)), [1]);
}

describe.each([
  ['linear', 5, positive],
  ['softmax', 2, (row: number[]) => monomials(row)],
] as const)('%s: the layer and the attention are one function', (kernel, width, features) => {
  const solved = () => {
    const keys = normal('keys', 40, width);
    const targets = noisy(keys);
    return { targets, fit: fitSupportVectors(keys, targets, { kernel, ...price }) };
  };

  it('W Phi(x) / h(x) + b = sum_j Phi(x).Phi(k_j) / h(x) v_j + b = pa.attention + b', () => {
    const { fit } = solved();
    const queries = normal('queries', 13, width);
    const { W, b, layer } = primalLayer(fit, kernel, features);
    const [keyFeatures, valueRows, keyRows] = [rows(fit.keys).map(features), rows(fit.values), rows(fit.keys)];
    const byLayer = rows(queries).map((x) => layer(x, W, b));
    const bySupportVectors = rows(queries).map((x) => {
      const total = normaliser(kernel, x, keyRows);
      return b.map(
        (bias, d) =>
          fit.supportIndices.reduce((sum, j) => sum + dot(features(x), keyFeatures[j]) * valueRows[j][d], 0) / total +
          bias,
      );
    });
    expectSame(tf.tensor2d(byLayer), bySupportVectors);
    expectSame(fit.predict(queries), byLayer);
    expectSame(tf.add(attend(queries, fit.keys, fit.values, { kernel }), fit.bias), byLayer);
  });

  it('W and b minimise the primal problem: no direction leads down', () => {
    const { fit, targets } = solved();
    const { W, b, layer } = primalLayer(fit, kernel, features);
    const [keyRows, targetRows] = [rows(fit.keys), rows(targets)];
    // kernelScale prices the errors: the problem of the paper with C kernelScale, divided by kernelScale.
    const objective = (W: number[][], b: number[]) =>
      W.reduce((sum, w) => sum + dot(w, w), 0) / (2 * fit.kernelScale) +
      keyRows.reduce((sum, key, j) => {
        const errors = layer(key, W, b).map((f, d) => Math.abs(targetRows[j][d] - f) - price.epsilon);
        return sum + price.C * errors.reduce((total, error) => total + Math.max(0, error), 0);
      }, 0);
    const least = objective(W, b);
    const rng = random('directions');
    for (let n = 0; n < 20; n++) {
      // Steps by which the layer changes visibly: half of them along W and b, half along b alone.
      const size = rng.pick([1e-3, 1e-2]) * Math.sqrt(fit.kernelScale) * (n % 2);
      const stepped = W.map((w) => w.map((x) => x + size * rng.normal()));
      expect(
        objective(
          stepped,
          b.map((x) => x + 1e-2 * rng.normal()),
        ),
      ).toBeGreaterThan(least - 1e-5);
    }
    expect(
      objective(
        W.map((w) => w.map((x) => x * 0.99)),
        b,
      ),
    ).toBeGreaterThan(least);
    expect(
      objective(
        W.map((w) => w.map((x) => x * 1.01)),
        b,
      ),
    ).toBeGreaterThan(least);
  });

  it('free support vectors lie on the edge of the tube', () => {
    const { fit, targets } = solved();
    const errors = tf.sub(targets, fit.predict(fit.keys)).dataSync();
    const duals = fit.dual.dataSync();
    const free = [...duals.keys()].filter((at) => duals[at] !== 0 && Math.abs(duals[at]) < 0.999 * price.C);
    expect(free.length).toBeGreaterThan(2);
    for (const at of free) expect(errors[at]).toBeCloseTo(Math.sign(duals[at]) * price.epsilon, 4);
  });
});

describe('sparse: regressions on subsets of the pairs', () => {
  const [keys, queries] = [normal('keys', 32, 4), normal('queries', 32, 4)];
  const [q, k] = [queries, keys];

  it('blocks of 8 are four regressions, one for each block', () => {
    const fits = [0, 8, 16, 24].map((start) => fitSupportVectors(k.slice(start, 8), noisy(k).slice(start, 8), price));
    const values = tf.concat2d(
      fits.map((fit) => fit.values),
      0,
    );
    const expected = tf.concat2d(
      fits.map((fit, n) => tf.sub(fit.predict(q.slice(8 * n, 8)), fit.bias)),
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
      const fit = fitSupportVectors(k.slice(start, size), targets.slice(start, size), price);
      // Values outside are seen by no one here.
      const values = tf.pad(
        fit.values,
        [
          [start, 32 - start - size],
          [0, 0],
        ],
        1e3,
      );
      const out = attend(q, k, values, { window: [left, right] }).slice(i, 1);
      expectSame(tf.add(out, fit.bias), fit.predict(q.slice(i, 1)));
    }
  });
});

it('heads are regressions side by side', () => {
  const fits = ['a', 'b', 'c'].map((head) => {
    const keys = normal(`keys ${head}`, 20, 3);
    return { fit: fitSupportVectors(keys, noisy(keys), price), queries: normal(`queries ${head}`, 9, 3) };
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
  const keys = tf.add<tf.Tensor2D>(tf.mul(normal('keys', 30, 4), spread), [1, -1, 0, 2]);
  const queries = tf.add<tf.Tensor2D>(tf.mul(normal('queries', 11, 4), spread), [1, -1, 0, 2]);
  const values = normal('values', 30, 3);

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

  it('attends to the mean key less than plain attention with the same spread does', () => {
    const centred = { batchNorm: true };
    const share = (options: AttentionOptions) => {
      const mean = tf.mean<tf.Tensor2D>(keys, 0, true);
      const withMean = tf.concat2d([keys, mean], 0);
      const onlyMean = tf.concat2d([tf.zeros<tf.Tensor2D>([30, 1]), tf.ones<tf.Tensor2D>([1, 1])], 0);
      return (
        attend(keys, withMean, onlyMean, options)
          .dataSync()
          .reduce((sum, weight) => sum + weight) / 30
      );
    };
    expect(share(centred)).toBeLessThan(share({ batchNorm: { beta: 0 } }));
  });
});

/** Averages over windows of r rows, the last one over what is left. */
function pool(x: tf.Tensor2D, r: number): tf.Tensor2D {
  const starts = Array.from({ length: Math.ceil(x.shape[0] / r) }, (_, n) => n * r);
  return tf.concat2d(
    starts.map((start) => tf.mean<tf.Tensor2D>(x.slice(start, Math.min(r, x.shape[0] - start)), 0, true)),
    0,
  );
}

describe('Attention-SH: fewer pairs', () => {
  const [r, length] = [4, 30];
  const [keys, queries] = [normal('keys', length, 3), normal('queries', 17, 3)];
  /** Values whose averages over the windows are these. */
  const spreadOut = (values: tf.Tensor2D) =>
    tf.gather(
      values,
      Int32Array.from({ length }, (_, j) => Math.floor(j / r)),
    );

  it('pooling commutes with projections, bias and short last window included', () => {
    const [x, W, b] = [normal('x', length, 5), normal('W', 5, 3), normal('b', 1, 3)];
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
  const [keys, queries, kernel] = [normal('keys', 24, 3), normal('queries', 10, 3), normal('kernel', 3, 5)];
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
