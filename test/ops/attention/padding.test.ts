import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { type AttentionOptions, init } from '../../../src/index.js';
import { attentionWithGradients, maxSize } from '../../support/attention.js';
import { attentionTensors } from '../../support/attentionTensors.js';
import { normal } from '../../support/normal.js';

beforeAll(async () => {
  await init();
});

const forms: [string, () => AttentionOptions][] = [
  ['softmax', () => ({})],
  ['BN', () => ({ batchNorm: { beta: 0.5 } })],
  ['SH', () => ({ headScales: [3] })],
  ['BN+SH', () => ({ batchNorm: true, headScales: [4] })],
  ['linear', () => ({ kernel: 'linear' })],
  ['linear, causal', () => ({ kernel: 'linear', causal: true, queryOffset: 90 })],
  ['linear+BN+SH', () => ({ kernel: 'linear', batchNorm: true, headScales: [3] })],
  ['convolution', () => ({ conv: { kernel: normal([1, 8, 5], 'kernel') } })],
];

describe.each(forms)('padding, %s', (_, makeOptions) => {
  // No key, one, whole and ragged windows and tiles of 4 and 8, and blocks of 64 and 256.
  it.each([0, 1, 3, 4, 7, 63, 64, 65, 100, 257])('after %i keys is never read', (length) => {
    tf.tidy(() => {
      const { q, k, v, dOut } = attentionTensors({ B: 2, H: 2, G: 1, N: 9, M: 300, D: 8, E: 8 });
      const options = { ...makeOptions(), keyLengths: [length, 300] };
      const clean = attentionWithGradients({ q, k, v, dOut }, options);
      const poisons = [NaN, Infinity, -Infinity, 3e38];
      const poison = (operand: tf.Tensor) => {
        const values = operand.dataSync();
        for (let at = length * 8; at < 300 * 8; at++) values[at] = poisons[at % poisons.length];
        return tf.tensor(values, operand.shape);
      };
      const poisoned = attentionWithGradients({ q, k: poison(k), v: poison(v), dOut }, options);
      expect(poisoned).toEqual(clean);
      expect(maxSize(poisoned.dk)).toBeLessThan(Infinity);
      for (const gradient of [poisoned.dk, poisoned.dv]) {
        expect(gradient.subarray(length * 8, 300 * 8).every((value) => value === 0)).toBe(true);
      }
    });
  });
});

it.each<[string, number, number, AttentionOptions]>([
  ['the future', 0, 8, { causal: true }],
  ['what lies outside a window', 96, 108, { window: [4, 0], queryOffset: 100 }],
])('tiles in %s are never read', (_, first, end, options) => {
  const { q, k, v, dOut } = attentionTensors({ B: 1, H: 2, G: 2, N: 8, M: 600, D: 8, E: 5 });
  const poison = (operand: tf.Tensor) => {
    const keys = tf.reshape(tf.range(0, 600), [1, 1, 600, 1]);
    return tf.where(tf.logicalAnd(tf.greaterEqual(keys, first), tf.less(keys, end)), operand, NaN);
  };
  const results = attentionWithGradients({ q, k: poison(k), v: poison(v), dOut }, options);
  expect(results).toEqual(attentionWithGradients({ q, k, v, dOut }, options));
});
