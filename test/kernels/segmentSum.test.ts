import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { init } from '../../src/index.js';
import { maxError } from '../support/attention.js';
import { expectCleanError } from '../support/expectCleanError.js';
import { normal } from '../support/normal.js';
import { random } from '../support/random.js';

beforeAll(async () => {
  await init();
});

/** Sums of rows of `width` numbers; ids outside 0 .. count - 1 are left out. */
function segmentSumOracle(x: ArrayLike<number>, ids: ArrayLike<number>, count: number, width: number): Float64Array {
  const out = new Float64Array(count * width);
  for (let row = 0; row < ids.length; row++) {
    if (ids[row] < 0 || ids[row] >= count) continue;
    for (let j = 0; j < width; j++) out[ids[row] * width + j] += x[row * width + j];
  }
  return out;
}

/** Random rows and ids from `low` to `high`, summed by tfjs and by the oracle. */
function expectSums(idShape: number[], rowShape: number[], count: number, low = 0, high = count - 1): void {
  const rng = random(JSON.stringify([idShape, rowShape, count, low, high]));
  const ids = Int32Array.from({ length: tf.util.sizeFromShape(idShape) }, () => rng.integer(low, high));
  const width = tf.util.sizeFromShape(rowShape);
  const x = rng.normals(ids.length * width);
  const out = tf.unsortedSegmentSum(
    tf.tensor(x, [...idShape, ...rowShape]),
    tf.tensor<tf.Rank.R1>(ids, idShape as [number], 'int32'),
    count,
  );
  expect(out.shape).toEqual([count, ...rowShape]);
  expect(out.dtype).toBe('float32');
  expect(maxError(out.dataSync(), segmentSumOracle(x, ids, count, width))).toBeLessThan(1e-5);
}

describe('sums', () => {
  it.each([1, 2, 3, 4, 5, 7, 8, 9, 16, 31, 64, 127])('of rows of %i', (width) => {
    expectSums([50], [width], 7);
  });

  it.each<[number[], number[]]>([
    [[20], []],
    [[20], [3, 5]],
    [[4, 5], [6]],
    [[2, 3, 4], []],
    [
      [2, 3],
      [2, 1, 3],
    ],
    [[1], [9]],
  ])('of ids %j and rows %j', (idShape, rowShape) => {
    expectSums(idShape, rowShape, 5);
  });

  it('leave out ids outside, far outside too', () => {
    expectSums([60], [5], 4, -3, 7);
    const ids = tf.tensor1d([-1, 2, -(2 ** 31), 2 ** 31 - 1, 1, 0], 'int32');
    const out = tf.unsortedSegmentSum(tf.tensor1d([1, 2, 4, 8, 16, 32]), ids, 2);
    expect(out.dataSync()).toEqual(Float32Array.of(32, 16));
  });

  it.each<[number[], number[], number]>([
    [[0], [3], 4],
    [[5], [0], 4],
    [[5], [3], 0],
  ])('of ids %j and rows %j, %i of them, where there is nothing', (idShape, rowShape, count) => {
    const x = tf.zeros([...idShape, ...rowShape]);
    const out = tf.unsortedSegmentSum(x, tf.zeros<tf.Rank.R1>(idShape as [number], 'int32'), count);
    expect(out.shape).toEqual([count, ...rowShape]);
    expect(out.dataSync()).toEqual(new Float32Array(out.size));
  });

  it('are zero where no row belongs, whatever was on the heap', () => {
    tf.dispose(tf.fill([1000, 5], NaN));
    const out = tf.unsortedSegmentSum(tf.ones([1, 5]), tf.tensor1d([999], 'int32'), 1000);
    expect(tf.sum(out).dataSync()[0]).toBe(5);
  });
});

describe('the gradient of gather', () => {
  it('adds up the rows that were gathered', () => {
    const rng = random('gather');
    const [table, dy] = [normal([6, 5]), normal([4, 3, 5])];
    const ids = Int32Array.from({ length: 12 }, () => rng.integer(0, 5));
    const gradient = tf.grad((x: tf.Tensor) => tf.gather(x, tf.tensor2d(ids, [4, 3], 'int32')))(table, dy);
    expect(gradient.shape).toEqual([6, 5]);
    expect(maxError(gradient.dataSync(), segmentSumOracle(dy.dataSync(), ids, 6, 5))).toBeLessThan(1e-5);
  });

  it('along another axis', () => {
    const x = normal([3, 4]);
    const gradient = tf.grad((x: tf.Tensor) => tf.gather(x, tf.tensor1d([3, 0, 3], 'int32'), 1))(x);
    expect(gradient.arraySync()).toEqual([
      [1, 0, 0, 2],
      [1, 0, 0, 2],
      [1, 0, 0, 2],
    ]);
  });

  it('trains an embedding', () => {
    const target = normal([8, 3]);
    const table = tf.variable(tf.zeros<tf.Rank.R2>([8, 3]));
    const rng = random('tokens');
    const optimizer = tf.train.sgd(2);
    const loss = () => {
      const ids = tf.tensor1d(
        Array.from({ length: 32 }, () => rng.integer(0, 7)),
        'int32',
      );
      return tf.losses.meanSquaredError<tf.Tensor, tf.Scalar>(tf.gather(target, ids), tf.gather(table, ids));
    };
    for (let step = 0; step < 60; step++) optimizer.minimize(loss);
    expect(maxError(table.dataSync(), target.dataSync())).toBeLessThan(1e-3);
  });
});

describe('a wrong argument', () => {
  const ids = () => tf.tensor1d([0, 1], 'int32');

  it.each<[string, () => unknown]>([
    ['numSegments was -1; it must be', () => run(tf.ones([2, 3]), ids(), -1)],
    ['numSegments was 1.5; it must be', () => run(tf.ones([2, 3]), ids(), 1.5)],
    ['segmentIds was float32; it must be int32', () => run(tf.ones([2, 3]), tf.ones([2]), 2)],
    ['segmentIds was [2]; it must be the first dimensions of x, [3, 2]', () => run(tf.ones([3, 2]), ids(), 2)],
    ['segmentIds was [2, 1]; it must be the first', () => run(tf.ones([2, 2]), tf.ones([2, 1], 'int32'), 2)],
  ])('%s', (message, use) => expectCleanError(use, message));

  /** Past the checks of tfjs-core's op. */
  const run = (x: tf.Tensor, segmentIds: tf.Tensor, numSegments: number) =>
    tf.engine().runKernel(tf.UnsortedSegmentSum, { x, segmentIds }, { numSegments });
});
