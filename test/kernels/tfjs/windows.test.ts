/** Convolutions, poolings and their gradients against float64 loops, in every form that reaches a kernel of ours. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { builds, initBuild } from '../../support/builds.js';
import {
  convolutionOracle,
  depthwiseOracle,
  poolingOracle,
  type Triple,
  type Windows,
} from '../../oracles/windowOracle.js';

/** Numbers of both signs, the same in every run. */
const numbers = (count: number, seed: number) =>
  Float32Array.from({ length: count }, (_, i) => Math.sin((i + 1) * (seed + 0.37) * 12.9898) * 1.5);

const product = (sizes: readonly number[]) => sizes.reduce((a, b) => a * b, 1);

interface Case {
  size: Triple;
  kernel: Triple;
  strides: Triple;
  pad: 'same' | 'valid';
  channels: number;
  /** Of a convolution's output; for a depthwise one, filters of a channel. */
  outChannels: number;
  batch: number;
  spacing?: Triple;
}

function windowsOf({ size, kernel, strides, pad, channels, batch, spacing = [1, 1, 1] }: Case): Windows {
  const seen = kernel.map((taps, axis) => (taps - 1) * spacing[axis] + 1);
  const outSize = size.map((n, axis) =>
    pad === 'same' ? Math.ceil(n / strides[axis]) : Math.floor((n - seen[axis]) / strides[axis]) + 1,
  ) as Triple;
  const front = size.map((n, axis) =>
    pad === 'same' ? Math.floor(Math.max(0, (outSize[axis] - 1) * strides[axis] + seen[axis] - n) / 2) : 0,
  ) as Triple;
  return { batch, size, channels, kernel, strides, spacing, front, outSize };
}

function expectClose(actual: tf.Tensor, expected: ArrayLike<number>): void {
  const values = Array.from(actual.dataSync());
  expect(values.length).toBe(expected.length);
  const largest = Array.from(expected).reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  const worst = values.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i])), 0);
  expect(worst).toBeLessThan(2e-5 * largest);
}

const flat = { kernel: [1, 3, 3], strides: [1, 1, 1] } satisfies Partial<Case>;

const images: [string, Case][] = [
  ['same', { ...flat, size: [1, 9, 7], pad: 'same', channels: 3, outChannels: 5, batch: 2 }],
  ['valid', { ...flat, size: [1, 9, 7], pad: 'valid', channels: 8, outChannels: 16, batch: 3 }],
  ['strides', { ...flat, size: [1, 11, 10], strides: [1, 2, 3], pad: 'same', channels: 4, outChannels: 6, batch: 2 }],
  ['one tap', { ...flat, size: [1, 6, 5], kernel: [1, 1, 1], pad: 'same', channels: 17, outChannels: 9, batch: 2 }],
  [
    'less than a stride',
    { size: [1, 7, 8], kernel: [1, 2, 1], strides: [1, 3, 2], pad: 'same', channels: 5, outChannels: 3, batch: 1 },
  ],
  ['many terms', { ...flat, size: [1, 13, 11], pad: 'same', channels: 40, outChannels: 37, batch: 2 }],
  [
    'large windows with strides',
    { size: [1, 31, 29], kernel: [1, 5, 7], strides: [1, 2, 2], pad: 'same', channels: 3, outChannels: 33, batch: 1 },
  ],
  ['many positions', { ...flat, size: [1, 96, 96], pad: 'same', channels: 16, outChannels: 8, batch: 2 }],
];

/** Sizes at random, the same in every run: few channels and many, windows of all kinds, lines that tiles and vectors end in. */
function randomCase(seed: number): Case {
  let state = seed * 7919 + 17;
  const draw = (least: number, most: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return least + Math.floor((state / 2 ** 32) * (most - least + 1));
  };
  const kernel: Triple = [1, draw(1, 5), draw(1, 5)];
  const pad = draw(0, 1) === 0 ? 'same' : 'valid';
  const step = draw(1, 3);
  const strides: Triple = [1, step, draw(0, 4) === 0 ? draw(1, 3) : step];
  const spacing: Triple = step === 1 && strides[2] === 1 ? [1, draw(1, 2), draw(1, 2)] : [1, 1, 1];
  const size: Triple = [1, draw(10, 17), draw(10, seed % 10 === 0 ? 270 : 40)];
  const few = draw(0, 2) > 0;
  return {
    ...{ size, kernel, strides, spacing, pad, batch: draw(1, 3) },
    ...{ channels: few ? draw(1, 9) : draw(10, 40), outChannels: draw(0, 2) > 0 ? draw(1, 17) : draw(18, 70) },
  };
}

