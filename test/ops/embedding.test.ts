import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { init } from '../../src/index.js';
import { embedding } from '../../src/ops/embedding.js';
import { expectDifferentiable, expectNoLeaks, valueAndGradients } from '../support/differentiable.js';
import { expectCleanError } from '../support/expectCleanError.js';
import { normal } from '../support/normal.js';
import { random } from '../support/random.js';
import { expectSameBits } from '../support/threads.js';

function indices(shape: number[], count: number): tf.Tensor {
  const rng = random(`${shape.join()} ${count}`);
  const values = Int32Array.from({ length: tf.util.sizeFromShape(shape) }, () => rng.integer(0, count - 1));
  return tf.tensor(values, shape, 'int32');
}

describe('embedding', () => {
  beforeAll(() => init());

  it.each([1, 3, 4, 5, 15, 16, 17, 33])('of width %i: value and gradient', (width) => {
    for (const shape of [[1], [7], [2, 3], []]) {
      const ids = indices(shape, 4);
      const oracle = (table: number[]) =>
        Array.from(ids.dataSync()).flatMap((id) => table.slice(id * width, (id + 1) * width));
      expectDifferentiable((table) => embedding(ids, table), oracle, [normal([4, width])]);
    }
  });

  it('of many tokens equals gather', () => {
    const [ids, table, dY] = [indices([40, 70], 300), normal([300, 50]), normal([40, 70, 50])];
    const found = valueAndGradients((table) => embedding(ids, table), [table], dY);
    const expected = valueAndGradients((table) => tf.gather(table, ids), [table], dY);
    found.forEach((tensor, i) => expect(tensor.dataSync()).toEqual(expected[i].dataSync()));
  });

  it('has its gradient without acceleration too', async () => {
    await init({ acceleration: false });
    const [, gradient] = valueAndGradients(
      (table) => embedding(tf.tensor1d([1, 1], 'int32'), table),
      [tf.ones([2, 1])],
    );
    expect([...gradient.dataSync()]).toEqual([0, 2]);
    await init();
  });

  it('leaves no tensors behind', () => {
    const [ids, table] = [indices([5], 4), normal([4, 3])];
    expectNoLeaks(() => valueAndGradients((table) => embedding(ids, table), [table]));
  });

  it('gives the same bits on any number of threads', () =>
    expectSameBits(() => valueAndGradients((table) => embedding(indices([3000], 40), table), [normal([40, 70])])));

  it.each<[string, () => unknown]>([
    ['indices was float32; it must be int32', () => embedding(tf.ones([2]), tf.ones([2, 3]))],
    ['table was [3]; it must be [V, C]', () => embedding(tf.zeros([2], 'int32'), tf.ones([3]))],
    ['index 1 was 3; it must be from 0 to 2', () => embedding(tf.tensor1d([0, 3], 'int32'), tf.ones([3, 2]))],
    ['index 0 was -1; it must be from 0 to 2', () => embedding(tf.tensor1d([-1, 3], 'int32'), tf.ones([3, 2]))],
  ])('names a wrong argument: %s', (message, use) => {
    expectCleanError(use, `embedding: ${message}`);
  });
});
