// Cast and Add, which tfjs's own gradients go through, in place of tfjs's.

import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { init } from '../../src/index.js';
import { Heap } from '../../src/runtime/heap.js';
import { normal } from '../support/normal.js';

let memory: tf.MemoryInfo;

beforeAll(() => init());

beforeEach(() => {
  memory = tf.memory();
});

afterEach(() => expect(tf.memory()).toEqual(memory));

it.each<tf.DataType>(['float32', 'int32', 'bool'])('Cast shares data that is %s already', (dtype) => {
  tf.tidy(() => {
    const x = tf.tensor([1, 0, 1], [3], dtype);
    expect(Heap.of().address(tf.cast(x, dtype as 'float32'))).toBe(Heap.of().address(x));
  });
});

it('Cast casts as tfjs does where the type changes', () => {
  tf.tidy(() => {
    expect(Array.from(tf.cast(tf.tensor1d([1.7, -1.7]), 'int32').dataSync())).toEqual([1, -1]);
    expect(Array.from(tf.cast(tf.tensor1d([true, false]), 'float32').dataSync())).toEqual([1, 0]);
    expect(tf.cast(tf.tensor1d([0.5, 0]), 'bool').dtype).toBe('bool');
  });
});

it.each([1, 3, 1000, 70_001])('Add of %i floats has the bits of float32 sums', (count) => {
  tf.tidy(() => {
    const [a, b] = ['a', 'b'].map((name) => normal([count], name));
    const sum = tf.add(a, b).dataSync();
    const [left, right] = [a.dataSync(), b.dataSync()];
    expect(Array.from(sum)).toEqual(Array.from(left, (value, index) => Math.fround(value + right[index])));
  });
});

it('Add keeps infinities, and leaves broadcasts and other types to tfjs', () => {
  tf.tidy(() => {
    const a = tf.tensor1d([Infinity, -Infinity, NaN, 1]);
    expect(Array.from(tf.add(a, tf.tensor1d([1, Infinity, 1, -Infinity])).dataSync())).toEqual([
      Infinity,
      NaN,
      NaN,
      -Infinity,
    ]);
    expect(Array.from(tf.add(tf.tensor2d([[1], [2]]), tf.tensor1d([10, 20])).dataSync())).toEqual([11, 21, 12, 22]);
    const integers = tf.add(tf.tensor1d([2 ** 30, 1], 'int32'), tf.tensor1d([1, 2], 'int32'));
    expect([integers.dtype, ...integers.dataSync()]).toEqual(['int32', 2 ** 30 + 1, 3]);
    expect(tf.add(tf.zeros([0, 2]), tf.zeros([0, 2])).shape).toEqual([0, 2]);
  });
});

it('a sum of gradients is that of both paths', () => {
  tf.tidy(() => {
    const x = tf.tensor1d([1, 2, 3]);
    const gradient = tf.grad((x: tf.Tensor) => tf.sum(tf.add(tf.square(x), tf.clone(x))))(x);
    expect(Array.from(gradient.dataSync())).toEqual([3, 5, 7]);
  });
});
