/**
 * Infinite, huge and missing numbers: the exact result where float32 has it, NaN and Infinity as IEEE arithmetic and PyTorch
 * have them where it has not, and never a number that only looks right.
 */
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attention, type AttentionOptions, gelu, init, softmaxCrossEntropy } from '../../src/index.js';
import { linear } from '../../src/ops/linear.js';
import { attentionOracle } from '../oracles/attentionOracle.js';
import { builds, initBuild } from '../support/builds.js';
import { valueAndGradients } from '../support/differentiable.js';

afterAll(() => init());

/** A product has no room for the small ones beside the huge ones. */
const large = (x: number) => !(x !== 0 && Math.abs(x) < 1);
const points = [NaN, Infinity, -Infinity, 3e38, -3e38, 1e38, -1e38, 1e20, -1e20, 88, -88, 1e-30, -1e-30, 0];

/** Each number as close as float32 comes, or the same NaN or Infinity. */
function expectNear(found: ArrayLike<number>, expected: number[], what = ''): void {
  expect(found.length).toBe(expected.length);
  expected.forEach((value, i) => {
    const single = Math.fround(value);
    if (!Number.isFinite(single)) expect(found[i], `${what} [${i}]`).toBe(single);
    else expect(Math.abs(found[i] - single), `${what} [${i}]`).toBeLessThanOrEqual(2e-6 * Math.abs(single) + 1e-34);
  });
}

// Values and slopes of GELU and ReLU at the points above, where they are what they tend to.
const relu = (x: number) => (Number.isNaN(x) ? x : Math.max(x, 0));
const reluSlope = (x: number) => (x <= 0 ? 0 : 1);
const geluValue = (x: number) => (Math.abs(x) < 1 ? x / 2 : x < 0 ? 0 : x);
const geluSlope = (x: number) => (Number.isNaN(x) ? x : Math.abs(x) < 1 ? 0.5 : x < 0 ? 0 : 1);

