import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { init } from '../../src/index.js';
import { batchNormalization, batchNormalizationInference } from '../../src/ops/batchNormalization.js';
import { maxError } from '../support/attention.js';
import { expectDifferentiable, expectNoLeaks, valueAndGradients } from '../support/differentiable.js';
import { normal } from '../support/normal.js';
import { batchNormalizationOracle, channelStatistics } from '../oracles/normalizationOracle.js';
import { expectSameBits } from '../support/threads.js';

const inputs = (shape: number[]) => [normal(shape), normal(shape.slice(-1), 1), normal(shape.slice(-1), 2)];

describe.each([false, true])('batchNormalization, relaxedSimd %s', (relaxedSimd) => {
  beforeAll(async () => {
    await init({ relaxedSimd });
  });

  it.each([
    [[1, 2, 1], [2]],
    [
      [2, 3, 3],
      [3, 3],
    ],
    [
      [3, 4, 4],
      [4, 0, 2],
    ],
    [
      [2, 5, 5],
      [1, 5],
    ],
    [
      [2, 3, 15],
      [2, 3],
    ],
    [
      [2, 3, 16],
      [3, 1],
    ],
    [
      [4, 2, 17],
      [1, 2, 0, 2],
    ],
    [
      [2, 2, 33],
      [2, 1],
    ],
  ])('of %j with lengths %j: value, statistics and gradients', (shape, lengths) => {
    const channels = shape[2];
    const oracle = (...[x, gamma, beta]: number[][]) =>
      batchNormalizationOracle(x, gamma, beta, channelStatistics(x, channels, lengths), 1e-2);
    const op = (...[x, gamma, beta]: tf.Tensor[]) => batchNormalization(x, gamma, beta, lengths, 1e-2).value;
    expectDifferentiable(op, oracle, inputs(shape), 1e-5);
    const [x, gamma, beta] = inputs(shape);
    const { mean, variance } = batchNormalization(x, gamma, beta, lengths);
    const expected = channelStatistics([...x.dataSync()], channels, lengths);
    expect(maxError(mean.dataSync(), expected.mean)).toBeLessThan(1e-6);
    expect(maxError(variance.dataSync(), expected.variance)).toBeLessThan(1e-6);
  });

  it.each([[[2, 3, 3]], [[1, 5, 16]], [[3, 2, 18]]])('for inference, of %j: value and gradients', (shape) => {
    const [mean, deviation] = [normal(shape.slice(-1), 3), normal(shape.slice(-1), 4)];
    const variance = tf.square(deviation);
    const statistics = { mean: [...mean.dataSync()], variance: [...variance.dataSync()] };
    expectDifferentiable(
      (...[x, gamma, beta]) => batchNormalizationInference(x, gamma, beta, mean, variance, 1e-2),
      (...[x, gamma, beta]) => batchNormalizationOracle(x, gamma, beta, statistics, 1e-2),
      inputs(shape),
      1e-5,
    );
  });
});

describe('batchNormalization', () => {
  beforeAll(() => init());

  it('counts all positions without lengths', () => {
    const [x, gamma, beta] = inputs([3, 4, 5]);
    const all = batchNormalization(x, gamma, beta, [4, 4, 4]).value.dataSync();
    expect(batchNormalization(x, gamma, beta).value.dataSync()).toEqual(all);
  });

  it('keeps its digits over many positions far from 0', () => {
    const x = tf.add(normal([200, 100, 2]), 1000);
    const { mean, variance } = batchNormalization(x, tf.ones([2]), tf.zeros([2]));
    const expected = channelStatistics([...x.dataSync()], 2, new Array<number>(200).fill(100));
    expect(maxError(mean.dataSync(), expected.mean)).toBeLessThan(4e-4); // 7 units in the last place
    expect(maxError(variance.dataSync(), expected.variance)).toBeLessThan(1e-5);
  });

  it('leaves no tensors behind', () => {
    const tensors = inputs([2, 3, 6]);
    const op = (...[x, gamma, beta]: tf.Tensor[]) => batchNormalization(x, gamma, beta, [3, 1]).value;
    expectNoLeaks(() => valueAndGradients(op, tensors));
    expectNoLeaks(() => Object.values(batchNormalization(tensors[0], tensors[1], tensors[2])) as tf.Tensor[]);
    const statistics: [tf.Tensor, tf.Tensor] = [tf.zeros([6]), tf.ones([6])];
    const inference = (...[x, gamma, beta]: tf.Tensor[]) => batchNormalizationInference(x, gamma, beta, ...statistics);
    expectNoLeaks(() => valueAndGradients(inference, tensors));
  });

  it('gives the same bits on any number of threads', () =>
    expectSameBits(() => {
      const lengths = Array.from({ length: 20 }, (_, b) => (b * 7) % 60);
      const tensors = inputs([20, 60, 70]);
      const [x, gamma, beta] = tensors;
      const inference = batchNormalizationInference(x, gamma, beta, beta, tf.square(gamma));
      return [
        inference,
        ...valueAndGradients((...[x, gamma, beta]) => batchNormalization(x, gamma, beta, lengths).value, tensors),
      ];
    }));

  it.each<[string, () => unknown]>([
    ['x was [2, 3]; it must be [B, N, C]', () => batchNormalization(tf.ones([2, 3]), tf.ones([3]), tf.ones([3]))],
    ['gamma was [2]; it must be [3]', () => batchNormalization(tf.ones([1, 2, 3]), tf.ones([2]), tf.ones([3]))],
    [
      'lengths was [1, 2]; it must hold 1',
      () => batchNormalization(tf.ones([1, 2, 3]), tf.ones([3]), tf.ones([3]), [1, 2]),
    ],
    ['lengths[0] was 3; it must be', () => batchNormalization(tf.ones([1, 2, 3]), tf.ones([3]), tf.ones([3]), [3])],
    ['epsilon was NaN', () => batchNormalization(tf.ones([1, 2, 3]), tf.ones([3]), tf.ones([3]), [2], NaN)],
  ])('names a wrong argument: %s', (message, use) => {
    expect(() => tf.tidy(() => void use())).toThrow(`batchNormalization: ${message}`);
  });
});
