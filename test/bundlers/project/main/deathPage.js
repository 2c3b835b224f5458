// A page that ends a thread and goes on computing, without giving way to events: when is it noticed?

import * as tf from '@tensorflow/tfjs-core';
import { init } from 'primal-attention';

const workers = [];
globalThis.Worker = class extends globalThis.Worker {
  constructor(...args) {
    super(...args);
    workers.push(this);
  }
};

const multiply = () =>
  tf.tidy(() => {
    const x = tf.ones([1024, 1024]);
    return tf.sum(tf.matMul(x, x)).dataSync()[0];
  });

async function answer() {
  await init({ threads: 2 });
  multiply();
  workers[0].terminate();
  const start = performance.now();
  const passed = () => performance.now() - start;
  let name;
  while (!name && passed() < 15_000) {
    try {
      multiply();
    } catch (error) {
      name = error.name;
    }
  }
  const milliseconds = passed();
  const { threads } = await init({ threads: 2 });
  return { name, milliseconds, threads, sum: multiply() };
}

globalThis.answered = answer().catch(({ message }) => ({ error: message }));
