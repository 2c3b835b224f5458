/** Maps and support of attention, against float64. */
import * as tf from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  attentionMaps,
  attentionSupport,
  init,
  type LayerAttentionOptions,
  visionTransformer,
} from '../../src/index.js';
import { maxError } from '../support/attention.js';
import { headsOf } from '../oracles/attentionModelOracle.js';
import { attentionModel, HEADS, seriesOf } from '../support/attentionModel.js';

beforeAll(() => init());

const data = seriesOf([7, 3, 5]);

describe('attentionMaps', () => {
  it.each([[undefined], [[1, 2]]])('are the weights without padding, head scales %j', (scales) => {
    const model = attentionModel(scales && { headScales: scales });
    const before = tf.memory().numTensors;
    const maps = attentionMaps(model, data, [2, 1]);
    expect(tf.memory().numTensors).toBe(before);
    const places = maps.map(({ case: index, layer, head }) => [index, layer, head]);
    expect(places).toEqual([2, 1].flatMap((index) => [0, 1].map((head) => [index, 'attention', head])));
    for (const { case: index, head, queries, keys, weights } of maps) {
      const expected = headsOf(model, data, index, scales)[head].weights;
      expect([queries, keys.length]).toEqual([expected.length, expected[0].length]);
      expect(maxError(weights, expected.flat())).toBeLessThan(1e-5);
    }
  });

  it('name the positions that a key stands for', () => {
    const keysOf = (options: LayerAttentionOptions) => attentionMaps(attentionModel(options), data, [2])[1].keys;
    const five = [0, 1, 2, 3, 4].map((n) => [n, n + 1]);
    expect(keysOf({})).toEqual(five);
    expect(keysOf({ headScales: [1, 2] })).toEqual([
      [0, 2],
      [2, 4],
      [4, 5],
    ]);
  });

  it('keep the class token apart', () => {
    const attention = { headScales: [1, 1, 2, 3] };
    const model = visionTransformer({ height: 8, width: 8, channels: 1, classes: 2, layers: 1, attention, seed: 1 });
    const images = Float32Array.from({ length: 64 }, (_, i) => (i % 7) - 3);
    const one = { images, height: 8, width: 8, channels: 1, labels: [0], classNames: ['a', 'b'] };
    const maps = attentionMaps(model, one);
    expect(maps.map(({ keys }) => keys.length)).toEqual([5, 5, 3, 3]);
    expect(maps[3].keys).toEqual([
      [0, 1],
      [1, 4],
      [4, 5],
    ]);
    for (const { queries, keys, weights } of maps) {
      expect(queries).toBe(5);
      for (let i = 0; i < queries; i++) {
        const row = weights.subarray(i * keys.length, (i + 1) * keys.length);
        expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
      }
    }
  });

  it('need attention', () => {
    const model = sequential({ name: 'plain', layers: [layers.dense({ units: 2, inputShape: [4] })] });
    expect(() => attentionMaps(model, data)).toThrow(
      "attentionMaps: model 'plain' had no attention; it must have a MultiHeadAttention or TransformerEncoderLayer",
    );
  });
});

describe('attentionSupport', () => {
  it.each([[undefined], [[1, 2]]])('counts keys and entropy of the weights, head scales %j', (scales) => {
    const model = attentionModel(scales && { headScales: scales });
    const before = tf.memory().numTensors;
    const found = attentionSupport(model, data, { share: 0.7 });
    expect(tf.memory().numTensors).toBe(before);
    expect(found.map(({ layer, head, queries }) => [layer, head, queries])).toEqual([
      ['attention', 0, 15],
      ['attention', 1, 15],
    ]);
    for (let head = 0; head < HEADS; head++) {
      const rows = [0, 1, 2].flatMap((index) => headsOf(model, data, index, scales)[head].weights);
      const mean = (of: (row: number[]) => number) => rows.reduce((sum, row) => sum + of(row), 0) / rows.length;
      const keys = mean((row) => {
        const sums = [...row]
          .sort((a, b) => b - a)
          .map((_, n, sorted) => sorted.slice(0, n + 1).reduce((a, b) => a + b));
        return 1 + sums.findIndex((sum) => sum >= 0.7);
      });
      expect(found[head].keys).toBeCloseTo(keys, 10);
      expect(found[head].available).toBeCloseTo(
        mean((row) => row.length),
        10,
      );
      expect(found[head].entropy).toBeCloseTo(
        mean((row) => -row.reduce((sum, p) => sum + p * Math.log(p), 0)),
        5,
      );
      expect(keys).toBeLessThan(found[head].available);
    }
  });

  it('is all keys where the weights are equal, and ln of their number', () => {
    const model = attentionModel();
    const { weights } = model.getLayer('attention');
    weights.forEach((weight) => weight.write(tf.zeros(weight.shape as number[])));
    const [{ keys, available, entropy }] = attentionSupport(model, seriesOf([4]), { share: 0.9 });
    expect([keys, available]).toEqual([4, 4]);
    expect(entropy).toBeCloseTo(Math.log(4), 6);
    expect(attentionSupport(model, seriesOf([4]), { share: 0.75 })[0].keys).toBe(3);
  });

  it('leaves out queries that see no key', () => {
    // The first average of three positions is in the past from position 2 on.
    const found = attentionSupport(attentionModel({ headScales: [1, 3], causal: true }), seriesOf([7]));
    expect(found.map(({ queries, available }) => [queries, available])).toEqual([
      [7, 7],
      [5, 3],
    ]);
    expect(() => attentionSupport(attentionModel(), seriesOf([0]))).toThrow(
      "attentionSupport: head 0 of 'attention' saw no key; a query must see one",
    );
  });

  it.each([0, 1.1, NaN])('refuses a share of %d', (share) => {
    expect(() => attentionSupport(attentionModel(), data, { share })).toThrow(
      `attentionSupport: share was ${share}; it must be above 0 and up to 1`,
    );
  });
});
