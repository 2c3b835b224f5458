// Gradients of parameters that are sums over all positions of a batch, and statistics over them, against float64: 100,000
// terms, equal ones, whose roundings all go one way, and different ones.

import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { attention, init, rmsNormalization } from '../../src/index.js';
import { batchNormalization } from '../../src/ops/batchNormalization.js';
import { depthwiseConvolution } from '../../src/ops/depthwiseConvolution.js';
import { layerNormalization } from '../../src/ops/layerNormalization.js';
import { attentionOracle } from '../oracles/attentionOracle.js';
import { random } from '../support/random.js';

beforeAll(() => init());

const ROWS = 100_000;
const EPSILON = 1e-3;

/** [ROWS, columns] numbers from 0.1 to 1. */
function matrix(columns: number, equal: boolean, seed: string): Float32Array {
  const rng = random(seed);
  const next = () => 0.1 + 0.9 * rng.next();
  const row = Float32Array.from({ length: columns }, next);
  return Float32Array.from({ length: ROWS * columns }, (_, i) => (equal ? row[i % columns] : next()));
}

/** Sums of the rows' terms, in float64. */
function sumRows(columns: number, term: (row: number, column: number) => number): number[] {
  return Array.from({ length: columns }, (_, column) => {
    let sum = 0;
    for (let row = 0; row < ROWS; row++) sum += term(row, column);
    return sum;
  });
}

/** Sums of terms of one sign: 1e-6 of the sum; what each term's own rounding adds is less. */
function expectClose(found: tf.Tensor, expected: readonly number[], largest = 1e-6): void {
  const errors = Array.from(found.dataSync(), (value, i) => Math.abs(value / expected[i] - 1));
  expect(errors).toHaveLength(expected.length);
  expect(Math.max(...errors)).toBeLessThan(largest);
}

const spread = [
  ['equal', true],
  ['different', false],
] as const;

describe.each([1, 5, 18])('%i channels', (columns) => {
  it.each(spread)('gain and addend of the normalisations, %s terms', (_, equal) => {
    tf.tidy(() => {
      // Signs by rows, so that products with gradients of the same signs are of one sign, and means are 0.
      const signed = matrix(columns, equal, 'x').map((x, i) => (Math.floor(i / columns) % 2 ? -x : x));
      const gradients = matrix(columns, equal, 'dY');
      const signedGradients = gradients.map((g, i) => g * Math.sign(signed[i]));
      const shape = [100, ROWS / 100, columns];
      const [x, dY, signedDY] = [signed, gradients, signedGradients].map((values) => tf.tensor(values, shape));
      const [gamma, beta] = [tf.ones([columns]), tf.zeros([columns])];
      const at = (values: Float32Array, row: number, column: number) => values[row * columns + column];

      const dBeta = sumRows(columns, (row, column) => at(gradients, row, column));
      const batch = tf.grads((...xs: tf.Tensor[]) => batchNormalization(xs[0], xs[1], xs[2], undefined, EPSILON).value);
      expectClose(batch([x, gamma, beta], dY)[2], dBeta);
      const layer = tf.grads((...xs: tf.Tensor[]) => layerNormalization(xs[0], xs[1], xs[2], EPSILON));
      expectClose(layer([x, gamma, beta], dY)[2], dBeta);

      const { mean, variance } = batchNormalization(x, gamma, beta, undefined, EPSILON);
      const means = sumRows(columns, (row, column) => at(signed, row, column) / ROWS);
      const variances = sumRows(columns, (row, column) => (at(signed, row, column) - means[column]) ** 2 / ROWS);
      expectClose(variance, variances);
      mean.dataSync().forEach((value, i) => expect(Math.abs(value - means[i])).toBeLessThan(1e-7));
      const ofBatch = sumRows(
        columns,
        (row, column) =>
          (at(signedGradients, row, column) * (at(signed, row, column) - means[column])) /
          Math.sqrt(variances[column] + EPSILON),
      );
      expectClose(batch([x, gamma, beta], signedDY)[1], ofBatch);

      const roots = Float64Array.from({ length: ROWS }, (_, row) => {
        let squares = 0;
        for (let column = 0; column < columns; column++) squares += at(signed, row, column) ** 2;
        return Math.sqrt(squares / columns + EPSILON);
      });
      const ofRoots = sumRows(
        columns,
        (row, column) => (at(signedGradients, row, column) * at(signed, row, column)) / roots[row],
      );
      const rms = tf.grads((...xs: tf.Tensor[]) => rmsNormalization(xs[0], { gamma: xs[1], epsilon: EPSILON }));
      expectClose(rms([x, gamma], signedDY)[1], ofRoots);
    });
  });

  it.each(spread)('filters of convolutions channel by channel, %s terms', (_, equal) => {
    tf.tidy(() => {
      const [x, dY] = [matrix(columns, equal, 'x'), matrix(columns, equal, 'dY')];
      const expected = sumRows(columns, (row, column) => x[row * columns + column] * dY[row * columns + column]);
      const images = [10, 100, 100, columns];
      const depthwise = tf.grads((...xs: tf.Tensor[]) =>
        tf.depthwiseConv2d(xs[0] as tf.Tensor4D, xs[1] as tf.Tensor4D, 1, 'same'),
      );
      expectClose(depthwise([tf.tensor(x, images), tf.ones([1, 1, columns, 1])], tf.tensor(dY, images))[1], expected);
      const heads = [20, 1, ROWS / 20, columns];
      const sizes = { lengths: new Array<number>(20).fill(ROWS / 20), grid: [1, ROWS / 20] as [number, number] };
      const convolved = tf.grads((...xs: tf.Tensor[]) => depthwiseConvolution(xs[0], xs[1], sizes));
      expectClose(convolved([tf.tensor(x, heads), tf.ones([1, columns, 1])], tf.tensor(dY, heads))[1], expected);
    });
  });

  it.each(spread)('sums and means over any dimensions, %s terms', (_, equal) => {
    tf.tidy(() => {
      const values = matrix(columns, equal, 'x');
      const expected = sumRows(columns, (row, column) => values[row * columns + column]);
      const x = tf.tensor(values, [ROWS, columns]);
      const apart = tf.transpose(tf.reshape(x, [250, 400, columns]), [0, 2, 1]);
      for (const sum of [tf.sum(x, 0), tf.sum(tf.transpose(x), 1), tf.sum(apart, [0, 2])]) expectClose(sum, expected);
      expectClose(
        tf.mean(apart, [0, 2]),
        expected.map((sum) => sum / ROWS),
      );
      expectClose(tf.sum(x), [expected.reduce((sum, one) => sum + one)]);
      const factor = tf.grads((...xs: tf.Tensor[]) => tf.mul(xs[0], xs[1]))([x, tf.zeros([columns])], tf.onesLike(x));
      expectClose(factor[1], expected);
    });
  });
});

