/** Kernels make 0 of subnormal numbers, which some processors are slow with: proven by the values, on any processor. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { attention, type AttentionOptions, gelu, softmaxCrossEntropy } from '../../src/index.js';
import { addPositions } from '../../src/ops/addPositions.js';
import { blend } from '../../src/ops/blend.js';
import { dropout } from '../../src/ops/dropout.js';
import { linear } from '../../src/ops/linear.js';
import { momentStep } from '../../src/ops/momentStep.js';
import { residual } from '../../src/ops/residual.js';
import { distribution } from '../oracles/activationOracle.js';
import { builds, initBuild } from '../support/builds.js';
import { valueAndGradients } from '../support/differentiable.js';
import { logUniform, subnormals } from '../support/logUniform.js';
import { normal } from '../support/normal.js';

const values = (tensor: tf.Tensor) => Array.from(tensor.dataSync());

describe.each(builds)('subnormal numbers, %s', (build) => {
  beforeAll(() => initBuild(build));

  it.each([false, true])('GELU and its gradient, tanh form %s', (approximate) => {
    const inputs = [logUniform([1003], 1), tf.linspace(-20, 20, 4003)];
    for (const x of inputs) {
      const dY = logUniform(x.shape, 2);
      expect(subnormals(valueAndGradients((x) => gelu(x, approximate), [x], dY))).toEqual([]);
    }
  });

  it('GELU keeps the digits of its tail down to -12.6, and of small numbers', () => {
    const points = [-12.55, -9, -1e-3, -1e-18, 1e-25, 2e-37, 1e-30];
    const expected = points.map((x) => Math.fround(x) * distribution(Math.fround(x)));
    const found = values(gelu(tf.tensor1d(points)));
    found.forEach((y, i) => expect(Math.abs(y / expected[i] - 1), `at ${points[i]}`).toBeLessThan(2e-5));
    expect(values(gelu(tf.tensor1d([-13, -1e30, 1e30])))).toEqual([0, 0, Math.fround(1e30)]);
  });

  it.each([false, true])('the gradient of GELU is finite for any finite number, tanh form %s', (approximate) => {
    const x = tf.tensor1d([-3e38, -1e20, -13, 13, 1e20, 3e38]);
    expect(values(tf.grad((x: tf.Tensor) => gelu(x, approximate))(x, tf.onesLike(x)))).toEqual([0, 0, 0, 1, 1, 1]);
  });

  it.each(['relu', 'gelu', 'geluTanh'] as const)('%s after a product by 1', (activation) => {
    const one = tf.tensor2d([[1]]);
    expect(subnormals([linear(logUniform([1003, 1], 1), one, undefined, activation)])).toEqual([]);
  });

  it('the gradient of the cross-entropy', () => {
    const logits = tf.concat([logUniform([40, 11], 1), tf.mul(60, normal([40, 11], 2))]);
    const classes = Array.from({ length: 80 }, (_, i) => i % 11);
    const labels = tf.cast(tf.oneHot(classes, 11), 'float32');
    for (const dLoss of [1, 1e-20, 1e-34]) {
      const gradient = tf.grad((z: tf.Tensor) => softmaxCrossEntropy(z, labels))(logits, tf.scalar(dLoss));
      expect(subnormals([gradient])).toEqual([]);
    }
  });

  it('dropout, residual sums and positions', () => {
    const [x, y] = [logUniform([4, 7, 33], 1), logUniform([4, 7, 33], 2)];
    const positions = logUniform([7, 33], 3);
    const results = [
      dropout(x, 0.3, 5),
      residual(x, y, 0.3, 5),
      blend(x, 0.3, y, 0.7),
      addPositions(x, positions, 0.7),
    ];
    expect(subnormals(results)).toEqual([]);
  });

  it('moments, which decay to 0 and stop', () => {
    const slot = {
      parameter: tf.variable(normal([1003], 1)),
      gradient: logUniform([1003], 2),
      first: tf.variable(logUniform([1003], 3)),
      second: tf.variable(tf.abs(logUniform([1003], 4))),
    };
    const settings = {
      beta1: 0.5,
      beta2: 0.5,
      decay: 1,
      stepSize: 1e-3,
      epsilon: 1e-7,
      adaptive: true,
      clipNorm: Infinity,
    };
    momentStep([slot], settings);
    expect(subnormals([slot.parameter, slot.first, slot.second])).toEqual([]);
    const still = { ...slot, gradient: tf.zeros([1003]) };
    for (let step = 0; step < 170; step++) {
      momentStep([still], settings);
      expect(subnormals([slot.first, slot.second])).toEqual([]);
    }
    expect(values(slot.first).every((m) => m === 0)).toBe(true);
  });

  it.each([10, 60, 100, 1000])('attention whose scores range over %i, and its gradients', (range) => {
    const [q, k, v, dY] = [1, 2, 3, 4].map((seed) => normal([1, 2, 70, 8], seed));
    const sharp = (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor) => attention(q, k, v, { scale: range / 16 });
    expect(subnormals(valueAndGradients(sharp, [q, k, v], dY))).toEqual([]);
  });

  const forms: [string, AttentionOptions][] = [
    ['softmax', {}],
    ['causal', { causal: true }],
    ['Attention-BN', { batchNorm: true }],
    ['Attention-SH', { headScales: [3] }],
    ['linear', { kernel: 'linear' }],
  ];
  it.each(forms)('attention and its gradients, %s', (_, options) => {
    // Rows that the products use where they are, and copies; one block of keys, and several.
    for (const [keys, headWidth, width] of [
      [20, 8, 8],
      [150, 16, 16],
      [70, 7, 9],
    ]) {
      const q = logUniform([1, 2, 70, headWidth], 1);
      const [k, v] = [logUniform([1, 1, keys, headWidth], 2), logUniform([1, 1, keys, width], 3)];
      const op = (...[q, k, v]: tf.Tensor[]) => attention(q, k, v, options);
      expect(subnormals(valueAndGradients(op, [q, k, v], logUniform([1, 2, 70, width], 4)))).toEqual([]);
    }
  });

  it('gradients that are tiny everywhere are those of larger ones, smaller', () => {
    const [q, k, v, dY] = [1, 2, 3, 4].map((seed) => normal([1, 2, 70, 8], seed));
    const op = (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor) => attention(q, k, v);
    const tiny = 2 ** -83;
    const large = valueAndGradients(op, [q, k, v], dY),
      small = valueAndGradients(op, [q, k, v], tf.mul(dY, tiny));
    large.slice(1).forEach((gradient, i) => {
      const expected = values(gradient),
        found = values(small[i + 1]).map((x) => x / tiny);
      const most = Math.max(...expected.map(Math.abs));
      expect(Math.max(...found.map((x, j) => Math.abs(x - expected[j]))) / most).toBeLessThan(1e-6);
    });
  });
});
