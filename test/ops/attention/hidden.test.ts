/** What is hidden has no influence, whatever it holds; what is seen and is not finite shows. The fuzzer has the rest. */
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attention, type AttentionOptions, attentionWeights, blockMask, init } from '../../../src/index.js';
import { attentionWithGradients } from '../../support/attention.js';
import { attentionTensors } from '../../support/attentionTensors.js';
import { builds, initBuild } from '../../support/builds.js';

afterAll(() => init());

const SHAPE = { B: 2, H: 2, G: 1, N: 70, M: 70, D: 8, E: 8 };
/** A key that none of the forms below shows to any query. */
const HIDDEN_KEY = 66;

/** 1 for the visible keys. */
const seesKey = Array.from({ length: SHAPE.M }, (_, j) => Number(j !== HIDDEN_KEY));

const forms: [string, () => AttentionOptions][] = [
  ['bool mask', () => ({ mask: tf.tensor(seesKey, [1, 70], 'bool') })],
  ['float mask', () => ({ mask: tf.tensor(seesKey.map((sees) => (sees ? 0.5 : -Infinity))) })],
  ['causal', () => ({ causal: true, queryOffset: -4 })],
  ['window', () => ({ window: [-1, 0], queryOffset: -4 })],
  ['window, dropout', () => ({ window: [-1, 0], queryOffset: -4, dropout: 0.3, seed: 5 })],
  ['block mask', () => ({ blockMask: blockMask((_, __, j) => j !== HIDDEN_KEY, { queries: 70, keys: 70 }) })],
  ['key lengths', () => ({ keyLengths: [66, 66] })],
  ['linear, causal', () => ({ kernel: 'linear', causal: true, queryOffset: -4 })],
  ['averages, causal', () => ({ headScales: [4], causal: true, queryOffset: -4 })],
  ['soft cap', () => ({ softcap: 2, causal: true, queryOffset: -4 })],
  ['ALiBi', () => ({ alibiSlopes: true, causal: true, queryOffset: -4 })],
  [
    'mask and normalisation',
    () => ({ batchNorm: true, keyLengths: [66, 66], mask: tf.tensor(seesKey, [1, 70], 'bool') }),
  ],
];

/** x [B, heads, rows, width] with `value` in one row of every head. */
function fillRow(x: tf.Tensor, row: number, value: number): tf.Tensor {
  const rows = tf.reshape(tf.range(0, x.shape[2]!), [1, 1, -1, 1]);
  return tf.where(tf.notEqual(rows, row), x, value);
}

describe.each(builds)('hidden values, %s', (build) => {
  beforeAll(() => initBuild(build));

  it('a masked NaN leaves the mean of the others', () => {
    const [q, k] = [tf.ones([1, 1, 3, 1]), tf.zeros([1, 1, 3, 1])];
    const v = tf.tensor4d([1, 2, NaN], [1, 1, 3, 1]);
    expect([...attention(q, k, v, { mask: tf.tensor1d([1, 1, 0], 'bool') }).dataSync()]).toEqual([1.5, 1.5, 1.5]);
    expect([...attention(q, k, v).dataSync()]).toEqual([NaN, NaN, NaN]);
  });

  describe.each(forms)('by %s', (_, makeOptions) => {
    it.each([NaN, Infinity, -Infinity, 3e38])('%d in a key and value changes nothing', (value) => {
      tf.tidy(() => {
        const { q, k, v, dOut } = attentionTensors(SHAPE);
        const options = makeOptions();
        const clean = attentionWithGradients({ q, k, v, dOut }, options);
        const operands = { q, k: fillRow(k, HIDDEN_KEY, value), v: fillRow(v, HIDDEN_KEY, value), dOut };
        const results = attentionWithGradients(operands, options);
        expect(results.out.every(Number.isFinite)).toBe(true);
        for (const [name, expected] of Object.entries(clean)) {
          const found = results[name as keyof typeof clean];
          // A row that selects sums up in another order.
          const worst = expected.reduce((most, x, i) => Math.max(most, Math.abs(x - found[i])), 0);
          expect(worst, name).toBeLessThan(1e-5);
        }
        const weights = attentionWeights(q, operands.k, options);
        expect(weights.dataSync().every(Number.isFinite)).toBe(true);
      });
    });

    it('NaN in a value that is seen is in the outputs that see it', () => {
      tf.tidy(() => {
        const { q, k, v } = attentionTensors(SHAPE);
        const options = { ...makeOptions(), dropout: 0 };
        const scale = options.headScales?.[0] ?? 1;
        const weights = attentionWeights(q, k, options).arraySync();
        const out = attention(q, fillRow(k, HIDDEN_KEY, NaN), fillRow(v, 7, NaN), options).arraySync();
        if (options.batchNorm) return;
        weights.flat(2).forEach((row, i) => {
          expect(Number.isNaN(out.flat(2)[i][0])).toBe(row[Math.floor(7 / scale)] > 0);
        });
      });
    });
  });

  it.each([NaN, Infinity, 3e38])('%d in a query that sees nothing, and its gradient, changes nothing', (value) => {
    tf.tidy(() => {
      const { q, k, v, dOut } = attentionTensors(SHAPE);
      const rows = tf.cast(tf.notEqual(tf.reshape(tf.range(0, 70), [70, 1]), 5), 'bool');
      const all: AttentionOptions[] = [
        { mask: rows },
        { mask: rows, batchNorm: true },
        { causal: true, queryOffset: -6 },
      ];
      for (const options of all) {
        const clean = attentionWithGradients({ q: fillRow(q, 5, 0), k, v, dOut: fillRow(dOut, 5, 0) }, options);
        const operands = { q: fillRow(q, 5, value), k, v, dOut: fillRow(dOut, 5, value) };
        const results = attentionWithGradients(operands, options);
        for (const [name, expected] of Object.entries(clean)) {
          const found = results[name as keyof typeof clean];
          expect(
            found.every((x, i) => Math.abs(x - expected[i]) < 1e-5),
            name,
          ).toBe(true);
        }
      }
    });
  });
});
