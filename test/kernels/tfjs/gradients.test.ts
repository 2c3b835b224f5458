/** Gradients that tfjs-core lacks, refuses or gets wrong, against central differences of the float64 functions. */
import * as tf from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { init } from '../../../src/index.js';
import { expectDifferentiable } from '../../support/differentiable.js';
import { normal } from '../../support/normal.js';

beforeAll(() => init({ threads: 1 }));

/** op(a) op(b) of broadcast batches, by the indices of every number. */
function products(aShape: number[], bShape: number[], outShape: number[], transposeA: boolean, transposeB: boolean) {
  return (a: number[], b: number[]) => {
    const [rows, columns] = outShape.slice(-2);
    const depth = aShape.at(transposeA ? -2 : -1)!;
    const at = (values: number[], shape: number[], batch: number[], i: number, j: number) => {
      const full = [...batch.slice(batch.length - (shape.length - 2)), i, j];
      return values[full.reduce((offset, index, axis) => offset * shape[axis] + (shape[axis] === 1 ? 0 : index), 0)];
    };
    return Array.from({ length: outShape.reduce((x, y) => x * y, 1) }, (_, flat) => {
      const index = outShape.map((_, axis) => {
        const inner = outShape.slice(axis + 1).reduce((x, y) => x * y, 1);
        return Math.floor(flat / inner) % outShape[axis];
      });
      const [i, j] = index.slice(-2);
      const batch = index.slice(0, -2);
      let sum = 0;
      for (let t = 0; t < depth; t++) {
        sum +=
          at(a, aShape, batch, transposeA ? t : i, transposeA ? i : t) *
          at(b, bShape, batch, transposeB ? j : t, transposeB ? t : j);
      }
      return rows * columns > 0 ? sum : 0;
    });
  };
}

describe('matMul of batches', () => {
  it.each<[number[], number[], number[], boolean, boolean]>([
    [[2, 3, 4], [4, 5], [2, 3, 5], false, false],
    [[2, 2, 3, 4], [2, 1, 4, 5], [2, 2, 3, 5], false, false],
    [[2, 1, 3, 4], [1, 2, 4, 2], [2, 2, 3, 2], false, false],
    [[3, 4], [2, 4, 5], [2, 3, 5], false, false],
    [[2, 4, 3], [1, 5, 4], [2, 3, 5], true, true],
    [[1, 4, 3], [2, 4, 5], [2, 3, 5], true, false],
    [[1, 3, 4], [2, 5, 4], [2, 3, 5], false, true],
  ])('%j by %j', (aShape, bShape, outShape, transposeA, transposeB) => {
    expectDifferentiable(
      (a, b) => tf.matMul(a, b, transposeA, transposeB),
      products(aShape, bShape, outShape, transposeA, transposeB),
      [normal(aShape, 1), normal(bShape, 2)],
    );
  });
});

it.each<[number[], number[]]>([
  [
    [1, 4, 1],
    [0, 1, 5],
  ],
  [
    [4, 2],
    [0, 2, 5],
  ],
])('matMul of %j by %j: of nothing, 0', (aShape, bShape) => {
  tf.tidy(() => {
    const gradients = tf.grads((a: tf.Tensor, b: tf.Tensor) => tf.matMul(a, b))([tf.ones(aShape), tf.ones(bShape)]);
    expect(gradients.map(({ shape }) => shape)).toEqual([aShape, bShape]);
    expect([...gradients[0].dataSync()]).toEqual(new Array(tf.util.sizeFromShape(aShape)).fill(0));
  });
});

describe('selections', () => {
  it('topk', () => {
    const sorted = (x: number[]) =>
      [0, 5].flatMap((from) =>
        x
          .slice(from, from + 5)
          .sort((a, b) => b - a)
          .slice(0, 3),
      );
    expectDifferentiable((x) => tf.topk(x, 3).values, sorted, [normal([2, 5])]);
  });

  it('gatherND, a place twice', () => {
    const indices = tf.tensor2d(
      [
        [1, 2],
        [0, 0],
        [1, 2],
      ],
      [3, 2],
      'int32',
    );
    expectDifferentiable(
      (x) => tf.gatherND(x, indices),
      (x) => [x[5], x[0], x[5]],
      [normal([2, 3])],
    );
  });

  it('stridedSlice', () => {
    expectDifferentiable(
      (x) => tf.stridedSlice(x, [3, 0], [0, 3], [-2, 2]),
      (x) => [x[9], x[11], x[3], x[5]],
      [normal([4, 3])],
    );
  });
});

describe.each([
  [false, false],
  [true, false],
  [false, true],
  [true, true],
])('cumprod, exclusive %s, reverse %s', (exclusive, backwards) => {
  it('zeros among the numbers', () => {
    const oracle = (x: number[]) => {
      const values = backwards ? [...x].reverse() : x;
      const out = values.map((_, i) => values.slice(0, exclusive ? i : i + 1).reduce((a, b) => a * b, 1));
      return backwards ? out.reverse() : out;
    };
    expectDifferentiable((x) => tf.cumprod(x, 0, exclusive, backwards), oracle, [tf.tensor1d([0.5, -2, 0, 3, 1.5])]);
  });
});

