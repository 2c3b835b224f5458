import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { attention, type AttentionOptions, attentionWeights, blockMask, init } from '../../../src/index.js';
import { maxError } from '../../support/attention.js';
import { normal } from '../../support/normal.js';

const [B, H, G, N, M, D, E] = [2, 4, 2, 13, 19, 8, 5];
const sees = (h: number, i: number, j: number) => (i + 2 * j + h) % 3 === 0;

beforeAll(async () => {
  await init();
});

/** Means of the values over windows, each before its sample's length, by tfjs: [B, G, most windows, E]. */
function pooled(v: tf.Tensor, { headScales = [1, 1], keyLengths = [M, M] }: AttentionOptions): tf.Tensor {
  const most = Math.max(...headScales.map((scale) => Math.ceil(M / scale)));
  const shares = tf.buffer([B, G, most, M]);
  for (let b = 0; b < B; b++) {
    headScales.forEach((scale, g) => {
      for (let n = 0; n < keyLengths[b]; n++) {
        const j = Math.floor(n / scale);
        shares.set(1 / (Math.min((j + 1) * scale, keyLengths[b]) - j * scale), b, g, j, n);
      }
    });
  }
  return tf.matMul(shares.toTensor(), v);
}

const forms: [string, () => AttentionOptions][] = [
  ['softmax', () => ({})],
  ['causal', () => ({ causal: true, queryOffset: -2 })],
  ['window', () => ({ window: [2, 1], queryOffset: [0, 15] })],
  ['softcap', () => ({ softcap: 0.5, scale: -0.7 })],
  ['key lengths', () => ({ keyLengths: [7, 0] })],
  ['a mask', () => ({ mask: tf.cast(tf.greater(normal([N, M], 'mask'), 0.8), 'bool') })],
  ['a mask of numbers', () => ({ mask: normal([B, 1, 1, M], 'added') })],
  ['blocks', () => ({ blockMask: blockMask(sees, { heads: H, queries: N, keys: M, blockSize: 8 }) })],
  ['BN', () => ({ batchNorm: { beta: 0.8 } })],
  ['SH', () => ({ headScales: [2, 5] })],
  ['SH of more positions than there are', () => ({ headScales: [1, 50] })],
  ['SH with key lengths, causal', () => ({ headScales: [3, 4], keyLengths: [19, 10], causal: true, queryOffset: 3 })],
  ['BN+SH in a window', () => ({ batchNorm: true, headScales: [2, 3], window: [4, 0] })],
  ['convolution', () => ({ conv: { kernel: normal([G, D, 3], 'kernel') }, keyLengths: [19, 6] })],
  ['linear', () => ({ kernel: 'linear' })],
  ['linear, causal', () => ({ kernel: 'linear', causal: true, queryOffset: -3 })],
  ['linear+BN+SH', () => ({ kernel: 'linear', batchNorm: true, headScales: [1, 4], keyLengths: [18, 3] })],
];

describe.each(forms)('%s', (_, makeOptions) => {
  const inTidy = (use: (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, options: AttentionOptions) => void) =>
    tf.tidy(() => use(normal([B, H, N, D], 'q'), normal([B, G, M, D], 'k'), normal([B, G, M, E], 'v'), makeOptions()));

  it('rows sum to 1, or to 0 where no key is seen', () => {
    inTidy((q, k, _v, options) => {
      const weights = attentionWeights(q, k, options);
      expect(tf.min(weights).dataSync()[0]).toBeGreaterThanOrEqual(0);
      const sums = tf.sum(weights, 3).dataSync();
      const wrong = [...sums].filter((sum) => sum !== 0 && Math.abs(sum - 1) > 3e-6);
      expect(wrong).toEqual([]);
      expect(sums.some((sum) => sum > 0)).toBe(true);
    });
  });

  it('times the values they are attention', () => {
    inTidy((q, k, v, options) => {
      const weights = attentionWeights(q, k, options);
      const values = pooled(v, options);
      expect(weights.shape).toEqual([B, H, N, values.shape[2]]);
      const mixed = tf.matMul(weights, tf.gather(values, [0, 0, 1, 1], 1));
      expect(maxError(attention(q, k, v, options).dataSync(), mixed.dataSync())).toBeLessThan(3e-6);
    });
  });
});

describe('attentionWeights', () => {
  it('shows what dropout keeps', () => {
    tf.tidy(() => {
      const [q, k, v] = [normal([B, H, N, D], 'q'), normal([B, H, M, D], 'k'), normal([B, H, M, E], 'v')];
      const options = { dropout: 0.5, seed: 3 };
      const [weights, whole] = [attentionWeights(q, k, options), attentionWeights(q, k)].map((tensor) =>
        tensor.dataSync(),
      );
      weights.forEach((weight, at) => {
        if (weight !== 0) expect(weight / whole[at]).toBeCloseTo(2, 5);
      });
      const mixed = tf.matMul(attentionWeights(q, k, options), v);
      expect(maxError(attention(q, k, v, options).dataSync(), mixed.dataSync())).toBeLessThan(3e-6);
    });
  });

  it('has zeros after the keys of heads with fewer keys', () => {
    tf.tidy(() => {
      const weights = attentionWeights(normal([1, 2, 3, 4], 'q'), normal([1, 2, 10, 4], 'k'), { headScales: [3, 10] });
      expect(weights.shape).toEqual([1, 2, 3, 4]);
      expect(weights.arraySync()[0][1]).toEqual([
        [1, 0, 0, 0],
        [1, 0, 0, 0],
        [1, 0, 0, 0],
      ]);
    });
  });

  it('of linear attention sum to just below 1', () => {
    tf.tidy(() => {
      const [q, k] = [tf.fill([1, 1, 1, 1], 0), tf.fill([1, 1, 4, 1], Math.log(1e-5))];
      const [sum] = tf.sum(attentionWeights(q, k, { kernel: 'linear' }), 3).dataSync();
      expect(sum).toBeCloseTo(4e-5 / 4.1e-5, 5);
    });
  });

  it('has no keys to weigh', () => {
    tf.tidy(() => {
      expect(attentionWeights(tf.ones([1, 1, 3, 4]), tf.zeros([1, 1, 0, 4])).shape).toEqual([1, 1, 3, 0]);
    });
  });

  it.each<[string, unknown]>([
    ['headScales was 3; it must be an array of 2 integers, one per key/value head', { headScales: 3 }],
    ['headScales was [1]; it must be an array of 2 integers', { headScales: [1] }],
    ["headScales[1] was 'x'; it must be an integer", { headScales: [1, 'x'] }],
    ['headScales[0] was NaN; it must be an integer', { headScales: [NaN, 2] }],
    ['headScales[0] was 0; it must be an integer', { headScales: [0, 2] }],
    ['headScales[1] was 2.5; it must be an integer', { headScales: [1, 2.5] }],
    ["unknown option 'values'", { values: 1 }],
    ['options was null; it must be an object', null],
  ])('%s', (message, options) => {
    tf.tidy(() => {
      const [q, k] = [normal([B, H, N, D], 'q'), normal([B, G, M, D], 'k')];
      expect(() => attentionWeights(q, k, options as AttentionOptions)).toThrow(`attention: ${message}`);
    });
  });

  it('checks q and k', () => {
    tf.tidy(() => {
      const k = tf.ones([1, 1, 3, 4]);
      expect(() => attentionWeights(3 as never, k)).toThrow('attention: q was 3; it must be a tf.Tensor');
      expect(() => attentionWeights(tf.ones([1, 1, 3, 5]), k)).toThrow('attention: k was [1, 1, 3, 4]; it must be');
    });
  });
});