it('Attention-BN: statistics of 99,999 keys, three in turn, and the gradient of beta over as many queries', () => {
  const rows = (width: number, positions: number, seed: string) => {
    const few = random(seed).normals(3 * width);
    return Float32Array.from({ length: positions * width }, (_, i) => few[i % few.length] + (seed === 'k' ? 3 : 0));
  };
  const window = [1, 1] as [number, number];
  const arrays = (positions: number) => ({
    ...{ q: rows(5, positions, 'q'), k: rows(5, positions, 'k') },
    ...{ v: rows(2, positions, 'v'), dOut: rows(2, positions, 'dOut') },
  });
  const solve = (M: number) =>
    attentionOracle({ ...{ B: 1, H: 1, G: 1, N: M, M, D: 5, E: 2 }, ...arrays(M), window, batchNorm: true });
  const [small, large] = [solve(30), solve(60)];
  const POSITIONS = 99_999;
  tf.tidy(() => {
    const { q, k, v, dOut } = arrays(POSITIONS);
    const tensor = (x: Float32Array) => tf.tensor(x, [1, 1, POSITIONS, x.length / POSITIONS]);
    const [queries, keys, values] = [q, k, v].map(tensor);
    const attend = (beta: tf.Tensor) =>
      attention(queries, keys, values, { window, batchNorm: { beta: beta as tf.Scalar } });
    // Apart from both ends, each 30 positions give the same. Terms cancel: errors are relative to their sizes.
    const times = (POSITIONS - 30) / 30;
    const expected = small.dBeta[0] + times * (large.dBeta[0] - small.dBeta[0]);
    const [found] = tf.grad(attend)(tf.scalar(1), tensor(dOut)).dataSync();
    expect(Math.abs(found - expected) / (times * small.sizes.dBeta)).toBeLessThan(2e-8);
    const middle = tf.slice(attend(tf.scalar(1)), [0, 0, 60_000, 0], [1, 1, 3, 2]);
    expectClose(middle, [...small.out.slice(30, 36)], 2e-6);
  });
});

// A product adds up in float32 within its parts, whatever their number is: 99,991 is a prime.
it.each([99_991, 100_000])('the kernel of a dense layer over %i positions, equal terms', (positions) => {
  tf.tidy(() => {
    const [x, dY] = [tf.fill([positions, 8], 0.37), tf.fill([positions, 5], 0.1)];
    const [, dKernel] = tf.grads((...xs: tf.Tensor[]) => tf.matMul(xs[0], xs[1]))([x, tf.zeros([8, 5])], dY);
    const expected = positions * Math.fround(0.37) * Math.fround(0.1);
    expectClose(dKernel, new Array<number>(40).fill(expected), 1e-4);
    const series = tf.fill([1, positions + 2, 8], 0.37);
    const convolve = (kernel: tf.Tensor) => tf.conv1d(series as tf.Tensor3D, kernel as tf.Tensor3D, 1, 'valid');
    const dFilter = tf.grad(convolve)(tf.zeros([3, 8, 5]), tf.reshape(dY, [1, positions, 5]));
    expectClose(dFilter, new Array<number>(120).fill(expected), 1e-4);
  });
});

it('a mean of numbers whose sum is beyond float32 is right', () => {
  tf.tidy(() => {
    expect(tf.mean(tf.fill([7, 5], 3e38)).dataSync()[0]).toBe(Math.fround(3e38));
    expect(tf.mean(tf.fill([7, 5], 3e38), 0).dataSync()[4]).toBe(Math.fround(3e38));
  });
});
