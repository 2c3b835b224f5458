/** Distances between heads, against float64. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  headRedundancy,
  init,
  type LabelledData,
  timeSeriesClassifier,
  tokenClassifier,
  visionTransformer,
} from '../../src/index.js';
import { headsOf } from '../oracles/attentionModelOracle.js';
import { attentionModel, CHANNELS, seriesOf } from '../support/attentionModel.js';

beforeAll(() => init());

const data = seriesOf([7, 3, 5]);

describe('headRedundancy', () => {
  it.each([[undefined], [[1, 2]]])('is the mean distance of outputs at valid positions, head scales %j', (scales) => {
    const model = attentionModel(scales && { headScales: scales });
    const heads = [0, 1, 2].map((index) => headsOf(model, data, index, scales));
    const outputs = [0, 1].map((head) => heads.flatMap((both) => both[head].outputs));
    expect(outputs[0].length).toBe(15);
    const norm = Math.sqrt(
      outputs.flat(2).reduce((sum, value) => sum + value ** 2, 0) / (2 * 15), // both heads at 15 positions
    );
    const distance =
      outputs[0].reduce((sum, row, i) => sum + Math.hypot(...row.map((value, e) => value - outputs[1][i][e])), 0) / 15;

    const found = headRedundancy(model, data, { batchSize: 2 });
    expect(found.positions).toBe(15);
    expect(found.layers.length).toBe(1);
    expect(found.layers[0].layer).toBe('attention');
    expect(found.layers[0].norm).toBeCloseTo(norm, 5);
    expect(found.layers[0].distances).toEqual([
      [0, expect.closeTo(distance, 5)],
      [expect.closeTo(distance, 5), 0],
    ]);
    expect(found.distance).toEqual({ mean: expect.closeTo(distance, 5) as number, std: 0 });
    expect(found.relative).toEqual({ mean: expect.closeTo(distance / norm, 5) as number, std: 0 });
  });

  it('gives mean and deviation over the pairs of each layer and of all', () => {
    const config = { channels: CHANNELS, length: 8, classes: 2, width: 12, feedForward: 8, heads: 3, layers: 2 };
    const found = headRedundancy(timeSeriesClassifier({ ...config, seed: 1 }), data);
    const pairs = found.layers.map(({ distances }) => [distances[0][1], distances[0][2], distances[1][2]]);
    const check = (actual: { mean: number; std: number }, values: number[]) => {
      const mean = values.reduce((a, b) => a + b) / values.length;
      expect(actual.mean).toBeCloseTo(mean, 10);
      expect(actual.std).toBeCloseTo(Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length), 10);
    };
    found.layers.forEach(({ layer, distance, relative, norm, distances }, index) => {
      expect(layer).toBe(`encoder_${index}`);
      check(distance, pairs[index]);
      check(
        relative,
        pairs[index].map((value) => value / norm),
      );
      expect(distances[2][1]).toBe(distances[1][2]);
    });
    check(found.distance, pairs.flat());
  });

  it('does not depend on batches or padding, and leaves no tensor', () => {
    const model = attentionModel();
    const before = tf.memory().numTensors;
    const [one, all] = [1, 3].map((batchSize) => headRedundancy(model, data, { batchSize }));
    expect(tf.memory().numTensors).toBe(before);
    expect(one.distance.mean).toBeCloseTo(all.distance.mean, 6);
    const chosen = headRedundancy(model, data, { cases: [1] });
    expect(chosen.positions).toBe(3);
  });

  it.each<[string, () => [ReturnType<typeof visionTransformer>, LabelledData]]>([
    [
      'images',
      () => {
        const model = visionTransformer({ height: 8, width: 8, channels: 1, classes: 2, seed: 1 });
        const images = Float32Array.from({ length: 128 }, (_, i) => (i % 7) - 3);
        return [model, { images, height: 8, width: 8, channels: 1, labels: [0, 1], classNames: ['a', 'b'] }];
      },
    ],
    [
      'tokens',
      () => {
        const model = tokenClassifier({ vocabulary: 5, length: 6, classes: 2, seed: 1 });
        const tokens = [Int32Array.of(1, 2, 3), Int32Array.of(4, 0)];
        const vocabulary = ['p', 'q', 'r', 's', 't'];
        return [model, { tokens, lengths: [3, 2], vocabulary, labels: [0, 1], classNames: ['a', 'b'] }];
      },
    ],
  ])('works for %s', (kind, make) => {
    const [model, cases] = make();
    const { layers, distance, positions } = headRedundancy(model, cases);
    expect(layers.map(({ layer }) => layer)).toEqual(layers.map((_, index) => `encoder_${index}`));
    expect(distance.mean).toBeGreaterThan(0);
    // A class token stands before the four patches.
    expect(positions).toBe(kind === 'images' ? 2 * 5 : 3 + 2);
  });

  it('says what it cannot measure', () => {
    const single = timeSeriesClassifier({ channels: CHANNELS, length: 8, classes: 2, width: 8, heads: 1, layers: 1 });
    expect(() => headRedundancy(single, data)).toThrow(
      "headRedundancy: no layer of model 'time_series_classifier' had two heads; one must have, to be compared",
    );
    const model = attentionModel();
    expect(() => headRedundancy(model, data, { cases: [] })).toThrow('headRedundancy: there were no cases');
    expect(() => headRedundancy(model, data, { cases: [3] })).toThrow(
      'headRedundancy: cases[0] was 3; it must be an integer from 0 to 2',
    );
    expect(() => headRedundancy(model, seriesOf([0]))).toThrow('headRedundancy: the cases had no positions');
    // Whatever happens, no observer is left.
    expect(model.getLayer('attention')).toMatchObject({ observer: undefined });
  });
});
