// Sums of very many numbers, as training has them, against float64.

import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { init, softmaxCrossEntropy } from '../../src/index.js';
import { addPositions } from '../../src/ops/addPositions.js';
import { embedding } from '../../src/ops/embedding.js';
import { linear } from '../../src/ops/linear.js';
import { random } from '../support/random.js';

beforeAll(() => init());

const ROWS = 100_000;
const WIDTH = 5;

/** Gradients of one sign, whose roundings add up, and of both. */
const gradients: [string, Float32Array][] = [
  ['equal', new Float32Array(ROWS * WIDTH).fill(0.1)],
  [
    'positive',
    random('positive')
      .normals(ROWS * WIDTH)
      .map(Math.abs),
  ],
  [
    'of both signs, around 1',
    random('both')
      .normals(ROWS * WIDTH)
      .map((x) => 1 + 3 * x),
  ],
];

function columnSums(rows: ArrayLike<number>, width = WIDTH): Float64Array {
  const sums = new Float64Array(width);
  for (let i = 0; i < rows.length; i++) sums[i % width] += rows[i];
  return sums;
}

function expectClose(found: ArrayLike<number>, expected: ArrayLike<number>): void {
  for (let i = 0; i < expected.length; i++) {
    expect(Math.abs(found[i] - expected[i]) / Math.abs(expected[i]), `sum ${i}`).toBeLessThan(5e-7);
  }
}

describe.each(gradients)('gradients that are %s', (_, values) => {
  it('of a token that occurs 100,000 times in a batch', () => {
    tf.tidy(() => {
      // Every 1000th is another one; token 2 does not occur.
      const ids = Int32Array.from({ length: ROWS }, (_, i) => (i % 1000 === 7 ? 0 : 1));
      const indices = tf.tensor1d(ids, 'int32');
      const [table, dY] = [tf.zeros([3, WIDTH]), tf.tensor2d(values, [ROWS, WIDTH])];
      const expected = [0, 1].map((token) => columnSums(values.filter((_, i) => ids[Math.floor(i / WIDTH)] === token)));
      for (const lookUp of [embedding, (ids: tf.Tensor, rows: tf.Tensor) => tf.gather(rows, ids)]) {
        const found = tf
          .grad((rows: tf.Tensor) => lookUp(indices, rows))(table, dY)
          .dataSync();
        expected.forEach((sums, token) => expectClose(found.subarray(token * WIDTH, (token + 1) * WIDTH), sums));
        expect([...found.subarray(2 * WIDTH)]).toEqual(new Array(WIDTH).fill(0));
      }
    });
  });

  it('of a bias over 100,000 positions', () => {
    tf.tidy(() => {
      const [x, kernel] = [tf.zeros([ROWS, 1]), tf.zeros([1, WIDTH])];
      const dY = tf.tensor2d(values, [ROWS, WIDTH]);
      const found = tf
        .grad((bias: tf.Tensor) => linear(x, kernel, bias))(tf.zeros([WIDTH]), dY)
        .dataSync();
      expectClose(found, columnSums(values));
    });
  });

  it('of positions over 100,000 samples', () => {
    tf.tidy(() => {
      const x = tf.zeros([ROWS, 1, WIDTH]);
      const dY = tf.tensor3d(values, [ROWS, 1, WIDTH]);
      const found = tf
        .grad((table: tf.Tensor) => addPositions(x, table))(tf.zeros([1, WIDTH]), dY)
        .dataSync();
      expectClose(found, columnSums(values));
    });
  });
});

it.each([1, 31, 32, 33, 64, 65, 1000])('a token that occurs %i times among others has its sum', (times) => {
  tf.tidy(() => {
    const ids = Int32Array.from({ length: 3 * times }, (_, i) => i % 3);
    const values = random(times).normals(3 * times * 18);
    const dY = tf.tensor2d(values, [3 * times, 18]);
    const found = tf.grad((table: tf.Tensor) => embedding(tf.tensor1d(ids, 'int32'), table))(tf.zeros([3, 18]), dY);
    const expected = [0, 1, 2].flatMap((token) => [
      ...columnSums(
        values.filter((_, i) => ids[Math.floor(i / 18)] === token),
        18,
      ),
    ]);
    found.dataSync().forEach((value, i) => expect(value).toBeCloseTo(expected[i], 4));
  });
});

it.each([0, 0.1])('the cross-entropy of 100,000 classes, with labels smoothed by %d, is right', (labelSmoothing) => {
  tf.tidy(() => {
    const logits = random('classes').normals(ROWS);
    const labels = tf.buffer([1, ROWS]);
    labels.set(1, 0, 3);
    const loss = (x: tf.Tensor) => softmaxCrossEntropy(x, labels.toTensor(), { labelSmoothing });
    const { value, grad } = tf.valueAndGrad(loss)(tf.tensor2d(logits, [1, ROWS]));
    const total = Math.log(logits.reduce((sum, x) => sum + Math.exp(x), 0));
    const target = (c: number) => (c === 3 ? 1 - labelSmoothing : 0) + labelSmoothing / ROWS;
    const expected = logits.reduce((sum, x, c) => sum - target(c) * (x - total), 0);
    expect(Math.abs(value.dataSync()[0] - expected) / expected).toBeLessThan(3e-6);
    const found = grad.dataSync();
    const errors = found.map((dx, c) => Math.abs(dx - (Math.exp(logits[c] - total) - target(c))));
    expect(Math.max(...errors.map((error, c) => error / (Math.exp(logits[c] - total) + target(c))))).toBeLessThan(5e-6);
  });
});

describe('sums over any axes', () => {
  const shape = [7, 64, 5, 129];
  const values = Float32Array.from({ length: 7 * 64 * 5 * 129 }, (_, i) => 1 + Math.sin(i) / 3);
  const all = [0, 1, 2, 3];
  const subsets = Array.from({ length: 16 }, (_, bits) => all.filter((axis) => bits & (1 << axis)));

  it.each(subsets.map((axes) => [axes]))('%j', (axes) => {
    const kept = all.filter((axis) => !axes.includes(axis));
    const strides = [64 * 5 * 129, 5 * 129, 129, 1];
    const expected = new Float64Array(kept.reduce((product, axis) => product * shape[axis], 1));
    for (let i = 0; i < values.length; i++) {
      expected[kept.reduce((at, axis) => at * shape[axis] + (Math.floor(i / strides[axis]) % shape[axis]), 0)] +=
        values[i];
    }
    tf.tidy(() => {
      const x = tf.tensor(values, shape);
      expectClose(tf.sum(x, axes).dataSync(), expected);
      const terms = values.length / expected.length;
      expectClose(
        tf.mean(x, axes).dataSync(),
        expected.map((sum) => sum / terms),
      );
      expect(tf.sum(x, axes, true).shape).toEqual(shape.map((size, axis) => (axes.includes(axis) ? 1 : size)));
    });
  });

  it('of 3,000,001 equal numbers, and of nothing', () => {
    tf.tidy(() => {
      expectClose(tf.sum(tf.fill([3_000_001], 0.1)).dataSync(), [3_000_001 * Math.fround(0.1)]);
      expect([...tf.sum(tf.zeros([2, 0, 3]), 1).dataSync()]).toEqual(new Array(6).fill(0));
      expect([...tf.mean(tf.zeros([0, 2]), 0).dataSync()]).toEqual([0, 0]); // as on cpu
    });
  });
});
