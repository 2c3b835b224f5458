import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { init } from '../../src/index.js';
import { Heap } from '../../src/runtime/heap.js';

let memory: tf.MemoryInfo;

beforeAll(async () => {
  await init();
});

beforeEach(() => {
  memory = tf.memory();
});

it.each<[tf.DataType, tf.TensorLike]>([
  ['float32', [1.5, -2, 3]],
  ['int32', [1, -2, 3]],
  ['bool', [true, false, true]],
])('shares the data of %s, which lives as long as any of its tensors', (dtype, values) => {
  const x = tf.tensor(values, [3, 1], dtype);
  const expected = x.arraySync();
  const [first, second] = [tf.clone(x), tf.clone(x)];
  expect(tf.memory().numDataBuffers).toBe(memory.numDataBuffers + 1);
  expect(Heap.of().address(first)).toBe(Heap.of().address(x));
  x.dispose();
  second.dispose();
  expect(first.dtype).toBe(dtype);
  expect(first.arraySync()).toEqual(expected);
  first.dispose();
  expect(tf.memory()).toEqual(memory);
  expect(tf.backend().numDataIds()).toBe(memory.numDataBuffers);
});

it('copies strings', () => {
  const x = tf.tensor1d(['one', 'three'], 'string');
  const copy = tf.clone(x);
  x.dispose();
  expect(copy.dataSync()).toEqual(['one', 'three']);
  copy.dispose();
  expect(tf.memory()).toEqual(memory);
});

it('leaves the value of a variable alone when that of its copy moves on', () => {
  const variable = tf.variable(tf.tensor1d([1, 2]));
  const copy = tf.clone(variable);
  variable.assign(tf.tensor1d([3, 4]));
  expect([...copy.dataSync(), ...variable.dataSync()]).toEqual([1, 2, 3, 4]);
});

it('passes gradients on', () => {
  const x = tf.tensor1d([1, 2]);
  const gradient = tf.grad((x: tf.Tensor) => tf.mul(tf.clone(x), x));
  expect([...gradient(x).dataSync()]).toEqual([2, 4]);
});
