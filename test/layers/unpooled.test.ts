// Attention-SH with positions that stay keys of their own, such as a class token.

import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { attention, init, type LayerAttentionOptions, MultiHeadAttention } from '../../src/index.js';
import { poolPositions } from '../../src/ops/poolPositions.js';
import { maxError, maxSize } from '../support/attention.js';
import { expectDifferentiable, expectNoLeaks, valueAndGradients } from '../support/differentiable.js';
import { namedWeights } from '../support/namedWeights.js';
import { normal } from '../support/normal.js';

beforeAll(() => init());

const [N, C, H, D] = [11, 6, 4, 3];
const lengths = [11, 6, 2, 1];

/** Rows of the matrix that makes keys of positions: unpooled ones, then means of windows. */
function poolingMatrix(length: number, window: number, unpooled: number): number[][] {
  const kept = Math.min(unpooled, length);
  const windows: [number, number][] = Array.from({ length: kept }, (_, n) => [n, n + 1]);
  for (let n = kept; n < length; n += window) windows.push([n, Math.min(n + window, length)]);
  return windows.map(([from, to]) => Array.from({ length: N }, (_, n) => (n >= from && n < to ? 1 / (to - from) : 0)));
}

describe('poolPositions with unpooled positions', () => {
  it.each([1, 2, 3, N, N + 4])('%i of them: value and gradient', (unpooled) => {
    for (const window of [1, 2, 3]) {
      const oracle = (x: number[]) =>
        lengths.flatMap((length, b) => {
          const rows = poolingMatrix(length, window, unpooled).map((weights) =>
            Array.from({ length: C }, (_, c) =>
              weights.reduce((sum, weight, n) => sum + weight * x[(b * N + n) * C + c], 0),
            ),
          );
          const count = poolingMatrix(N, window, unpooled).length;
          return [...rows.flat(), ...new Array<number>((count - rows.length) * C).fill(0)];
        });
      const op = (x: tf.Tensor) => poolPositions(x, window, lengths, unpooled);
      expectDifferentiable(op, oracle, [normal([lengths.length, N, C])]);
    }
  });
});

interface Case {
  headScales: number[];
  unpooled: number;
  options?: LayerAttentionOptions;
}

const make = ({ headScales, unpooled, options }: Case) =>
  new MultiHeadAttention({ numHeads: H, keyDim: D, attention: { headScales, ...options }, unpooled, seed: 1 });

/** The formula, one sample and one head at a time: keys pooled by a matrix, then plain attention without padding. */
function reference(layer: MultiHeadAttention, x: tf.Tensor, { headScales, unpooled, options }: Case): tf.Tensor {
  const named = namedWeights(layer);
  const project = (y: tf.Tensor2D, name: string, from: number) => {
    const kernel = tf.slice(named[`${name}/kernel`] as tf.Tensor2D, [0, from], [C, D]);
    return tf.add<tf.Tensor2D>(tf.matMul(y, kernel), tf.slice(named[`${name}/bias`], [from], [D]));
  };
  // Heads of one scale lie together: [k | v] of each run.
  const starts = headScales.flatMap((scale, head) => (scale === headScales[head - 1] ? [] : [head]));
  const samples = lengths.map((length, b) => {
    const sample = tf.reshape<tf.Rank.R2>(tf.slice(x, [b, 0, 0], [1, N, C]), [N, C]);
    const heads = headScales.map((scale, head) => {
      const run = starts.filter((start) => start <= head).length - 1;
      const count = (starts[run + 1] ?? H) - starts[run];
      const suffix = starts.length > 1 ? `_${run}` : '';
      const at = (head - starts[run]) * D;
      const pooled = tf.matMul<tf.Tensor2D>(tf.tensor2d(poolingMatrix(length, scale, unpooled)), sample);
      const q = project(sample, 'query', head * D);
      const k = project(pooled, `key_value${suffix}`, at);
      const v = project(pooled, `key_value${suffix}`, count * D + at);
      const [q4, k4, v4] = [q, k, v].map((y) => tf.reshape(y, [1, 1, ...y.shape]));
      return tf.reshape(attention(q4, k4, v4, options), [N, D]);
    });
    const output = tf.matMul(tf.concat(heads, 1), named['attention_output/kernel']);
    return tf.add(output, named['attention_output/bias']);
  });
  return tf.stack(samples);
}

describe('MultiHeadAttention with unpooled positions', () => {
  it.each<Case>([
    { headScales: [1, 2, 2, 3], unpooled: 1 },
    { headScales: [2, 2, 2, 2], unpooled: 1 },
    { headScales: [4, 1, 2, 1], unpooled: 2 },
    { headScales: [1, 1, 2, 2], unpooled: 1, options: { batchNorm: true } },
    { headScales: [2, 2, 3, 3], unpooled: 1, options: { batchNorm: { beta: 0.5, variance: false } } },
    { headScales: [1, 1, 2, 2], unpooled: 1, options: { kernel: 'linear' } },
    { headScales: [1, 2, 3, 2], unpooled: 3, options: { kernel: 'linear', batchNorm: true } },
    { headScales: [1, 1, 2, 2], unpooled: 1, options: { softcap: 2, scale: 0.7 } },
  ])('%j', (problem) => {
    tf.tidy(() => {
      const layer = make(problem);
      const x = normal([lengths.length, N, C], 1);
      const valid = tf.tensor2d(lengths, [lengths.length, 1]);
      layer.apply([x, valid]);
      layer.setWeights(layer.getWeights().map((w, i) => tf.mul(normal(w.shape, 10 + i), 0.7)));
      const ours = valueAndGradients(
        (x) => layer.apply([x, valid]) as tf.Tensor,
        [x],
        normal([lengths.length, N, C], 2),
      );
      const theirs = valueAndGradients((x) => reference(layer, x, problem), [x], normal([lengths.length, N, C], 2));
      theirs.forEach((expected, i) => {
        const values = expected.dataSync();
        expect(maxError(ours[i].dataSync(), values)).toBeLessThan(3e-5 * maxSize(values));
      });
    });
  });

  it('leaves no tensors behind', () => {
    const layer = make({ headScales: [1, 2, 2, 3], unpooled: 1 });
    const [x, valid] = [normal([lengths.length, N, C]), tf.tensor2d(lengths, [lengths.length, 1])];
    tf.tidy(() => layer.apply([x, valid]) as tf.Tensor);
    expectNoLeaks(() => valueAndGradients((x) => layer.apply([x, valid]) as tf.Tensor, [x]));
  });

  it('is in the configuration', () => {
    const layer = make({ headScales: [1, 2, 2, 3], unpooled: 2 });
    expect(MultiHeadAttention.fromConfig(MultiHeadAttention, layer.getConfig()).getConfig()).toEqual(layer.getConfig());
    expect(layer.getConfig().unpooled).toBe(2);
  });

  it('names what it cannot be combined with', () => {
    const limited = (options: LayerAttentionOptions) => () => make({ headScales: [1, 1, 2, 2], unpooled: 1, options });
    expect(limited({ causal: true })).toThrow(
      'unpooled was 1; it must be 0 where attention has both headScales and causal',
    );
    expect(limited({ window: [2, 2] })).toThrow('both headScales and window');
    expect(make({ headScales: [1, 1, 1, 1], unpooled: 1, options: { window: [2, 2] } })).toBeInstanceOf(
      MultiHeadAttention,
    );
    expect(() => make({ headScales: [1, 1, 2, 2], unpooled: 0.5 })).toThrow('unpooled was 0.5; it must be an integer');
  });
});
