import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { attention, type AttentionOptions, init } from '../../../src/index.js';
import { maxError } from '../../support/attention.js';
import { attentionCase, type CaseShape, checkCase, computeCase, normalOperands } from '../../support/attentionCase.js';
import { attentionTensors } from '../../support/attentionTensors.js';
import { normal } from '../../support/normal.js';

beforeAll(async () => {
  await init();
});

describe('Attention-BN', () => {
  const shape: CaseShape = { B: 2, H: 4, G: 2, N: 11, M: 37, D: 9, E: 6 };

  it.each<[string, AttentionOptions]>([
    ['alone', {}],
    ['with a soft cap', { softcap: 0.8 }],
    ['with key lengths', { keyLengths: [37, 12] }],
    ['with a window', { window: [6, 6], queryOffset: 10 }],
    ['with SH', { headScales: [2, 3] }],
    ['linear', { kernel: 'linear' }],
  ])('does not change under k -> c k + t, q -> c q + t per feature: %s', (_, options) => {
    tf.tidy(() => {
      const { q, k, v } = attentionTensors(shape);
      const c = tf.exp(normal([1, 1, 1, 9], 'c'));
      const t = normal([1, 1, 1, 9], 't');
      const move = (x: tf.Tensor) => tf.add(tf.mul(x, c), t);
      const all: AttentionOptions = { ...options, batchNorm: { epsilon: 0 } };
      const [before, after] = [attention(q, k, v, all), attention(move(q), move(k), v, all)];
      expect(maxError(after.dataSync(), before.dataSync())).toBeLessThan(2e-5);
      const plain = attention(q, k, v, options);
      expect(maxError(plain.dataSync(), before.dataSync())).toBeGreaterThan(0.01);
    });
  });

  it.each<[string, AttentionOptions]>([
    ['beta 0 and no variance is none', { batchNorm: { beta: 0, variance: false } }],
    ['false is none', { batchNorm: false }],
  ])('%s', (_, options) => {
    const run = (options: AttentionOptions) => computeCase(attentionCase(shape, normalOperands(shape), options)).out!;
    expect(maxError(run(options), run({}))).toBeLessThan(1e-6);
  });

  it('true and {} are the defaults', () => {
    const run = (batchNorm: AttentionOptions['batchNorm']) =>
      computeCase(attentionCase(shape, normalOperands(shape), { batchNorm }));
    const expected = run({ beta: 1, variance: true, epsilon: 1e-5 });
    expect(run(true)).toEqual(expected);
    expect(run({})).toEqual(expected);
    expect(run({ beta: undefined })).toEqual(expected);
  });

  // Keys whose mean is a thousand times their deviation: scores of raw keys would have lost these digits.
  it.each([1, 0.999, 0])('beta %f, keys far from 0', (beta) => {
    const far = { ...shape, N: 20 };
    const problem = attentionCase(far, normalOperands(far), { batchNorm: { beta }, scale: 0.01 }, undefined, {
      tensorBeta: true,
    });
    for (const x of [problem.problem.q, problem.problem.k] as Float32Array[])
      x.forEach((value, at) => (x[at] = value + 1000));
    expect(checkCase(problem)).toEqual([]);
  });

  it.each<[string, Partial<CaseShape>, AttentionOptions]>([
    ['one key', { M: 1 }, {}],
    ['one averaged key', {}, { headScales: [37, 100] }],
    ['one valid key', {}, { keyLengths: [1, 1] }],
    ['one valid key, linear', {}, { keyLengths: [1, 1], kernel: 'linear' }],
    ['two keys', { M: 2 }, {}],
  ])('%s: the deviation is 0 or small, whatever beta', (_, sizes, options) => {
    const full = { ...shape, ...sizes };
    for (const beta of [1, 0, -0.5, 3]) {
      const all = { ...options, batchNorm: { beta } };
      expect(checkCase(attentionCase(full, normalOperands(full), all, undefined, { tensorBeta: true }))).toEqual([]);
    }
  });

  it.each<[string, Partial<CaseShape>, AttentionOptions]>([
    ['no keys', { M: 0 }, {}],
    ['no valid key', {}, { keyLengths: [0, 0] }],
    ['no valid key, linear', {}, { keyLengths: [0, 0], kernel: 'linear' }],
    ['no valid key, SH', {}, { keyLengths: [0, 0], headScales: [3, 1] }],
    ['no visible key', {}, { window: [1, 1], queryOffset: 100 }],
  ])('%s: zeros, and zero gradients, without epsilon too', (_, sizes, options) => {
    for (const epsilon of [0, 1e-5]) {
      const full = { ...shape, ...sizes };
      const results = computeCase(
        attentionCase(full, normalOperands(full), { ...options, batchNorm: { beta: 0.5, epsilon } }, undefined, {
          tensorBeta: true,
        }),
      );
      for (const [name, values] of Object.entries(results)) {
        expect(
          values.filter((value) => value !== 0),
          name,
        ).toEqual(new Float32Array(0));
      }
    }
  });

  it('trains beta, a variable', () => {
    const { q, k, v, dOut } = attentionTensors(shape);
    const target = tf.tidy(() => attention(q, k, v, { batchNorm: { beta: 0.25 } }));
    const beta = tf.variable<tf.Rank.R0>(tf.scalar(1));
    const optimizer = tf.train.sgd(0.02);
    const loss = () => tf.sum<tf.Scalar>(tf.squaredDifference(attention(q, k, v, { batchNorm: { beta } }), target));
    const step = () => tf.tidy(() => optimizer.minimize(loss, true, [beta])!.dataSync()[0]);
    const first = step();
    expect(beta.dataSync()[0]).not.toBe(1);
    for (let i = 0; i < 100; i++) step();
    expect(step()).toBeLessThan(0.01 * first);
    expect(beta.dataSync()[0]).toBeCloseTo(0.25, 1);
    tf.dispose([q, k, v, dOut, target, beta]);
    optimizer.dispose();
  });

  it.each([[[]], [[1]], [[1, 1]]])('takes beta of shape %j, and gives its gradient that shape', (betaShape) => {
    tf.tidy(() => {
      const { q, k, v } = attentionTensors(shape);
      const beta = tf.fill<tf.Rank.R0>(betaShape, 0.7);
      const gradient = tf.grad((beta: tf.Tensor) => attention(q, k, v, { batchNorm: { beta: beta as tf.Scalar } }))(
        beta,
      );
      expect(gradient.shape).toEqual(betaShape);
      expect(gradient.dataSync()[0]).not.toBe(0);
    });
  });

  it.each<[string, () => unknown]>([
    ['batchNorm was 1; it must be true, false or an object', () => 1],
    ['batchNorm was null; it must be', () => null],
    ["batchNorm was 'yes'; it must be", () => 'yes'],
    ["batchNorm: unknown option 'eps'; the options are beta, variance, epsilon", () => ({ eps: 1 })],
    ['batchNorm.variance was 0; it must be true or false', () => ({ variance: 0 })],
    ['batchNorm.epsilon was -1; it must be 0 or more', () => ({ epsilon: -1 })],
    ['batchNorm.epsilon was NaN; it must be', () => ({ epsilon: NaN })],
    ["batchNorm.beta was '1'; it must be a finite float32 or a scalar tensor", () => ({ beta: '1' })],
    ['batchNorm.beta was Infinity; it must be', () => ({ beta: Infinity })],
    ['batchNorm.beta was [2]; it must hold one number', () => ({ beta: tf.ones([2]) })],
    ['batchNorm.beta was int32; it must be float32', () => ({ beta: tf.scalar(1, 'int32') })],
    ['batchNorm.beta was null; it must be', () => ({ beta: null })],
  ])('%s', (message, make) => {
    tf.tidy(() => {
      const { q, k, v } = attentionTensors(shape);
      expect(() => attention(q, k, v, { batchNorm: make() } as AttentionOptions)).toThrow(`attention: ${message}`);
    });
  });
});
