import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { init } from '../../src/index.js';
import { layerNormalization } from '../../src/ops/layerNormalization.js';
import { expectDifferentiable, expectNoLeaks, valueAndGradients } from '../support/differentiable.js';
import { normal } from '../support/normal.js';
import { layerNormalizationOracle } from '../oracles/normalizationOracle.js';
import { expectSameBits } from '../support/threads.js';

const inputs = (shape: number[]) => [normal(shape), normal(shape.slice(-1), 1), normal(shape.slice(-1), 2)];
const op = (...[x, gamma, beta]: tf.Tensor[]) => layerNormalization(x, gamma, beta, 1e-3);

describe.each([false, true])('layerNormalization, relaxedSimd %s', (relaxedSimd) => {
  beforeAll(async () => {
    await init({ relaxedSimd });
  });

  it.each([[[1, 1]], [[2, 3]], [[3, 4]], [[2, 2, 5]], [[4, 7]], [[5, 8]], [[3, 9]], [[2, 15]], [[2, 33]], [[6]]])(
    'of %j: value and gradients',
    (shape) => {
      const oracle = (...[x, gamma, beta]: number[][]) => layerNormalizationOracle(x, gamma, beta, 1e-3);
      expectDifferentiable(op, oracle, inputs(shape), 1e-5);
    },
  );
});

describe('layerNormalization', () => {
  beforeAll(() => init());

  /** The same from tfjs's ops. */
  function composed(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor): tf.Tensor {
    const centred = tf.sub(x, tf.mean(x, -1, true));
    const variance = tf.mean(tf.square(centred), -1, true);
    return tf.add(tf.mul(tf.div(centred, tf.sqrt(tf.add(variance, 1e-3))), gamma), beta);
  }

  it.each([[[700, 40]], [[3, 20000]]])('of %j, in many blocks, equals composed ops', (shape) => {
    const dY = normal(shape, 3);
    const expected = valueAndGradients(composed, inputs(shape), dY);
    valueAndGradients(op, inputs(shape), dY).forEach((found, i) => {
      const limit = 2e-5 * Math.max(1, tf.max(tf.abs(expected[i])).dataSync()[0]);
      expect(tf.max(tf.abs(tf.sub(found, expected[i]))).dataSync()[0]).toBeLessThan(limit);
    });
  });

  it('loses no digits to a large mean', () => {
    const x = [4096, 4097, 4098, 4099, 4100];
    const y = layerNormalization(tf.tensor2d([x]), tf.ones([5]), tf.zeros([5])).dataSync();
    const expected = layerNormalizationOracle(x, [1, 1, 1, 1, 1], [0, 0, 0, 0, 0], 1e-5);
    expected.forEach((value, i) => expect(y[i]).toBeCloseTo(value, 6));
  });

  it('leaves no tensors behind', () => {
    const tensors = inputs([5, 6]);
    expectNoLeaks(() => valueAndGradients(op, tensors));
    expectNoLeaks(() => [op(...tensors)]);
  });

  it('of nothing is nothing', () => {
    const found = valueAndGradients(op, inputs([0, 3]));
    expect(found.map(({ shape }) => shape)).toEqual([[0, 3], [0, 3], [3], [3]]);
    expect([...found[2].dataSync(), ...found[3].dataSync()]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('gives the same bits on any number of threads', () =>
    expectSameBits(() => valueAndGradients(op, inputs([3000, 37]), normal([3000, 37], 3))));

  it.each<[string, () => unknown]>([
    ['x was int32; it must be float32', () => layerNormalization(tf.ones([2, 3], 'int32'), tf.ones([3]), tf.ones([3]))],
    [
      'x was [2, 0]; it must be [..., C], C 1 or more',
      () => layerNormalization(tf.ones([2, 0]), tf.ones([0]), tf.ones([0])),
    ],
    ['gamma was [2]; it must be [3]', () => layerNormalization(tf.ones([2, 3]), tf.ones([2]), tf.ones([3]))],
    ['beta was [1, 3]; it must be [3]', () => layerNormalization(tf.ones([2, 3]), tf.ones([3]), tf.ones([1, 3]))],
    ['epsilon was -1', () => layerNormalization(tf.ones([2, 3]), tf.ones([3]), tf.ones([3]), -1)],
  ])('names a wrong argument: %s', (message, use) => {
    expect(() => tf.tidy(() => void use())).toThrow(`layerNormalization: ${message}`);
  });
});
