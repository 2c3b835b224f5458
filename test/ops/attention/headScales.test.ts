import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { attention, type AttentionOptions, attentionWeights, init } from '../../../src/index.js';
import { maxError } from '../../support/attention.js';
import { attentionCase, type CaseShape, checkCase, normalOperands } from '../../support/attentionCase.js';
import { normal } from '../../support/normal.js';

beforeAll(async () => {
  await init();
});

describe('Attention-SH', () => {
  /** Which averaged keys each query sees. */
  function visible(N: number, M: number, headScales: number[], options: AttentionOptions): string[][] {
    return tf.tidy(() => {
      const G = headScales.length;
      const all = { ...options, headScales };
      const weights = attentionWeights(tf.zeros([1, G, N, 4]), tf.zeros([1, G, M, 4]), all).arraySync();
      return weights[0].map((rows) => rows.map((row) => row.map((weight) => (weight > 0 ? 1 : 0)).join(' ')));
    });
  }

  it.each<[string, AttentionOptions, string[]]>([
    ['no limits', {}, ['1 1 1', '1 1 1', '1 1 1', '1 1 1', '1 1 1']],
    ['causal: all positions in the past', { causal: true }, ['0 0 0', '1 0 0', '1 0 0', '1 1 0', '1 1 1']],
    ['causal, later queries', { causal: true, queryOffset: 2 }, ['1 0 0', '1 1 0', '1 1 1', '1 1 1', '1 1 1']],
    ['window: any position inside', { window: [1, 0] }, ['1 0 0', '1 0 0', '1 1 0', '0 1 0', '0 1 1']],
    ['window to the right', { window: [0, 1] }, ['1 0 0', '1 1 0', '0 1 0', '0 1 1', '0 0 1']],
    ['window beyond the keys', { window: [1, 0], queryOffset: 4 }, ['0 1 1', '0 0 1', '0 0 0', '0 0 0', '0 0 0']],
    ['window and causal', { window: [1, 3], causal: true }, ['0 0 0', '1 0 0', '1 0 0', '0 1 0', '0 1 1']],
    ['padding ends a window early', { keyLengths: [3], causal: true }, ['0 0 0', '1 0 0', '1 1 0', '1 1 0', '1 1 0']],
  ])('windows of 2 in 5 positions: %s', (_, options, expected) => {
    expect(visible(5, 5, [2], options)).toEqual([expected]);
  });

  it('each head has its own windows', () => {
    expect(visible(3, 4, [1, 3, 9], { causal: true, queryOffset: 1 })).toEqual([
      ['1 1 0 0', '1 1 1 0', '1 1 1 1'],
      ['0 0 0 0', '1 0 0 0', '1 1 0 0'],
      ['0 0 0 0', '0 0 0 0', '1 0 0 0'],
    ]);
  });

  it('is attention over averaged keys and values, each by its true count', () => {
    tf.tidy(() => {
      const [q, k, v] = [normal([1, 2, 6, 8], 'q'), normal([1, 1, 11, 8], 'k'), normal([1, 1, 11, 5], 'v')];
      const average = (x: tf.Tensor) => {
        const windows = [0, 4, 8].map((first) =>
          tf.mean(tf.slice(x, [0, 0, first, 0], [1, 1, Math.min(4, 11 - first), x.shape[3]!]), 2, true),
        );
        return tf.concat(windows, 2);
      };
      const expected = attention(q, average(k), average(v));
      expect(maxError(attention(q, k, v, { headScales: [4] }).dataSync(), expected.dataSync())).toBeLessThan(1e-6);
    });
  });

  it.each([1, 2, 3, 7, 8, 9, 64, 65, 1000])('averages %i of 130 positions', (scale) => {
    const shape: CaseShape = { B: 1, H: 2, G: 2, N: 9, M: 130, D: 5, E: 9 };
    for (const options of [{}, { causal: true, queryOffset: 60 }, { window: [9, 4] as const, queryOffset: 30 }]) {
      const all = { ...options, headScales: [scale, 1] };
      expect(checkCase(attentionCase(shape, normalOperands(shape), all))).toEqual([]);
    }
  });
});