describe('einsum', () => {
  it('a product', () => {
    expectDifferentiable(
      (a, b) => tf.einsum('ij,jk->ki', a, b),
      ([a, b, c, d], [e, f]) => [a * e + b * f, c * e + d * f],
      [normal([2, 2]), normal([2, 1])],
    );
  });

  it('a label that one operand has alone', () => {
    expectDifferentiable(
      (a, b) => tf.einsum('ij,j->j', a, b),
      ([a, b, c, d], [e, f]) => [(a + c) * e, (b + d) * f],
      [normal([2, 2]), normal([2])],
    );
  });

  it('nothing in common', () => {
    expectDifferentiable(
      (a, b) => tf.einsum('ij,k->k', a, b),
      ([a, b, c, d], [e, f]) => [(a + b + c + d) * e, (a + b + c + d) * f],
      [normal([2, 2]), normal([2])],
    );
  });

  it('a batch, several labels, transposed', () => {
    expectDifferentiable(
      (a, b) => tf.einsum('bij,jkb->kbi', a, b),
      (a, b) =>
        [0, 1, 2].flatMap((k) =>
          [0, 1].flatMap((s) =>
            [0, 1].map((i) => [0, 1].reduce((sum, j) => sum + a[s * 4 + i * 2 + j] * b[j * 6 + k * 2 + s], 0)),
          ),
        ),
      [normal([2, 2, 2]), normal([2, 3, 2])],
    );
  });

  it('one operand', () => {
    expectDifferentiable(
      (a) => tf.einsum('ij->j', a),
      ([a, b, c, d]) => [a + c, b + d],
      [normal([2, 2])],
    );
  });
});

it.each(['lstm', 'gru', 'simpleRNN'] as const)('a masked %s trains', async (kind) => {
  const model = layers.sequential();
  model.add(layers.layers.masking({ maskValue: 0, inputShape: [5, 3] }));
  model.add(layers.layers[kind]({ units: 4, recurrentInitializer: 'glorotUniform' }));
  model.add(layers.layers.dense({ units: 1 }));
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  const x = tf.mul(normal([4, 5, 3]), tf.reshape(tf.tensor1d([1, 1, 1, 0, 0]), [1, 5, 1]));
  const losses: number[] = [];
  for (let i = 0; i < 5; i++) losses.push((await model.trainOnBatch(x, tf.ones([4, 1]))) as number);
  expect(losses[4]).toBeLessThan(losses[0]);
});

describe('operands that are broadcast', () => {
  const pair = (combine: (a: number, b: number) => number) => (a: number[], b: number[]) =>
    [0, 1, 2, 3, 4, 5].map((i) => combine(a[Math.floor(i / 3)], b[i % 3]));
  const operands = () => [normal([2, 1], 1), normal([1, 3], 2)];

  it.each<[string, (a: tf.Tensor, b: tf.Tensor) => tf.Tensor, (a: number, b: number) => number]>([
    ['maximum', tf.maximum, Math.max],
    ['minimum', tf.minimum, Math.min],
    ['squaredDifference', tf.squaredDifference, (a, b) => (a - b) ** 2],
  ])('%s', (_, op, combine) => {
    expectDifferentiable(op, pair(combine), operands());
  });

  it('an infinite gradient reaches the chosen operand alone', () => {
    const [a, b] = tf.grads((a: tf.Tensor, b: tf.Tensor) => tf.maximum(a, b))(
      [tf.tensor1d([1, 2]), tf.scalar(1.5)],
      tf.tensor1d([1, Infinity]),
    );
    expect([...a.dataSync(), ...b.dataSync()]).toEqual([0, Infinity, 1]);
  });
});

describe('along an axis that is counted from the end', () => {
  const rows = (x: number[], width: number) =>
    Array.from({ length: x.length / width }, (_, row) => x.slice(row * width, (row + 1) * width));
  const running = (row: number[], exclusive: boolean) =>
    row.map((_, i) => row.slice(0, exclusive ? i : i + 1).reduce((a, b) => a + b, 0));

  it.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])('cumsum, exclusive %s, reverse %s', (exclusive, reverse) => {
    const turn = (row: number[]) => (reverse ? [...row].reverse() : row);
    expectDifferentiable(
      (x) => tf.cumsum(x, -1, exclusive, reverse),
      (x) => rows(x, 4).flatMap((row) => turn(running(turn(row), exclusive))),
      [normal([2, 3, 4])],
    );
  });

  it('cumsum of columns', () => {
    expectDifferentiable(
      (x) => tf.cumsum(x, -2),
      (x) => x.map((_, i) => x.filter((_, j) => j <= i && (i - j) % 3 === 0).reduce((a, b) => a + b, 0)),
      [normal([4, 3])],
    );
  });

  it('prod', () => {
    expectDifferentiable(
      (x) => tf.prod(x, -1),
      (x) => rows(x, 3).map((row) => row.reduce((a, b) => a * b, 1)),
      [normal([2, 3])],
    );
  });
});

describe('numbers that are moved', () => {
  it('gather where each of a batch has indices', () => {
    const indices = tf.tensor2d([1, 1, 3, 0], [2, 2], 'int32');
    expectDifferentiable(
      (x) => tf.gather(x, indices, 1, 1),
      (x) => [x[1], x[1], x[7], x[4]],
      [normal([2, 4])],
    );
  });

  it('scatterND, a place twice', () => {
    const indices = tf.tensor2d([0, 3, 3], [3, 1], 'int32');
    expectDifferentiable(
      (x) => tf.scatterND(indices, x, [4]),
      (x) => [x[0], 0, 0, x[1] + x[2]],
      [normal([3])],
    );
  });

  it('tensorScatterUpdate', () => {
    const indices = tf.tensor2d([2, 0], [2, 1], 'int32');
    expectDifferentiable(
      (x, y) => tf.tensorScatterUpdate(x, indices, y),
      (x, y) => [y[1], x[1], y[0]],
      [normal([3], 1), normal([2], 2)],
    );
  });

  it('depthToSpace', () => {
    expectDifferentiable(
      (x) => tf.depthToSpace(x as tf.Tensor4D, 2, 'NHWC'),
      (x) => [0, 1, 4, 5, 2, 3, 6, 7].map((at) => x[at]),
      [normal([1, 1, 2, 4])],
    );
  });
});
