import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { init } from '../../src/index.js';
import { addPositions } from '../../src/ops/addPositions.js';
import { poolPositions } from '../../src/ops/poolPositions.js';
import { maskPositions } from '../../src/ops/maskPositions.js';
import { averagePositions } from '../../src/ops/averagePositions.js';
import { expectDifferentiable, expectNoLeaks, valueAndGradients } from '../support/differentiable.js';
import { normal } from '../support/normal.js';
import { expectSameBits } from '../support/threads.js';

beforeAll(() => init());

/** Means over windows of the valid positions of x [B, N, C]; 0 where a window has none. */
function averageOracle(x: number[], lengths: number[], window: number, width: number): number[] {
  const positions = x.length / width / lengths.length;
  return lengths.flatMap((length, b) =>
    Array.from({ length: Math.ceil(positions / window) * width }, (_, at) => {
      const [first, c] = [Math.floor(at / width) * window, at % width];
      let [sum, count] = [0, 0];
      for (let n = first; n < Math.min(first + window, length); n++, count++) sum += x[(b * positions + n) * width + c];
      return sum / Math.max(count, 1);
    }),
  );
}

const cases: [number[], number[]][] = [
  [[1, 1, 1], [1]],
  [
    [3, 4, 3],
    [4, 0, 2],
  ],
  [
    [2, 5, 4],
    [5, 3],
  ],
  [
    [2, 7, 9],
    [1, 6],
  ],
];

describe('averagePositions and poolPositions', () => {
  it.each(cases)('of %j with lengths %j: value and gradient', (shape, lengths) => {
    const mean = (x: number[]) => averageOracle(x, lengths, shape[1], shape[2]);
    expectDifferentiable((x) => averagePositions(x, lengths), mean, [normal(shape)]);
    for (const window of [1, 2, 3]) {
      const average = (x: number[]) => averageOracle(x, lengths, window, shape[2]);
      expectDifferentiable((x) => poolPositions(x, window, lengths), average, [normal(shape)]);
    }
  });
});

describe('maskPositions', () => {
  it.each(cases)('of %j with lengths %j: value and gradient', (shape, lengths) => {
    const [, positions, width] = shape;
    const oracle = (x: number[]) =>
      x.map((value, i) => {
        const row = Math.floor(i / width);
        return row % positions < lengths[Math.floor(row / positions)] ? value : 0;
      });
    expectDifferentiable((x) => maskPositions(x, lengths), oracle, [normal(shape)]);
  });

  it('hides what is not finite', () => {
    const y = maskPositions(tf.tensor3d([1, NaN, Infinity, 2, 3, 4], [2, 3, 1]), [1, 3]);
    expect([...y.dataSync()]).toEqual([1, 0, 0, 2, 3, 4]);
  });
});

describe('addPositions', () => {
  it.each([1, 1.5])('with a scale of %s: value and gradients', (scale) => {
    for (const [shape] of cases) {
      const oracle = (...[x, positions]: number[][]) =>
        x.map((value, i) => scale * value + positions[i % positions.length]);
      const op = (...[x, positions]: tf.Tensor[]) => addPositions(x, positions, scale);
      expectDifferentiable(op, oracle, [normal(shape), normal(shape.slice(1))]);
    }
  });

  it('sums gradients over many samples of many numbers', () => {
    const shape = [150, 60, 70];
    const dY = normal(shape);
    const [, , found] = valueAndGradients((x, positions) => addPositions(x, positions), [dY, normal([60, 70])], dY);
    expect(tf.max(tf.abs(tf.sub(found, tf.sum(dY, 0)))).dataSync()[0]).toBeLessThan(2e-5);
  });
});

it('ops over positions leave no tensors behind', () => {
  const [x, positions] = [normal([2, 3, 5]), normal([3, 5])];
  expectNoLeaks(() => valueAndGradients((x) => averagePositions(x, [3, 1]), [x]));
  expectNoLeaks(() => valueAndGradients((x) => maskPositions(x, [3, 1]), [x]));
  for (const scale of [1, 2])
    expectNoLeaks(() => valueAndGradients((x, p) => addPositions(x, p, scale), [x, positions]));
});

it('ops over positions give the same bits on any number of threads', () =>
  expectSameBits(() => {
    const [x, positions] = [normal([20, 90, 33]), normal([90, 33])];
    const lengths = Array.from({ length: 20 }, (_, b) => (b * 17) % 91);
    return [
      ...valueAndGradients((x) => averagePositions(x, lengths), [x]),
      ...valueAndGradients((x) => poolPositions(x, 4, lengths), [x]),
      ...valueAndGradients((x) => maskPositions(x, lengths), [x]),
      ...valueAndGradients((x, positions) => addPositions(x, positions, 3), [x, positions]),
    ];
  }));

it.each<[string, () => unknown]>([
  ['averagePositions: x was [2, 3]; it must be [B, N, C]', () => averagePositions(tf.ones([2, 3]), [1, 1])],
  ['averagePositions: lengths[1] was 4', () => averagePositions(tf.ones([2, 3, 1]), [1, 4])],
  ['maskPositions: lengths was [1]; it must hold 2 integers', () => maskPositions(tf.ones([2, 3, 1]), [1])],
  ['addPositions: positions was [3]; it must be [3, 1]', () => addPositions(tf.ones([2, 3, 1]), tf.ones([3]))],
  ['addPositions: scale was NaN', () => addPositions(tf.ones([2, 3, 1]), tf.ones([3, 1]), NaN)],
])('names a wrong argument: %s', (message, use) => {
  expect(() => tf.tidy(() => void use())).toThrow(message);
});
