import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { init } from '../../src/index.js';
import { Heap } from '../../src/runtime/heap.js';
import { tableOf, withProblem } from '../../src/runtime/problem.js';

let heap: Heap;
beforeAll(async () => {
  await init();
  heap = Heap.of();
});

it('holds numbers, tensors and tables, and 0 where nothing was given', () => {
  const x = tf.tensor1d([1, 2]);
  const values = {
    ...{ logits: x, labels: 0xfedcba98, statistics: [5, 6], factors: Float32Array.of(0.5) },
    ...{ rows: -2, columns: 3, kept: 1.5, spread: 0.25 },
  };
  withProblem(heap, 'SoftmaxCrossEntropyProblem', values, (problem) => {
    const words = () => [...heap.int32(problem.address, 7)];
    const [logits, labels, statistics, dLogits, factors, rows, columns] = words();
    expect([logits, labels, dLogits, rows, columns]).toEqual([heap.address(x), 0xfedcba98 | 0, 0, -2, 3]);
    expect([...heap.int32(statistics, 2)]).toEqual([5, 6]);
    expect([...heap.float32(factors, 1)]).toEqual([0.5]);
    expect([...heap.float32(problem.address + 28, 2)]).toEqual([1.5, 0.25]);
    problem.set('dLogits', 64);
    problem.set('kept', 2.5);
    expect(words()[3]).toBe(64);
    expect(heap.float32(problem.address + 28, 1)[0]).toBe(2.5);
  });
  x.dispose();
});

it('makes tables of structs', () => {
  const [parameter, gradient] = [tf.tensor1d([1]), tf.tensor1d([2])];
  const places = { first: 8, second: 16, newParameter: 24, newFirst: 32, newSecond: 40 };
  const rule = { factor: 0.5, decay: 1, stepSize: -2, epsilon: 0.25, adaptive: 1 };
  const [a, b] = [parameter, gradient].map((tensor) => heap.address(tensor));
  const table = tableOf(heap, 'MomentSlot', [
    { parameter, gradient, ...places, ...rule, count: 1 },
    { parameter: gradient, gradient: parameter, ...places, ...rule, most: 48, newMost: 56, count: 2 },
  ]);
  const floats = [...new Int32Array(Float32Array.of(0.5, 1, -2, 0.25).buffer)];
  expect([...table]).toEqual([
    ...[a, b, 8, 16, 0, 24, 32, 40, 0, 1, ...floats, 1],
    ...[b, a, 8, 16, 48, 24, 32, 40, 56, 2, ...floats, 1],
  ]);
  tf.dispose([parameter, gradient]);
});
