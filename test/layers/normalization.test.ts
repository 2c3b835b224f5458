import * as tf from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { SequenceBatchNormalization } from '../../src/layers/sequenceBatchNormalization.js';
import { SequenceLayerNormalization } from '../../src/layers/sequenceLayerNormalization.js';
import { init } from '../../src/ops/init.js';
import { maxError } from '../support/attention.js';
import { normal } from '../support/normal.js';

beforeAll(() => init());

const apply = (layer: layers.Layer, inputs: tf.Tensor | tf.Tensor[], training: boolean) =>
  layer.apply(inputs, { training }) as tf.Tensor3D;

describe('SequenceBatchNormalization', () => {
  const lengths = () => tf.tensor2d([3, 1], [2, 1]);
  const series = (padding: number) =>
    tf.tensor3d([1, 10, 2, 10, 3, 10, 6, 14, padding, padding, padding, padding], [2, 3, 2]);

  it('takes its statistics from valid positions only', () => {
    const layer = new SequenceBatchNormalization({ epsilon: 1e-9 });
    // Channel 0: 1, 2, 3, 6 with mean 3 and variance 3.5; channel 1: 10, 10, 10, 14 with mean 11 and variance 3.
    const [y, other] = [1e4, -5].map((padding) => apply(layer, [series(padding), lengths()], true).arraySync());
    const expected = [
      [-2, -1],
      [-1, -1],
      [0, -1],
    ].map(([a, b]) => [a / Math.sqrt(3.5), b / Math.sqrt(3)]);
    expect(maxError(y[0].flat(), expected.flat())).toBeLessThan(1e-6);
    expect(maxError(y[1][0], [3 / Math.sqrt(3.5), 3 / Math.sqrt(3)])).toBeLessThan(1e-6);
    expect([other[0], other[1][0]]).toEqual([y[0], y[1][0]]);
  });

  it('respects a Keras mask as it does lengths', () => {
    const [one, two] = [new SequenceBatchNormalization(), new SequenceBatchNormalization()];
    const mask = tf.tensor2d([1, 1, 1, 1, 0, 0], [2, 3], 'bool');
    const masked = one.apply(series(7), { training: true, mask }) as tf.Tensor;
    expect(masked.dataSync()).toEqual(apply(two, [series(7), lengths()], true).dataSync());
  });

  it('keeps running statistics, the variance unbiased, and uses them outside training', () => {
    const layer = new SequenceBatchNormalization({ momentum: 0.75, epsilon: 1e-9 });
    apply(layer, [series(0), lengths()], true);
    const [mean, variance] = layer.nonTrainableWeights.map((weight) => [...weight.read().dataSync()]);
    expect(maxError(mean, [3 / 4, 11 / 4])).toBeLessThan(1e-6);
    expect(maxError(variance, [0.75 + 0.25 * (14 / 3), 0.75 + 0.25 * 4])).toBeLessThan(1e-6);
    const still = apply(layer, [tf.ones([1, 1, 2]), tf.tensor2d([1], [1, 1])], false);
    const expected = [0, 1].map((c) => (1 - mean[c]) / Math.sqrt(variance[c]));
    expect(maxError(still.dataSync(), expected)).toBeLessThan(1e-6);
    expect([...layer.nonTrainableWeights[0].read().dataSync()]).toEqual(mean);
  });

  it('refuses numbers whose variance float32 does not hold, before anything moves; not so outside training', () => {
    const layer = new SequenceBatchNormalization();
    const large = tf.mul(series(0), tf.tensor1d([1, 1e20]));
    apply(layer, large, false);
    const before = layer.weights.map((weight) => [...weight.read().dataSync()]);
    expect(() => apply(layer, large, true)).toThrow(
      'SequenceBatchNormalization: x had numbers in channel 1 whose variance is above 3.4e38',
    );
    expect(layer.weights.map((weight) => [...weight.read().dataSync()])).toEqual(before);
    apply(layer, tf.mul(large, NaN), true);
    expect(layer.weights.map((weight) => [...weight.read().dataSync()])).toEqual(before);
  });

  it('stays finite for a batch without a valid position', () => {
    const layer = new SequenceBatchNormalization();
    const y = apply(layer, [series(1), tf.zeros([2, 1])], true);
    expect([...y.dataSync(), ...layer.weights.flatMap((w) => [...w.read().dataSync()])].every(Number.isFinite)).toBe(
      true,
    );
  });
});

describe('SequenceLayerNormalization', () => {
  it('equals the layer of tfjs, with or without lengths', () => {
    const series = tf.add(tf.mul(normal([2, 3, 4], 5), 2), 0.5);
    const expected = layers.layerNormalization({ epsilon: 1e-5 }).apply(series) as tf.Tensor;
    const layer = new SequenceLayerNormalization();
    expect(maxError(apply(layer, series, true).dataSync(), expected.dataSync())).toBeLessThan(1e-5);
    expect(maxError(apply(layer, [series, tf.ones([2, 1])], false).dataSync(), expected.dataSync())).toBeLessThan(1e-5);
  });
});
