// A thread of the whole package that something ends: is it noticed while nothing gives way to events, and replaced?

import * as tf from '@tensorflow/tfjs-core';
import { init } from 'primal-attention';
import { Heap } from './node_modules/primal-attention/dist/runtime/heap.js';

const { threads } = await init({ threads: 2 });
const multiply = () =>
  tf.tidy(() => {
    const x = tf.ones([1024, 1024]);
    return tf.sum(tf.matMul(x, x)).dataSync()[0];
  });
multiply();
void Heap.of().pool.threads[0].terminate();
const start = performance.now();
let name;
while (!name && performance.now() - start < 20_000) {
  try {
    multiply();
  } catch (error) {
    name = error.name;
  }
}
const { threads: again } = await init({ threads: 2 });
console.log(JSON.stringify({ threads, name, again, sum: multiply() }));
