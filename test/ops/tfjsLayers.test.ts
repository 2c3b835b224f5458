/**
 * What tf.layers does nowhere else, or gets wrong: output and gradients against operations that tfjs's plain JavaScript has, on
 * the same weights.
 */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { input, type layers as Layers, layers, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { init } from '../../src/index.js';
import { normal } from '../support/normal.js';

beforeAll(() => init({ threads: 2 }));
afterAll(() => tf.setBackend('wasm'));

type Layer = ReturnType<typeof Layers.conv1d>;

type Oracle = (x: tf.Tensor, ...weights: tf.Tensor[]) => tf.Tensor;

/** A filter with zeros between its taps. */
const spread = (filter: tf.Tensor, rates: number[]) =>
  rates.reduce(
    (all, rate, axis) =>
      tf.concat(
        tf
          .split(all, all.shape[axis], axis)
          .flatMap((tap, i) => [...Array.from({ length: i === 0 ? 0 : rate - 1 }, () => tf.zerosLike(tap)), tap]),
        axis,
      ),
    filter,
  );

const turned =
  (before: number[], after: number[], oracle: Oracle): Oracle =>
  (x, ...weights) =>
    tf.transpose(oracle(tf.transpose(x, before), ...weights), after);

const conv2d =
  (rates: number[], pad: 'same' | 'valid'): Oracle =>
  (x, filter, bias) =>
    tf.add(tf.conv2d(x as tf.Tensor4D, spread(filter, rates) as tf.Tensor4D, 1, pad), bias);

const conv3d: Oracle = (x, filter, bias) =>
  tf.add(tf.conv3d(x as tf.Tensor5D, spread(filter, [2, 1, 3]) as tf.Tensor5D, 1, 'same'), bias);

const conv1d =
  (before: number, rate: number, stride: number): Oracle =>
  (x, filter, bias) => {
    const padded = tf.concat([tf.zeros([x.shape[0], before, x.shape[2]!]), x], 1);
    return tf.add(tf.conv1d(padded as tf.Tensor3D, spread(filter, [rate]) as tf.Tensor3D, stride, 'valid'), bias);
  };

const separable: Oracle = (x, depthwise, pointwise, bias) =>
  tf.add(
    tf.separableConv2d(x as tf.Tensor4D, depthwise as tf.Tensor4D, pointwise as tf.Tensor4D, [2, 1], 'same'),
    bias,
  );

const normalized =
  (axis: number[], weigh: (y: tf.Tensor, weight: tf.Tensor) => tf.Tensor): Oracle =>
  (x, ...weights) => {
    const centred = tf.sub(x, tf.mean(x, axis, true));
    const deviation = tf.sqrt(tf.add(tf.mean(tf.square(centred), axis, true), 1e-3));
    return weights.reduce(weigh, tf.div(centred, deviation));
  };

const channelsFirst = { dataFormat: 'channelsFirst' } as const;
const [image, imageFirst, volume] = [
  [2, 8, 7, 3],
  [2, 3, 8, 7],
  [2, 5, 3, 7, 2],
];
const filters = { filters: 4, kernelSize: 3 };

async function values(run: () => tf.Tensor[]): Promise<number[][]> {
  return Promise.all(run().map(async (tensor) => [...(await tensor.data())]));
}

describe('output and gradients', () => {
  it.each<[string, number[], () => unknown, Oracle]>([
    ['conv1d, causal', [2, 9, 3], () => layers.conv1d({ ...filters, padding: 'causal' }), conv1d(2, 1, 1)],
    [
      'conv1d, causal, spaced',
      [2, 9, 3],
      () => layers.conv1d({ ...filters, padding: 'causal', dilationRate: 3 }),
      conv1d(6, 3, 1),
    ],
    [
      'conv1d, causal, strides',
      [2, 9, 3],
      () => layers.conv1d({ ...filters, padding: 'causal', strides: 2 }),
      conv1d(2, 1, 2),
    ],
    [
      'conv1d, channels first',
      [2, 3, 9],
      () => layers.conv1d({ ...filters, ...channelsFirst, strides: 2 }),
      turned([0, 2, 1], [0, 2, 1], conv1d(0, 1, 2)),
    ],
    [
      'conv1d, channels first, causal',
      [2, 3, 9],
      () => layers.conv1d({ ...filters, ...channelsFirst, padding: 'causal' }),
      turned([0, 2, 1], [0, 2, 1], conv1d(2, 1, 1)),
    ],
    ['conv2d, spaced', image, () => layers.conv2d({ ...filters, dilationRate: [2, 1] }), conv2d([2, 1], 'valid')],
    [
      'conv2d, spaced, tanh',
      imageFirst,
      () => layers.conv2d({ ...filters, ...channelsFirst, dilationRate: 2, padding: 'same', activation: 'tanh' }),
      turned([0, 2, 3, 1], [0, 3, 1, 2], (...given) => tf.tanh(conv2d([2, 2], 'same')(...given))),
    ],
    [
      'timeDistributed conv2d, spaced',
      [2, 2, 6, 6, 3],
      () => layers.timeDistributed({ layer: layers.conv2d({ ...filters, dilationRate: 2 }) }),
      (x, ...weights) =>
        tf.stack(
          tf.unstack(x, 1).map((image) => conv2d([2, 2], 'valid')(image, ...weights)),
          1,
        ),
    ],
    ['conv3d, spaced', volume, () => layers.conv3d({ ...filters, padding: 'same', dilationRate: [2, 1, 3] }), conv3d],
    [
      'separableConv2d, channels first',
      imageFirst,
      () => layers.separableConv2d({ ...filters, ...channelsFirst, strides: [2, 1], padding: 'same' }),
      turned([0, 2, 3, 1], [0, 3, 1, 2], separable),
    ],
    [
      'layerNormalization without scale',
      [3, 4, 5],
      () => layers.layerNormalization({ scale: false }),
      normalized([2], tf.add),
    ],
    [
      'layerNormalization without centre',
      [3, 4, 5],
      () => layers.layerNormalization({ center: false, axis: [1, 2] }),
      normalized([1, 2], tf.mul),
    ],
    [
      'layerNormalization without either',
      [3, 4, 5],
      () => layers.layerNormalization({ center: false, scale: false }),
      normalized([2], tf.mul),
    ],
  ])('of %s', async (_, shape, make, oracle) => {
    await tf.setBackend('wasm');
    const layer = make() as Layer;
    const symbolic = layer.apply(input({ shape: shape.slice(1) })) as SymbolicTensor;
    const weights = layer.getWeights().map((weight, i) => normal(weight.shape, i) as tf.Tensor);
    layer.setWeights(weights);
    const x: tf.Tensor = normal(shape, 'x');
    const loss = (y: tf.Tensor) => tf.sum(tf.square(y));

    const ours = await values(() => {
      const y = layer.apply(x, { training: true }) as tf.Tensor;
      expect(y.shape.slice(1)).toEqual(symbolic.shape.slice(1));
      const dX = tf.grad((x: tf.Tensor) => loss(layer.apply(x) as tf.Tensor))(x);
      if (weights.length === 0) return [y, dX];
      const variables = layer.trainableWeights.map((weight) => weight.read() as tf.Variable);
      const { grads } = tf.variableGrads(() => loss(layer.apply(x) as tf.Tensor) as tf.Scalar, variables);
      return [y, dX, ...variables.map(({ name }) => grads[name])];
    });
    await tf.setBackend('cpu');
    const expected = await values(() => [
      oracle(x, ...weights),
      ...tf.grads((...all) => loss(oracle(...(all as [tf.Tensor]))))([x, ...weights]),
    ]);
    expect(ours.length).toBe(expected.length);
    ours.forEach((numbers, at) => {
      const largest = Math.max(1, ...expected[at].map(Math.abs));
      expect(numbers.length).toBe(expected[at].length);
      numbers.forEach((value, i) => expect(Math.abs(value - expected[at][i])).toBeLessThan(1e-5 * largest));
    });
  });
});