const random = Array.from({ length: 40 }, (_, seed): [string, Case] => [`random ${seed}`, randomCase(seed)]);

/** Pooling has no space between its taps. */
const unspaced = random.map(([name, one]): [string, Case] => [name, { ...one, spacing: undefined }]);

const dilated: [string, Case][] = [
  ['spaced', { ...flat, size: [1, 12, 13], pad: 'same', channels: 4, outChannels: 3, batch: 2, spacing: [1, 2, 3] }],
  [
    'spaced, valid',
    { ...flat, size: [1, 12, 13], pad: 'valid', channels: 5, outChannels: 2, batch: 1, spacing: [1, 3, 2] },
  ],
];

const volumes: [string, Case][] = [
  [
    'same',
    { size: [5, 6, 7], kernel: [3, 2, 3], strides: [1, 1, 1], pad: 'same', channels: 3, outChannels: 4, batch: 2 },
  ],
  [
    'valid strides',
    { size: [6, 7, 5], kernel: [2, 3, 2], strides: [2, 1, 2], pad: 'valid', channels: 5, outChannels: 3, batch: 1 },
  ],
];

describe.each(builds)('%s', (build) => {
  beforeAll(() => initBuild(build));

  function tensors(windows: Windows, { outChannels, size, channels, batch }: Case, depthwise = false) {
    const x = numbers(batch * product(size) * channels, 1);
    const filter = numbers(product(windows.kernel) * channels * outChannels, 2);
    const outs = depthwise ? channels * outChannels : outChannels;
    const dY = numbers(batch * product(windows.outSize) * outs, 3);
    return { x, filter, dY, outs };
  }

  describe.each([...images, ...dilated, ...random])('images, %s', (_, one) => {
    const windows = windowsOf(one);
    const { batch, strides, pad, kernel, channels, outChannels, size, spacing = [1, 1, 1] } = one;
    const [steps, spacings] = [strides.slice(1), spacing.slice(1)] as [number, number][];

    it('convolution', () => {
      const { x, filter, dY } = tensors(windows, one);
      const expected = convolutionOracle(windows, x, filter, outChannels, dY);
      const input = tf.tensor4d(x, [batch, size[1], size[2], channels]);
      const taps = tf.tensor4d(filter, [kernel[1], kernel[2], channels, outChannels]);
      const run = (a: tf.Tensor4D, b: tf.Tensor4D) => tf.conv2d(a, b, steps, pad, 'NHWC', spacings);
      expectClose(run(input, taps), expected.y);
      const gradient = tf.tensor4d(dY, [batch, windows.outSize[1], windows.outSize[2], outChannels]);
      const [dX, dFilter] = tf.grads((a: tf.Tensor, b: tf.Tensor) => run(a as tf.Tensor4D, b as tf.Tensor4D))(
        [input, taps],
        gradient,
      );
      expectClose(dX, expected.dX);
      expectClose(dFilter, expected.dFilter);
    });

    it.each([1, 2, 5])('of each channel, %i filters', (multiplier) => {
      const own = { ...one, outChannels: multiplier };
      const { x, filter, dY, outs } = tensors(windows, own, true);
      const expected = depthwiseOracle(windows, x, filter, multiplier, dY);
      const input = tf.tensor4d(x, [batch, size[1], size[2], channels]);
      const taps = tf.tensor4d(filter, [kernel[1], kernel[2], channels, multiplier]);
      const run = (a: tf.Tensor4D, b: tf.Tensor4D) => tf.depthwiseConv2d(a, b, steps, pad, 'NHWC', spacings);
      if (new Set(steps).size === 1) expectClose(run(input, taps), expected.y);
      const gradient = tf.tensor4d(dY, [batch, windows.outSize[1], windows.outSize[2], outs]);
      const [dX, dFilter] = tf.grads((a: tf.Tensor, b: tf.Tensor) => run(a as tf.Tensor4D, b as tf.Tensor4D))(
        [input, taps],
        gradient,
      );
      expectClose(dX, expected.dX);
      expectClose(dFilter, expected.dFilter);
    });
  });

  it.each(volumes)('volumes, %s', (_, one) => {
    const windows = windowsOf(one);
    const { batch, strides, pad, kernel, channels, outChannels, size } = one;
    const { x, filter, dY } = tensors(windows, one);
    const expected = convolutionOracle(windows, x, filter, outChannels, dY);
    const input = tf.tensor5d(x, [batch, ...size, channels]);
    const taps = tf.tensor5d(filter, [...kernel, channels, outChannels]);
    const run = (a: tf.Tensor, b: tf.Tensor) => tf.conv3d(a as tf.Tensor5D, b as tf.Tensor5D, strides, pad);
    expectClose(run(input, taps), expected.y);
    const [dX, dFilter] = tf.grads(run)([input, taps], tf.tensor5d(dY, [batch, ...windows.outSize, outChannels]));
    expectClose(dX, expected.dX);
    expectClose(dFilter, expected.dFilter);
  });

  it.each(volumes)('a transposed convolution of volumes, %s', (_, one) => {
    const windows = windowsOf(one);
    const { batch, strides, pad, kernel, channels, outChannels, size } = one;
    const { x, filter, dY } = tensors(windows, one);
    const expected = convolutionOracle(windows, x, filter, outChannels, dY).dX;
    const shape: [number, number, number, number, number] = [batch, ...size, channels];
    const taps = tf.tensor5d(filter, [...kernel, channels, outChannels]);
    const input = tf.tensor5d(dY, [batch, ...windows.outSize, outChannels]);
    expectClose(tf.conv3dTranspose(input, taps, shape, strides, pad), expected);
  });

  describe.each(['max', 'mean'] as const)('pooling, %s', (kind) => {
    it.each([...images, ...unspaced])('of images, %s', (_, one) => {
      const windows = windowsOf(one);
      const { batch, strides, pad, kernel, channels, size } = one;
      const x = numbers(batch * product(size) * channels, 4).map((value) => value - 2);
      const dY = numbers(batch * product(windows.outSize) * channels, 5);
      const expected = poolingOracle(windows, kind, x, dY);
      const pool = kind === 'max' ? tf.maxPool : tf.avgPool;
      const run = (a: tf.Tensor) =>
        pool(a as tf.Tensor4D, kernel.slice(1) as [number, number], strides.slice(1) as [number, number], pad);
      const input = tf.tensor4d(x, [batch, size[1], size[2], channels]);
      expectClose(run(input), expected.y);
      const gradient = tf.tensor4d(dY, [batch, windows.outSize[1], windows.outSize[2], channels]);
      expectClose(tf.grad(run)(input, gradient), expected.dX);
    });

    it.each(volumes)('of volumes, %s', (_, one) => {
      const windows = windowsOf(one);
      const { batch, strides, pad, kernel, channels, size } = one;
      const x = numbers(batch * product(size) * channels, 4).map((value) => value - 2);
      const dY = numbers(batch * product(windows.outSize) * channels, 5);
      const expected = poolingOracle(windows, kind, x, dY);
      const pool = kind === 'max' ? tf.maxPool3d : tf.avgPool3d;
      const run = (a: tf.Tensor) => pool(a as tf.Tensor5D, kernel, strides, pad);
      const input = tf.tensor5d(x, [batch, ...size, channels]);
      expectClose(run(input), expected.y);
      const gradient = tf.tensor5d(dY, [batch, ...windows.outSize, channels]);
      expectClose(tf.grad(run)(input, gradient), expected.dX);
    });
  });
});
