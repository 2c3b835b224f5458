import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  rmsNormalization,
  SequenceRmsNormalization,
  timeSeriesClassifier,
  TransformerEncoderLayer,
} from '../../src/index.js';
import { rmsNormalizationOracle } from '../oracles/normalizationOracle.js';
import { builds, initBuild } from '../support/builds.js';
import { expectDifferentiable, expectNoLeaks, valueAndGradients } from '../support/differentiable.js';
import { normal } from '../support/normal.js';
import { expectSameBits } from '../support/threads.js';

const inputs = (shape: number[]) => [normal(shape), normal(shape.slice(-1), 1)];
const op = (...[x, gamma]: tf.Tensor[]) => rmsNormalization(x, { gamma, epsilon: 1e-3 });

describe.each(builds)('rmsNormalization, %s build', (build) => {
  beforeAll(async () => {
    await initBuild(build);
  });

  it.each([[[1, 1]], [[2, 3]], [[3, 4]], [[2, 2, 5]], [[4, 7]], [[5, 8]], [[3, 9]], [[2, 33]], [[6]]])(
    'of %j: value and gradients',
    (shape) => {
      const oracle = (...[x, gamma]: number[][]) => rmsNormalizationOracle(x, gamma, 1e-3);
      expectDifferentiable(op, oracle, inputs(shape), 1e-5);
    },
  );

  it('has factors of 1 and an epsilon of 1e-6 unless told otherwise', () => {
    const x = [3e-3, 4e-3, -1e-3];
    const y = rmsNormalization(tf.tensor2d([x])).dataSync();
    rmsNormalizationOracle(x, [1, 1, 1], 1e-6).forEach((value, i) => expect(y[i]).toBeCloseTo(value, 5));
  });
});

describe('rmsNormalization', () => {
  it('gives the same bits on any number of threads, leaves no tensors behind, and nothing of nothing', async () => {
    await expectSameBits(() => valueAndGradients(op, inputs([3000, 37]), normal([3000, 37], 3)));
    const tensors = inputs([5, 6]);
    expectNoLeaks(() => valueAndGradients(op, tensors));
    expectNoLeaks(() => [op(...tensors), rmsNormalization(tensors[0])]);
    expect(valueAndGradients(op, inputs([0, 3])).map(({ shape }) => shape)).toEqual([[0, 3], [0, 3], [3]]);
  });

  it.each<[string, () => unknown]>([
    ['x was int32; it must be float32', () => rmsNormalization(tf.ones([2, 3], 'int32'))],
    ['x was [2, 0]; it must be [..., C], C 1 or more', () => rmsNormalization(tf.ones([2, 0]))],
    ['gamma was [2]; it must be [3]', () => rmsNormalization(tf.ones([2, 3]), { gamma: tf.ones([2]) })],
    ['epsilon was -1', () => rmsNormalization(tf.ones([2, 3]), { epsilon: -1 })],
    ["unknown option 'eps'", () => rmsNormalization(tf.ones([2, 3]), { eps: 1 } as never)],
  ])('names a wrong argument: %s', (message, use) => {
    expect(() => tf.tidy(() => void use())).toThrow(`rmsNormalization: ${message}`);
  });
});

describe('the layer', () => {
  it('computes the operation with its weight, and keeps its epsilon', () => {
    const layer = new SequenceRmsNormalization({ epsilon: 0.1 });
    tf.tidy(() => {
      const x = normal([2, 3, 4]);
      layer.apply(x);
      expect(layer.weights.map(({ shape }) => shape)).toEqual([[4]]);
      layer.setWeights([tf.tensor1d([1, 2, 3, 4])]);
      const expected = rmsNormalizationOracle([...x.dataSync()], [1, 2, 3, 4], 0.1);
      const found = (layer.apply(x) as tf.Tensor).dataSync();
      expected.forEach((value, i) => expect(found[i]).toBeCloseTo(value, 5));
    });
    expect(layer.getConfig()).toMatchObject({ epsilon: 0.1 });
  });

  it.each([true, false])('is a normalization of encoders, normFirst %s', (normFirst) => {
    const options = { channels: 2, length: 4, classes: 2, width: 8, feedForward: 8, heads: 2, layers: 1, seed: 1 };
    const models = (['rms', 'layer'] as const).map((normalization) =>
      timeSeriesClassifier({ ...options, normalization, normFirst }),
    );
    const encoder = models[0].getLayer('encoder_0') as TransformerEncoderLayer;
    expect(encoder.getConfig()).toMatchObject({ normalization: 'rms' });
    tf.tidy(() => {
      const [one, other] = models.map((model) =>
        (model.predict([normal([3, 4, 2]), tf.tensor2d([[4], [2], [3]])]) as tf.Tensor).dataSync(),
      );
      expect(one.every(Number.isFinite)).toBe(true);
      expect(one).not.toEqual(other);
    });
    models.forEach((model) => model.dispose());
  });
});
