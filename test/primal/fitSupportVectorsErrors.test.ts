import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { fitSupportVectors, init, type SupportVectorOptions } from '../../src/index.js';
import { expectCleanError } from '../support/expectCleanError.js';
import { normal } from '../support/normal.js';

beforeAll(async () => {
  await init();
});

it.each<[Record<string, unknown>, string]>([
  [{ C: 0 }, 'fitSupportVectors: C was 0; it must be a finite float32 above 0'],
  [{ C: -1 }, 'fitSupportVectors: C was -1; it must be a finite float32 above 0'],
  [{ C: Infinity }, 'C was Infinity'],
  [{ C: '1' }, "C was '1'"],
  [{ epsilon: -0.1 }, 'fitSupportVectors: epsilon was -0.1; it must be a finite float32, 0 or more'],
  [{ epsilon: NaN }, 'epsilon was NaN'],
  [{ kernelScale: 0 }, "fitSupportVectors: kernelScale was 0; it must be a finite float32 above 0, or 'auto'"],
  [{ kernelScale: 'mean' }, "kernelScale was 'mean'"],
  [{ tolerance: 0 }, 'fitSupportVectors: tolerance was 0; it must be a finite float32 above 0'],
  [{ maxIterations: 0 }, 'fitSupportVectors: maxIterations was 0; it must be an integer, 1 or more'],
  [{ maxIterations: 1.5 }, 'maxIterations was 1.5'],
  [{ kernel: 'rbf' }, "fitSupportVectors: kernel was 'rbf'; it must be 'softmax' or 'linear'"],
  [{ kernel: 'toString' }, "kernel was 'toString'"],
  [
    { gamma: 1 },
    "fitSupportVectors: unknown option 'gamma'; the options are kernel, C, epsilon, kernelScale, tolerance, maxIterations",
  ],
])('names the option that is wrong: %o', (options, message) => {
  expect(() => fitSupportVectors(normal([4, 2]), normal([4, 1]), options as SupportVectorOptions)).toThrow(message);
});

it('wants options to be an object', () => {
  expect(() => fitSupportVectors(normal([4, 2]), normal([4, 1]), 3 as SupportVectorOptions)).toThrow('options was 3');
});

const disposed = () => {
  const tensor = normal([4, 2]);
  tensor.dispose();
  return tensor;
};

it.each<[string, () => [keys: tf.Tensor, targets: tf.Tensor]]>([
  ['fitSupportVectors: keys was [8]; it must be [N, D]', () => [tf.zeros([8]), normal([8, 1])]],
  ['fitSupportVectors: targets was [4, 1, 1]; it must be [N, Dv]', () => [normal([4, 2]), tf.zeros([4, 1, 1])]],
  [
    'fitSupportVectors: targets was [5, 1]; it must be [4, Dv] to fit keys, [4, 2]',
    () => [normal([4, 2]), normal([5, 1])],
  ],
  ['fitSupportVectors: keys was [0, 2]; it must not be empty', () => [tf.zeros([0, 2]), tf.zeros([0, 1])]],
  ['fitSupportVectors: targets was [4, 0]; it must not be empty', () => [normal([4, 2]), tf.zeros([4, 0])]],
  ['fitSupportVectors: keys was int32; it must be float32', () => [tf.zeros([4, 2], 'int32'), normal([4, 1])]],
  ['fitSupportVectors: keys is disposed; it must be a live tensor', () => [disposed(), normal([4, 1])]],
  ['fitSupportVectors: targets is disposed', () => [normal([4, 2]), disposed()]],
  [
    "fitSupportVectors: keys was 'keys'; it must be a tf.Tensor",
    () => ['keys' as unknown as tf.Tensor, normal([4, 1])],
  ],
  [
    'fitSupportVectors: keys[1, 0] was NaN; it must be finite',
    () => [
      tf.tensor2d([
        [1, 2],
        [NaN, 4],
      ]),
      normal([2, 1]),
    ],
  ],
  ['fitSupportVectors: targets[2, 0] was -Infinity', () => [normal([3, 2]), tf.tensor2d([[1], [2], [-Infinity]])]],
])('%s', (message, operands) => expectCleanError(() => fitSupportVectors(...operands()), message));

it('states the gap that was left when it gives up', () => {
  expect(() => fitSupportVectors(normal([30, 2]), normal([30, 2]), { kernelScale: 'auto', maxIterations: 2 })).toThrow(
    /^fitSupportVectors: output 0 was left with a KKT gap of \d\.\d+ after 2 steps; it must be at most tolerance, 0.00001/,
  );
});

it('says what is too large for float32 or float64', () => {
  const [keys, targets] = [normal([6, 2]), normal([6, 1])];
  const enormous = { C: 1e38, kernelScale: 1e38, tolerance: 1e30 };
  expect(() => fitSupportVectors(keys, tf.mul(targets, 1e38), enormous)).toThrow(
    /^fitSupportVectors: kernelScale was 1e\+38; it must leave kernelScale dual \/ h in the range of float32/,
  );
  expect(() => fitSupportVectors(tf.mul(keys, 1e4), targets, { kernelScale: 'auto' })).toThrow(
    "fitSupportVectors: kernelScale was 'auto'; it must be a number for these keys",
  );
});

it('checks the queries', () => {
  const fit = fitSupportVectors(normal([6, 2]), normal([6, 1]));
  expect(() => fit.predict(normal([3, 4]))).toThrow(
    'predict: queries was [3, 4]; it must be [Q, 2], as wide as the keys',
  );
  expect(() => fit.predict(tf.zeros([3]))).toThrow('predict: queries was [3]; it must be [Q, D]');
  expect(() => fit.predict(disposed())).toThrow('predict: queries is disposed');
});
