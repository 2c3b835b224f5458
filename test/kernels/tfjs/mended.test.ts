/** Calls that tfjs's own wasm kernels refuse or get wrong without a word; expected values by hand. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { adamW, info, init } from '../../../src/index.js';
import { builds, initBuild } from '../../support/builds.js';

const int = (...values: number[]) => tf.tensor1d(values, 'int32');
const bool = (...values: number[]) => tf.tensor1d(values, 'bool');
const { NaN: nan } = Number;

describe.each(builds)('tfjs kernels, %s', (build) => {
  beforeAll(() => initBuild(build));

  it.each<[string, () => tf.Tensor, number[]]>([
    [
      'a window without a positive value has a maximum',
      () => tf.maxPool3d(tf.fill<tf.Rank.R5>([1, 1, 1, 1, 1], -1), 1, 1, 'valid'),
      [-1],
    ],
    [
      'and a gradient',
      () =>
        tf.grad((x: tf.Tensor) => tf.sum(tf.maxPool(x as tf.Tensor3D, 1, 1, 'valid')))(tf.tensor3d([5, -1], [1, 2, 1])),
      [1, 1],
    ],
    [
      'a filter smaller than its stride',
      () => tf.conv1d(tf.ones<tf.Rank.R3>([1, 6, 1]), tf.ones<tf.Rank.R3>([2, 1, 1]), 3, 'same'),
      [2, 2],
    ],
    ['slopes of a row each', () => tf.prelu(tf.fill([2, 2], -1), tf.tensor2d([[1], [5]])), [-1, -1, -5, -5]],
    ['cast to bool', () => tf.cast(tf.tensor1d([0, 3, 0.5]), 'bool'), [0, 1, 1]],
    ['clipByValue keeps NaN', () => tf.clipByValue(tf.tensor1d([nan, -3, 9, 0.5, nan]), -1, 2), [nan, -1, 2, 0.5, nan]],
    ['relu6 keeps NaN', () => tf.relu6(tf.tensor1d([nan, -3, 9, 0.5, 6])), [nan, 0, 6, 0.5, 6]],
    [
      'maximum keeps NaN',
      () => tf.maximum(tf.tensor1d([nan, 1, 2, 3, 4]), tf.tensor1d([0, nan, 5, 1, 4])),
      [nan, nan, 5, 3, 4],
    ],
    ['minimum keeps NaN', () => tf.minimum(tf.tensor1d([nan, 1, 2]), nan), [nan, nan, nan]],
    [
      'maximum of columns and rows',
      () => tf.maximum(tf.tensor2d([[1], [4]]), tf.tensor2d([[0, 2, 5]])),
      [1, 2, 5, 4, 4, 5],
    ],
    ['cumsum along the last axis', () => tf.cumsum(tf.ones([2, 3]), -1), [1, 2, 3, 1, 2, 3]],
    ['cumprod along the last but one', () => tf.cumprod(tf.fill([2, 1], 3), -2, true), [1, 3]],
    ['padding of NaN', () => tf.pad(tf.tensor1d([1]), [[1, 1]], nan), [nan, 1, nan]],
    ['the sine of a large angle', () => tf.sin(tf.tensor1d([3e38])), [Math.fround(Math.sin(Math.fround(3e38)))]],
    ['the softmax of nothing', () => tf.softmax(tf.zeros([2, 0])), []],
    ['a sum of nothing', () => tf.sum(tf.ones([0, 3]), 0), [0, 0, 0]],
    ['int32 division by zero', () => tf.div(int(7, 8, -9), int(2, 0, 2)), [3, 0, -5]],
    ['int32 remainder by zero', () => tf.mod(int(7, 8), int(4, 0)), [3, 0]],
    [
      'bool products',
      () => tf.matMul(tf.reshape(bool(1, 0, 0, 1), [2, 2]), tf.reshape(bool(1, 1, 0, 1), [2, 2])),
      [1, 1, 0, 1],
    ],
    [
      'int32 products with relu',
      () =>
        tf.fused.matMul({
          a: tf.reshape(int(1, -2), [1, 2]),
          b: tf.reshape(int(1, 3, 1, 0), [2, 2]),
          activation: 'relu',
        }),
      [0, 3],
    ],
    [
      'products with tanh',
      () => tf.fused.matMul({ a: tf.ones([1, 2]), b: tf.ones([2, 1]), activation: 'tanh' as 'relu' }),
      [Math.fround(Math.tanh(2))],
    ],
    ['int32 sums of segments', () => tf.unsortedSegmentSum(int(1, 2, 3), int(0, 1, 0), 2), [4, 2]],
    ['bools compared', () => tf.equal(bool(1, 0, 1), bool(1, 1, 0)), [1, 0, 0]],
    ['a bool negated as a number', () => tf.neg(tf.cast(bool(1, 0), 'int32')), [-1, 0]],
    [
      'each of a batch gathers by indices of its own',
      () =>
        tf.gather(
          tf.tensor2d([
            [1, 2],
            [3, 4],
            [5, 6],
          ]),
          tf.tensor2d(
            [
              [1, 0],
              [1, 1],
              [0, 1],
            ],
            [3, 2],
            'int32',
          ),
          ...([1, 1] as const),
        ),
      [2, 1, 4, 4, 5, 6],
    ],
    ['less than no padding', () => tf.pad(tf.tensor1d([1, 2, 3]), [[-1, 1]], 9), [2, 3, 9]],
    ['einsum', () => tf.einsum('ij,jk->ik', tf.tensor2d([[1, 2]]), tf.tensor2d([[3], [4]])), [11]],
  ])('%s', (_, compute, expected) => {
    const actual = tf.tidy(() => Array.from(compute().dataSync()));
    expect(actual.length).toBe(expected.length);
    // Zeros compare by value.
    actual.forEach((value, i) => expect(value + 0).toBe(expected[i]));
  });

  it.each<[string, () => tf.Tensor, RegExp]>([
    ['slice', () => tf.slice(tf.ones([3]), [2], [5]), /slice/],
    ['gatherND', () => tf.gatherND(tf.ones([3]), tf.tensor2d([[7]], [1, 1], 'int32')), /[Ii]nvalid indices/],
    ['scatterND', () => tf.scatterND(tf.tensor2d([[7]], [1, 1], 'int32'), tf.ones([1]), [3]), /[Ii]nvalid indices/],
  ])('%s beyond the tensor is an error', (_, compute, message) => {
    expect(compute).toThrow(message);
  });

  const activations = ['linear', 'relu', 'relu6', 'sigmoid', 'elu', 'leakyrelu', 'prelu'] as const;
  describe.each(activations)('convolutions with %s keep', (activation) => {
    const epilogue = () => ({
      ...{ activation, bias: tf.zeros<tf.Rank.R1>([1]), leakyreluAlpha: 0.5 },
      preluActivationWeights: activation === 'prelu' ? tf.tensor1d([0.5]) : undefined,
    });

    it.each<[string, number, number]>([
      ['NaN of the input', nan, 1],
      ['NaN of the filter', 1, nan],
      ['NaN that arises', Infinity, 0],
    ])('%s', (_, ofInput, ofFilter) => {
      tf.tidy(() => {
        const x = tf.tensor4d([ofInput, 2, 3, 4], [1, 2, 2, 1]);
        const filter = tf.fill<tf.Rank.R4>([1, 1, 1, 1], ofFilter);
        for (const convolve of [tf.fused.conv2d, tf.fused.depthwiseConv2d]) {
          const first = convolve({ x, filter, strides: 1, pad: 'same', ...epilogue() }).dataSync()[0];
          expect(first).toBeNaN();
        }
        if (activation !== 'linear') return;
        expect(tf.conv2d(x, filter, 1, 'same').dataSync()[0]).toBeNaN();
        expect(tf.depthwiseConv2d(x, filter, 1, 'same').dataSync()[0]).toBeNaN();
      });
    });
  });

  it('complex numbers and strings', async () => {
    const x = tf.complex([1, 2, 3, 4], [0, 1, 0, -1]);
    expect(Array.from(await tf.real(tf.ifft(tf.fft(x))).data())).toEqual([1, 2, 3, 4]);
    expect(Array.from(tf.mul(x, x).dataSync())).toEqual([1, 0, 3, 4, 9, 0, 15, -8]);
    expect(tf.equal(tf.tensor1d(['a', 'b']), tf.tensor1d(['a', 'c'])).arraySync()).toEqual([1, 0]);
  });
});

it('names what runs in plain JavaScript, and counts its calls', async () => {
  await init({ threads: 1 });
  expect(info().cpuKernels).toContain('FFT');
  expect(info().kernels).not.toContain('FFT');
  const { StaticRegexReplace: calls = 0 } = info().cpuCalls;
  tf.string.staticRegexReplace(tf.tensor1d(['ab']), 'a', 'b').dispose();
  expect(info().cpuCalls.StaticRegexReplace).toBe(calls + 1);
});

it('a tensor that does not fit is an OutOfMemoryError in kernels of tfjs too, each time', async () => {
  await init({ threads: 1 });
  const [rows, columns] = [tf.ones([40_000, 1]), tf.ones([1, 40_000])];
  for (let i = 0; i < 3; i++) {
    expect(() => tf.add(rows, columns)).toThrow('out of memory');
    expect(tf.add([1, 2], [3]).arraySync()).toEqual([4, 5]);
  }
  expect(() =>
    tf.pad(tf.ones([2, 2]), [
      [0, 50_000],
      [0, 50_000],
    ]),
  ).toThrow('out of memory');
  expect(tf.add([1, 2], [3]).arraySync()).toEqual([4, 5]);
});

it.each([true, false])('convolutions see what an optimizer has changed, acceleration %s', async (acceleration) => {
  await init({ threads: 1, acceleration });
  const filter = tf.variable(tf.ones<tf.Rank.R4>([1, 1, 1, 1]));
  const x = tf.ones<tf.Rank.R4>([1, 2, 2, 1]);
  const optimizer = adamW({ learningRate: 0.5, weightDecay: 0 });
  for (let step = 1; step <= 4; step++) {
    const gradient = tf.ones(filter.shape);
    optimizer.applyGradients([{ name: filter.name, tensor: gradient }]);
    expect(tf.conv2d(x, filter as tf.Tensor4D, 1, 'same').dataSync()[0]).toBeCloseTo(1 - 0.5 * step, 4);
  }
});

describe('windows larger than the input', () => {
  beforeAll(() => init());

  const image = () => tf.ones<tf.Rank.R4>([1, 2, 3, 1]);

  it.each<[string, () => tf.Tensor]>([
    ['conv2d', () => tf.conv2d(image(), tf.ones<tf.Rank.R4>([5, 1, 1, 1]), 1, 'valid')],
    [
      'conv2d with space between taps',
      () => tf.conv2d(image(), tf.ones<tf.Rank.R4>([1, 3, 1, 1]), 1, 'valid', 'NHWC', 3),
    ],
    ['depthwiseConv2d', () => tf.depthwiseConv2d(image(), tf.ones<tf.Rank.R4>([5, 1, 1, 1]), 1, 'valid')],
    ['maxPool', () => tf.maxPool(image(), 5, 1, 'valid')],
    ['avgPool', () => tf.avgPool(image(), [1, 6], 1, 'valid')],
  ])('%s says so', (_, run) => {
    expect(run).toThrow(/windows reach over \[\d, \d\] places; they must lie in the input of \[2, 3\]/);
  });
});
