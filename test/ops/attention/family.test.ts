import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { attention, type AttentionOptions, init } from '../../../src/index.js';
import { attentionWithGradients, maxSize } from '../../support/attention.js';
import type { CaseShape } from '../../support/attentionCase.js';
import { random } from '../../support/random.js';

beforeAll(async () => {
  await init();
});

const normal = (shape: number[], seed: number | string = 0) =>
  tf.tensor(random(`${shape.join()} ${seed}`).normals(tf.util.sizeFromShape(shape)), shape);

function operands({ B, H, G, N, M, D, E }: CaseShape) {
  return {
    q: normal([B, H, N, D], 'q'),
    k: normal([B, G, M, D], 'k'),
    v: normal([B, G, M, E], 'v'),
    dOut: normal([B, H, N, E], 'dOut'),
  };
}

describe('dropout', () => {
  const shape: CaseShape = { B: 1, H: 2, G: 2, N: 40, M: 70, D: 8, E: 8 };

  it.each<[string, AttentionOptions]>([
    ['SH', { headScales: [2, 5] }],
    ['BN', { batchNorm: true }],
    ['BN+SH in a window', { batchNorm: true, headScales: [1, 3], window: [20, 20] }],
  ])('drops the same weights forward and backward, without a seed too: %s', (_, options) => {
    const { q, k, v, dOut } = operands(shape);
    // The output is linear in v, so that <out, dOut> = <v, dv> where both passes draw alike.
    const loss = (v: tf.Tensor) => tf.sum(tf.mul(attention(q, k, v, { ...options, dropout: 0.5 }), dOut));
    const { value, grad } = tf.valueAndGrad(loss)(v);
    const [forward] = value.dataSync();
    const [backward] = tf.sum(tf.mul(v, grad)).dataSync();
    expect(Math.abs(backward - forward)).toBeLessThan(1e-4 * Math.max(1, Math.abs(forward)));
  });
});

describe('what is padding', () => {
  const forms: [string, () => AttentionOptions][] = [
    ['BN', () => ({ batchNorm: { beta: 0.5 } })],
    ['SH', () => ({ headScales: [3] })],
    ['BN+SH', () => ({ batchNorm: true, headScales: [4] })],
    ['linear', () => ({ kernel: 'linear' })],
    ['linear, causal', () => ({ kernel: 'linear', causal: true, queryOffset: 90 })],
    ['linear+BN+SH', () => ({ kernel: 'linear', batchNorm: true, headScales: [3] })],
    ['convolution', () => ({ conv: { kernel: normal([1, 8, 5], 'kernel') } })],
  ];

  describe.each(forms)('for %s', (_, makeOptions) => {
    // No key, one, whole and ragged tiles and windows.
    it.each([0, 1, 3, 4, 63, 64, 65, 100])('behind %i keys is never read', (length) => {
      tf.tidy(() => {
        const { q, k, v, dOut } = operands({ B: 2, H: 2, G: 1, N: 9, M: 120, D: 8, E: 8 });
        const options = { ...makeOptions(), keyLengths: [length, 120] };
        const clean = attentionWithGradients({ q, k, v, dOut }, options);
        const poison = (operand: tf.Tensor) => {
          const values = operand.dataSync();
          values.fill(NaN, length * 8, 120 * 8);
          return tf.tensor(values, operand.shape);
        };
        const poisoned = attentionWithGradients({ q, k: poison(k), v: poison(v), dOut }, options);
        expect(poisoned).toEqual(clean);
        expect(maxSize(poisoned.dk)).toBeLessThan(Infinity);
        for (const gradient of [poisoned.dk, poisoned.dv]) {
          expect(gradient.subarray(length * 8, 120 * 8).every((value) => value === 0)).toBe(true);
        }
      });
    });
  });
});
