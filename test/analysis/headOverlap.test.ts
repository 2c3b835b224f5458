/** Overlap of what heads attend to, against float64. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { headOverlap, init, timeSeriesClassifier } from '../../src/index.js';
import { headsOf } from '../oracles/attentionModelOracle.js';
import { attentionModel, CHANNELS, seriesOf } from '../support/attentionModel.js';

beforeAll(() => init());

const data = seriesOf([7, 3, 5]);

describe('headOverlap', () => {
  it.each([[undefined], [[1, 2]]])('is the weight that both heads give to a position, head scales %j', (scales) => {
    const model = attentionModel(scales && { headScales: scales });
    const overlaps = [0, 1, 2].flatMap((index) => {
      const [first, second] = headsOf(model, data, index, scales).map(({ weights }) => weights);
      return first.map((row, i) =>
        row.reduce((sum, weight, position) => {
          const scale = scales?.[1] ?? 1;
          const window = Math.floor(position / scale);
          const size = Math.min((window + 1) * scale, row.length) - window * scale;
          return sum + Math.min(weight, second[i][window] / size);
        }, 0),
      );
    });
    expect(overlaps).toHaveLength(15);
    const mean = overlaps.reduce((sum, value) => sum + value) / 15;
    const before = tf.memory().numTensors;
    const { layers, overlap } = headOverlap(model, data);
    expect(tf.memory().numTensors).toBe(before);
    expect(layers).toEqual([
      {
        layer: 'attention',
        overlaps: [
          [1, expect.closeTo(mean, 5)],
          [expect.closeTo(mean, 5), 1],
        ],
        overlap: { mean: expect.closeTo(mean, 5) as number, std: 0 },
      },
    ]);
    expect(overlap.mean).toBeCloseTo(mean, 5);
  });

  it('is 1 for equal heads, and of each pair for several layers', () => {
    const config = {
      channels: CHANNELS,
      length: 8,
      classes: 2,
      width: 12,
      feedForward: 8,
      heads: 3,
      layers: 2,
      seed: 1,
    };
    const { layers, overlap } = headOverlap(timeSeriesClassifier(config), data, { cases: [0, 2] });
    expect(layers.map(({ layer }) => layer)).toEqual(['encoder_0', 'encoder_1']);
    const pairs = layers.flatMap(({ overlaps: [[, a, b], [, , c]] }) => [a, b, c]);
    for (const value of pairs) expect(value > 0 && value < 1).toBe(true);
    expect(overlap.mean).toBeCloseTo(pairs.reduce((a, b) => a + b) / 6, 10);
    const same = attentionModel();
    const weights = same.getWeights();
    same.setWeights(weights.map((weight) => tf.zerosLike(weight)));
    expect(headOverlap(same, data).overlap).toEqual({ mean: expect.closeTo(1, 5) as number, std: 0 });
  });

  it('needs two heads', () => {
    const config = { channels: CHANNELS, length: 8, classes: 2, width: 4, feedForward: 8, heads: 1, layers: 1 };
    expect(() => headOverlap(timeSeriesClassifier(config), data)).toThrow('had two heads');
  });
});
