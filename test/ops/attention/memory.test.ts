import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { attention, init } from '../../../src/index.js';
import { Heap } from '../../../src/runtime/heap.js';

beforeAll(async () => {
  // Every further thread has scratch of its own.
  await init({ threads: 1 });
});

// Composed ops would need 2 GB for the scores alone, and as much for each of their gradients.
it('grows the heap by at most 6 times the bytes of q at B 1, H 8, N 8192, D 64', () => {
  const shape = [1, 8, 8192, 64];
  const [q, k, v] = [0, 1, 2].map(() => tf.ones(shape));
  // What is taken does not depend on how many keys are seen; to see them all would take some ten seconds.
  const gradients = tf.grads((q: tf.Tensor, k: tf.Tensor, v: tf.Tensor) => attention(q, k, v, { window: [32, 31] }));
  const before = Heap.of().size;
  tf.dispose(gradients([q, k, v], tf.ones(shape)));
  expect((Heap.of().size - before) / (4 * q.size)).toBeLessThanOrEqual(6);
});
