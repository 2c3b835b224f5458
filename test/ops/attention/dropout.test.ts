import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { attention, type AttentionOptions, init } from '../../../src/index.js';
import { maxError } from '../../support/attention.js';
import { attentionTensors } from '../../support/attentionTensors.js';

beforeAll(async () => {
  await init();
});

describe('dropout', () => {
  /** Uniform weights over 128 keys, one column each. */
  function weights(options: AttentionOptions): tf.Tensor4D {
    const [B, H, N, M] = [2, 3, 64, 128];
    const v = tf.tile(tf.reshape(tf.eye(M), [1, 1, M, M]), [B, H, 1, 1]);
    return attention(tf.zeros([B, H, N, 4]), tf.zeros([B, H, M, 4]), v, options);
  }
  const kept = (options: AttentionOptions) => tf.cast(tf.greater(weights(options), 0), 'float32');

  it.each([0.1, 0.5, 0.9])('of %f keeps that share, whatever the head, query or key', (dropout) => {
    const out = kept({ dropout, seed: 5 });
    // Five standard deviations of a mean of `count` choices.
    const tolerance = (count: number) => 5 * Math.sqrt((dropout * (1 - dropout)) / count);
    for (const axes of [
      [0, 1, 2, 3],
      [2, 3],
      [0, 1, 3],
      [0, 1, 2],
    ]) {
      const rates = tf.mean(out, axes).dataSync();
      const error = maxError(
        rates,
        Float32Array.from(rates, () => 1 - dropout),
      );
      expect(error, `over axes ${axes.join()}`).toBeLessThan(tolerance(out.size / rates.length));
    }
  });

  it('divides what it keeps by 1 - rate', () => {
    const values = new Set(weights({ dropout: 0.75, seed: 1 }).dataSync());
    expect([...values].sort()).toEqual([0, 4 / 128]);
  });

  it('of 0 is none', () => {
    const { q, k, v } = attentionTensors({ B: 1, H: 1, G: 1, N: 5, M: 7, D: 4, E: 4 });
    expect(attention(q, k, v, { dropout: 0, seed: 3 }).dataSync()).toEqual(attention(q, k, v).dataSync());
  });

  it('repeats with the same seed, and only then', () => {
    const draw = (seed?: number) => weights({ dropout: 0.5, seed }).dataSync();
    expect(draw(7)).toEqual(draw(7));
    expect(draw(-1)).toEqual(draw(2 ** 32 - 1));
    const draws = [draw(7), draw(8), draw(-7), draw(), draw()];
    for (const [index, one] of draws.entries()) {
      for (const other of draws.slice(index + 1)) {
        const agreement = one.filter((value, at) => value === other[at]).length / one.length;
        expect(agreement).toBeGreaterThan(0.48);
        expect(agreement).toBeLessThan(0.52);
      }
    }
  });

  it.each<[string, AttentionOptions]>([
    ['softmax', {}],
    ['SH', { headScales: [2, 5] }],
    ['BN', { batchNorm: true }],
    ['BN+SH in a window', { batchNorm: true, headScales: [1, 3], window: [20, 20] }],
  ])('drops the same weights forward and backward, without a seed too: %s', (_, options) => {
    const { q, k, v, dOut } = attentionTensors({ B: 1, H: 2, G: 2, N: 70, M: 90, D: 8, E: 8 });
    // The output is linear in v, so that <out, dOut> = <v, dv> where both passes draw alike.
    const loss = (v: tf.Tensor) => tf.sum(tf.mul(attention(q, k, v, { ...options, dropout: 0.5 }), dOut));
    const { value, grad } = tf.valueAndGrad(loss)(v);
    const [forward] = value.dataSync();
    const [backward] = tf.sum(tf.mul(v, grad)).dataSync();
    expect(Math.abs(backward / forward - 1)).toBeLessThan(1e-4);
  });
});
