/** What tfjs's users do around our kernels: right, or an error that says what is wrong. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import {
  layers,
  type LayersModel,
  model as makeModel,
  sequential,
  type SymbolicTensor,
  input,
} from '@tensorflow/tfjs-layers';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { attention, FusedDense, gelu, init } from '../../src/index.js';

const listeners = () =>
  (['uncaughtException', 'unhandledRejection'] as const).map((event) => process.listenerCount(event));

const before = listeners();

beforeAll(async () => {
  await init({ threads: 2 });
});
afterEach(async () => {
  tf.env().set('DEBUG', false);
  await tf.setBackend('wasm');
});

const wave = (...shape: number[]) =>
  tf.tensor(
    Float32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => Math.sin(i + 1)),
    shape,
  );

it('leaves no handlers on the process', () => {
  expect(listeners()).toEqual(before);
});

it('refuses more threads than any machine has', async () => {
  await expect(init({ threads: 9999 })).rejects.toThrow(/threads was 9999; it must be at most/);
});

it('says which backend it needs', async () => {
  await tf.setBackend('cpu');
  const x = tf.ones<tf.Rank.R4>([1, 1, 2, 2]);
  expect(() => attention(x, x, x)).toThrow(/attention: tfjs's backend was 'cpu'; it must be 'wasm'/);
  expect(() => new FusedDense({ units: 2 }).apply(tf.ones([1, 4]))).toThrow(/backend was 'cpu'; it must be 'wasm'/);
});

it('tensors and models live on as backends are set back and forth', async () => {
  const x = wave(3, 6, 6, 2);
  const model = sequential({
    layers: [
      layers.conv2d({ inputShape: [6, 6, 2], filters: 3, kernelSize: 3, activation: 'relu' }),
      layers.batchNormalization(),
      layers.flatten(),
      layers.dense({ units: 2 }),
    ],
  });
  model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
  const reference = (model.predict(x) as tf.Tensor).dataSync();
  for (const backend of ['cpu', 'wasm', 'cpu', 'wasm']) {
    await tf.setBackend(backend);
    const now = (model.predict(x) as tf.Tensor).dataSync();
    now.forEach((value, i) => expect(value).toBeCloseTo(reference[i], 4));
  }
  const losses: number[] = [];
  for (const backend of ['wasm', 'cpu', 'wasm', 'cpu']) {
    await tf.setBackend(backend);
    losses.push((await model.trainOnBatch(x, tf.ones([3, 2]))) as number);
  }
  expect(losses.every(Number.isFinite)).toBe(true);
  expect(losses[3]).toBeLessThan(losses[0]);
});

it('tf.profile and tf.memory count as ever', async () => {
  const x = wave(2, 4, 4, 2);
  const { numTensors } = tf.memory();
  const { kernels, newTensors } = await tf.profile(() =>
    tf.tidy(() => tf.relu(tf.conv2d(x as tf.Tensor4D, tf.ones([2, 2, 2, 3]), 1, 'same'))),
  );
  expect(kernels.map(({ name }) => name)).toEqual(expect.arrayContaining(['Conv2D', 'Relu']));
  expect(newTensors).toBe(1);
  expect(tf.memory().numTensors).toBe(numTensors + 1);
});

it('trains in debug mode', async () => {
  tf.env().set('DEBUG', true);
  const model = sequential({
    layers: [layers.lstm({ units: 2, inputShape: [3, 4] }), layers.dense({ units: 1 })],
  });
  model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
  expect(await model.trainOnBatch(wave(2, 3, 4), tf.ones([2, 1]))).toBeGreaterThan(0);
});

describe('second derivatives', () => {
  const second = (f: (x: tf.Tensor) => tf.Tensor, x: tf.Tensor) =>
    tf.tidy(() => [
      ...tf
        .grad((a) => tf.sum(tf.mul(tf.grad(f)(a), wave(...a.shape))))(x)
        .dataSync(),
    ]);

  it.each<[string, (x: tf.Tensor) => tf.Tensor]>([
    ['gelu', (x) => gelu(x)],
    ['attention', (x) => attention(x, x, x)],
  ])('of %s are an error', (_, f) => {
    expect(() => second(f, wave(1, 2, 3, 4))).toThrow(/second derivative/);
  });

  it.each<[string, () => LayersModel, number[]]>([
    ['lstm', () => sequential({ layers: [layers.lstm({ units: 2, inputShape: [3, 4] })] }), [2, 3, 4]],
    ['batchNormalization', () => sequential({ layers: [layers.batchNormalization({ inputShape: [4] })] }), [5, 4]],
    ['relu', () => sequential({ layers: [layers.reLU({ inputShape: [4] })] }), [5, 4]],
    ['relu of 6', () => sequential({ layers: [layers.reLU({ inputShape: [4], maxValue: 6 })] }), [5, 4]],
  ])('of %s are those of cpu', async (_, make, shape) => {
    const model = make();
    const f = (x: tf.Tensor) => tf.square(model.apply(x, { training: true }) as tf.Tensor);
    const ours = second(f, wave(...shape));
    await tf.setBackend('cpu');
    second(f, wave(...shape)).forEach((value, i) => expect(ours[i]).toBeCloseTo(value, 4));
  });
});

describe('second derivatives against differences of first ones', () => {
  const filter = wave.bind(undefined, 2, 2, 2, 2) as () => tf.Tensor4D;

  it.each<[string, (x: tf.Tensor) => tf.Tensor, number[]]>([
    ['exp', (x) => tf.square(tf.exp(x)), [2, 3]],
    ['tanh', (x) => tf.tanh(x), [2, 3]],
    ['sigmoid', (x) => tf.square(tf.sigmoid(x)), [2, 3]],
    ['softmax', (x) => tf.square(tf.softmax(x)), [2, 3]],
    ['spaced conv2d', (x) => tf.square(tf.conv2d(x as tf.Tensor4D, filter(), 1, 'same', 'NHWC', 2)), [1, 3, 3, 2]],
  ])('of %s', (_, f, shape) => {
    const x = wave(...shape);
    const first = (at: tf.Tensor) => tf.sum(tf.mul(tf.grad(f)(at), wave(...shape)));
    const found = tf.grad(first)(x).dataSync();
    const step = 1e-2;
    found.forEach((value, i) => {
      const moved = (by: number) => tf.add(x, tf.reshape(tf.mul(tf.oneHot(tf.scalar(i, 'int32'), x.size), by), shape));
      const difference = tf.sub(first(moved(step)), first(moved(-step))).dataSync()[0] / (2 * step);
      expect(Math.abs(value - difference)).toBeLessThan(2e-3 * Math.max(1, Math.abs(difference)));
    });
  });
});

describe('batchNormalization, which tf.layers cannot train', () => {
  it('without scale and centre', async () => {
    const model = sequential({
      layers: [layers.dense({ units: 3, inputShape: [3] }), layers.batchNormalization({ scale: false, center: false })],
    });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    await model.trainOnBatch(wave(4, 3), tf.zeros([4, 3]));
    const y = model.apply(wave(4, 3), { training: true }) as tf.Tensor;
    tf.mean(y, 0)
      .dataSync()
      .forEach((mean) => expect(mean).toBeCloseTo(0, 5));
  });

  it('along the first axis of a case', () => {
    const x = input({ shape: [3, 4] });
    const first = makeModel({ inputs: x, outputs: layers.batchNormalization({ axis: 1 }).apply(x) as SymbolicTensor });
    const z = input({ shape: [4, 3] });
    const last = makeModel({ inputs: z, outputs: layers.batchNormalization().apply(z) as SymbolicTensor });
    for (const training of [true, false]) {
      const a = first.apply(wave(2, 3, 4), { training }) as tf.Tensor;
      const b = last.apply(tf.transpose(wave(2, 3, 4), [0, 2, 1]), { training }) as tf.Tensor;
      const expected = tf.transpose(b, [0, 2, 1]).dataSync();
      a.dataSync().forEach((value, i) => expect(value).toBeCloseTo(expected[i], 5));
    }
  });
});

it('sums and means over leading and middle dimensions', () => {
  const x = wave(3, 5, 4, 6);
  const values = x.arraySync() as number[][][][];
  const at = (b: number, c: number) => values[b].flat().reduce((total, row) => total + row[c], 0);
  const sums = tf.sum(x, [1, 2]).arraySync() as number[][];
  const means = tf.mean(x, [1, 2], true).dataSync();
  sums.forEach((row, b) =>
    row.forEach((value, c) => {
      expect(value).toBeCloseTo(at(b, c), 4);
      expect(means[b * 6 + c]).toBeCloseTo(at(b, c) / 20, 5);
    }),
  );
  expect(tf.mean(x, [1, 2], true).shape).toEqual([3, 1, 1, 6]);
});
