/** Products of numbers of any size: right where float32 can hold the result, and never subnormal. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { linear } from '../../src/ops/linear.js';
import { matMulOracle } from '../oracles/matMulOracle.js';
import { builds, initBuild } from '../support/builds.js';
import { logUniform, subnormals } from '../support/logUniform.js';
import { normal } from '../support/normal.js';

const [FLOAT, SMALLEST_NORMAL] = [2 ** -23, 2 ** -126];

/** Rows, terms, columns: thin products, few rows, ragged edges, several blocks of rows, terms and columns. */
const sizes = [
  [1, 3, 5],
  [1, 512, 37],
  [3, 70, 129],
  [4, 300, 64],
  [5, 7, 9],
  [8, 256, 24],
  [29, 64, 29],
  [133, 300, 530],
] as const;

const forms = [
  [false, false],
  [false, true],
  [true, false],
] as const;

function product(a: tf.Tensor, b: tf.Tensor, transposeA: boolean, transposeB: boolean): tf.Tensor {
  return tf.matMul(transposeA ? tf.transpose(a) : a, transposeB ? tf.transpose(b) : b, transposeA, transposeB);
}

/** From 1 to 1e-19, again and again. */
const powers = (count: number) => tf.tensor1d(Array.from({ length: count }, (_, i) => 10 ** -(i % 20)));

/**
 * Checks a product in all forms. Errors are relative to the sum of the terms' sizes; what is below 2^-125, or `lost`, may be
 * 0.
 */
function expectProducts(a: tf.Tensor, b: tf.Tensor, lost = 0): void {
  const matrix = (tensor: tf.Tensor) => ({
    ...{ values: tensor.dataSync(), rows: tensor.shape[0], columns: tensor.shape[1]! },
  });
  // What is subnormal counts as 0.
  const normalOnly = (x: tf.Tensor) => tf.where(tf.greaterEqual(tf.abs(x), SMALLEST_NORMAL), x, tf.zerosLike(x));
  const [left, right] = [normalOnly(a), normalOnly(b)];
  const exact = matMulOracle(matrix(left), matrix(right));
  const terms = matMulOracle(matrix(tf.abs(left)), matrix(tf.abs(right)));
  const bound = FLOAT * Math.sqrt(a.shape[1]!) + 2 * FLOAT;
  for (const [transposeA, transposeB] of forms) {
    const c = product(a, b, transposeA, transposeB);
    const found = c.dataSync();
    const worst = exact.reduce((most, value, i) => {
      const error = Math.abs(found[i] - value) - 2 * SMALLEST_NORMAL - lost;
      return Math.max(most, error / Math.max(terms[i], SMALLEST_NORMAL));
    }, 0);
    expect(worst).toBeLessThan(bound);
    expect(subnormals([c])).toEqual([]);
  }
}

describe.each(builds)('products of numbers of any size, %s', (build) => {
  beforeAll(() => initBuild(build));

  describe.each(sizes)('[%i, %i] x [.., %i]', (rows, terms, columns) => {
    const scales = [
      [1, 1e-25],
      [1e-25, 1],
      [1, 1e-37],
      [1e-37, 1],
      [1e-19, 1e-18],
      [1e-18, 1e-19],
      [1e-30, 1e-30],
      [1e-10, 1e30],
      [1e30, 1e-30],
      [1e-39, 1e3],
      [1e15, 1e18],
    ];
    it.each(scales)('at scales %f and %f', (left, right) => {
      expectProducts(tf.mul(normal([rows, terms], 1), left), tf.mul(normal([terms, columns], 2), right));
    });

    it('of all sizes together', () => {
      // Beside 1e3, numbers of B below 2^-97 of it may be lost.
      expectProducts(logUniform([rows, terms], 1), logUniform([terms, columns], 2), terms * 1e6 * 2 ** -97);
    });

    it('keeps rows and columns of other sizes apart', () => {
      const a = tf.mul(normal([rows, terms], 1), tf.expandDims(powers(rows), 1));
      expectProducts(a, tf.mul(normal([terms, columns], 2), powers(columns)));
    });

    it.each([NaN, Infinity])('%f shows in its row and column alone', (number) => {
      const at = (shape: [number, number], row: number, column: number) => {
        const buffer = tf.buffer(shape, 'float32', tf.mul(normal(shape, 3), 1e-37).dataSync() as Float32Array);
        buffer.set(number, row, column);
        return buffer.toTensor();
      };
      const [a, b] = [at([rows, terms], rows >> 1, 1), at([terms, columns], 2, columns >> 1)];
      const finite = Array.from(product(a, b, false, false).dataSync(), Number.isFinite);
      finite.forEach((is, i) => {
        const [row, column] = [Math.floor(i / columns), i % columns];
        expect(is, `${row}, ${column}`).toBe(row !== rows >> 1 && column !== columns >> 1);
      });
    });
  });

  it('a bias is added to a product of small numbers, and none below 2^-126', () => {
    const [x, kernel] = [tf.mul(normal([37, 300], 1), 1e-22), tf.mul(normal([300, 40], 2), 1e-19)];
    const bias = logUniform([40], 3);
    for (const rows of [1, 37]) {
      const y = linear(tf.slice(x, 0, rows), kernel, bias);
      const expected = Array.from(bias.dataSync(), (value) => (Math.abs(value) < 1e-30 ? 0 : value));
      expect(subnormals([y])).toEqual([]);
      y.dataSync().forEach((value, i) => expect(Math.abs(value - expected[i % 40])).toBeLessThan(2e-30));
    }
  });

  it('gradients of a linear layer at 1e-30 are those at 1, smaller', () => {
    const [x, kernel, bias, dY] = [
      normal([2, 29, 64], 1),
      normal([64, 48], 2),
      normal([48], 3),
      normal([2, 29, 48], 4),
    ];
    const op = (x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor) => linear(x, kernel, bias);
    const tiny = 2 ** -100;
    const large = tf.grads(op)([x, kernel, bias], dY),
      small = tf.grads(op)([x, kernel, bias], tf.mul(dY, tiny));
    large.forEach((gradient, i) => {
      const found = small[i].dataSync();
      gradient.dataSync().forEach((value, j) => expect(Math.abs(found[j] / tiny - value)).toBeLessThan(1e-4));
    });
  });
});