describe.each(builds)('extremes, %s', (build) => {
  beforeAll(() => initBuild(build));

  it.each([false, true])('GELU and its gradient, tanh form %s', (approximate) => {
    // More than a vector, and a rest.
    const x = tf.tensor1d([...points, ...points]);
    const [y, dX] = valueAndGradients((x) => gelu(x, approximate), [x], tf.onesLike(x));
    expectNear(y.dataSync(), [...points, ...points].map(geluValue), 'value');
    expectNear(dX.dataSync(), [...points, ...points].map(geluSlope), 'gradient');
  });

  it.each(['relu', 'gelu', 'geluTanh'] as const)('%s after a product', (activation) => {
    const numbers = points.filter(large);
    const [x, one] = [tf.tensor2d(numbers, [numbers.length, 1]), tf.tensor2d([[1]])];
    const op = (x: tf.Tensor) => linear(x, one, undefined, activation);
    const [y, dX] = valueAndGradients(op, [x], tf.onesLike(x));
    const value = activation === 'relu' ? relu : geluValue;
    expectNear(y.dataSync(), numbers.map(value), 'value');
    expectNear(dX.dataSync(), numbers.map(activation === 'relu' ? reluSlope : geluSlope), 'gradient');
  });

  const fused: Record<string, (x: number) => number> = {
    relu: relu,
    relu6: (x) => (Number.isNaN(x) ? x : Math.min(Math.max(x, 0), 6)),
    elu: (x) => (x < 0 ? Math.expm1(x) : x),
    sigmoid: (x) => 1 / (1 + Math.exp(-x)),
    leakyrelu: (x) => (x < 0 ? 0.2 * x : x),
    prelu: (x) => (x < 0 ? 0.5 * x : x),
  };
  it.each(Object.keys(fused))('%s in a fused product', (activation) => {
    // Six rows or more, so that the product is not thin.
    const numbers = points.filter(large);
    const a = tf.tensor2d(numbers, [numbers.length, 1]);
    const y = tf.fused.matMul({
      ...{ a, b: tf.tensor2d([[1]]), transposeA: false, transposeB: false, leakyreluAlpha: 0.2 },
      activation: activation as tf.fused.Activation,
      ...(activation === 'prelu' && { preluActivationWeights: tf.tensor1d([0.5]) }),
    });
    expectNear(y.dataSync(), numbers.map(fused[activation]));
  });

  describe('attention', () => {
    const shape = { B: 1, H: 1, G: 1, N: 2, M: 3, D: 1, E: 1 };
    const v = [1, 2, 6];
    const run = (q: number[], k: number[], options: AttentionOptions = {}) => [
      ...attention(
        tf.tensor(q, [1, 1, 2, 1]),
        tf.tensor(k, [1, 1, 3, 1]),
        tf.tensor(v, [1, 1, 3, 1]),
        options,
      ).dataSync(),
    ];
    const exact = (q: number[], k: number[], options: AttentionOptions = {}) => [
      ...attentionOracle({ ...shape, q, k, v, dOut: [1, 1], ...options } as Parameters<typeof attentionOracle>[0]).out,
    ];

    it('is NaN where all scores overflow to -Infinity, and 0 only where a mask hides them', () => {
      expect(run([-3e38, 1], [1e30, 1e30, 1e30]).map(Number.isNaN)).toEqual([true, false]);
      const hidden = tf.tensor1d([-Infinity, -Infinity, -Infinity]);
      expect(run([-3e38, 1], [1e30, 1e30, 1e30], { mask: hidden })).toEqual([0, 0]);
      // Some of them: their weights are 0.
      expectNear(run([-3e38, 1], [1e30, 0, 0]), [4, 1]);
    });

    it('is NaN where a score overflows to Infinity', () => {
      expect(run([3e38, 0], [1e30, 0, 0])[0]).toBeNaN();
      expectNear(run([3e38, 0], [1e30, 0, 0]).slice(1), [3]);
    });

    it.each([1e-44, 1e-30, 1e-10, 1e10, 1e30, 3e38])('with a soft cap of %d', (softcap) => {
      expectNear(run([1, 2], [0.5, -1, 2], { softcap }), exact([1, 2], [0.5, -1, 2], { softcap }));
    });

    it.each([1e3, 1e9, 1e15])('linear, of features around %d', (size) => {
      const [q, k] = [
        [size, 2],
        [0.5, size, 2],
      ];
      expectNear(run(q, k, { kernel: 'linear' }), exact(q, k, { kernel: 'linear' }));
    });

    it('linear is NaN or Infinity where its sums overflow', () => {
      expect(Number.isFinite(run([1e30, 1], [1e30, 1e30, 1e30], { kernel: 'linear' })[0])).toBe(false);
    });
  });

  it('the cross-entropy of extreme logits', () => {
    const rows = [
      [3e38, -3e38, 0],
      [0, 1, -Infinity],
      [1e38, 2e38, 3e38],
    ];
    const labels = [
      [0, 1, 0],
      [1, 0, 0],
      [0, 0, 1],
    ];
    const loss = (row: number[], label: number[]) => {
      const most = Math.max(...row);
      const norm = most + Math.log(row.reduce((sum, z) => sum + Math.exp(z - most), 0));
      return label.reduce((sum, t, c) => (t === 0 ? sum : sum + t * (norm - Math.fround(row[c]))), 0);
    };
    const expected = rows.reduce((sum, row, b) => sum + loss(row, labels[b]) / 3, 0);
    const [value, gradient] = valueAndGradients(
      (z) => softmaxCrossEntropy(z, tf.tensor2d(labels)),
      [tf.tensor2d(rows)],
    );
    expectNear(value.dataSync(), [expected]);
    expectNear(gradient.dataSync(), [
      1 / 3,
      -1 / 3,
      0,
      (1 / (1 + Math.E) - 1) / 3,
      Math.E / (1 + Math.E) / 3,
      0,
      0,
      0,
      0,
    ]);
    for (const row of [
      [Infinity, 0, 0],
      [NaN, 0, 0],
      [-Infinity, -Infinity, -Infinity],
    ]) {
      expect(softmaxCrossEntropy(tf.tensor2d([row]), tf.tensor2d([[1, 0, 0]])).dataSync()[0]).toBeNaN();
    }
    const lost = softmaxCrossEntropy(tf.tensor2d([[-Infinity, 0, 0]]), tf.tensor2d([[1, 0, 0]]));
    expect(lost.dataSync()[0]).toBe(Infinity);
  });
});
