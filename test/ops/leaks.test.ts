import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { attention, type AttentionOptions, init } from '../../src/index.js';
import { Heap } from '../../src/runtime/heap.js';
import { normal } from '../support/normal.js';

/** Everything that a leak would change: tensors, their bytes, the heap, and where malloc finds room. */
function state(): unknown {
  const heap = Heap.of();
  const addresses = [1, 1e3, 1e5, 1e7].map((bytes) => heap.withScratch(bytes, (address) => address));
  return { ...tf.memory(), dataIds: tf.backend().numDataIds(), heap: heap.size, addresses };
}

beforeAll(async () => {
  await init();
});

/** Runs `call` 1,000 times, after a warm-up in which tfjs and malloc come to rest. */
function expectNoLeak(call: () => void): void {
  for (let i = 0; i < 50; i++) call();
  const before = state();
  for (let i = 0; i < 1000; i++) call();
  expect(state()).toEqual(before);
}

// Whole and ragged tiles, since the ragged ones take other scratch.
it.each([
  [16, 16],
  [13, 7],
])('1,000 times attention, forward and backward, D %i, E %i', (D, E) => {
  const [q, k, v] = [normal([2, 4, 19, D]), normal([2, 2, 23, D]), normal([2, 2, 23, E])];
  const mask = tf.ones([19, 23], 'bool');
  const options: AttentionOptions = { causal: true, mask, dropout: 0.1, softcap: 20, keyLengths: [23, 11] };
  const gradients = tf.valueAndGrads((q: tf.Tensor, k: tf.Tensor, v: tf.Tensor) => tf.sum(attention(q, k, v, options)));
  expectNoLeak(() => {
    const { value, grads } = gradients([q, k, v]);
    tf.dispose([value, grads]);
  });
  tf.dispose([q, k, v, mask]);
});

it('1,000 products, embeddings and their gradients', () => {
  const [x, weights, table] = [normal([5, 6]), normal([6, 9]), normal([7, 6])];
  const [bias, slopes] = [normal([5, 9]), normal([9])];
  const ids = tf.tensor1d([0, 6, 6, 3, 1], 'int32');
  const loss = (x: tf.Tensor, weights: tf.Tensor, table: tf.Tensor) =>
    tf.sum(tf.matMul(tf.add(x, tf.gather(table, ids)), weights));
  expectNoLeak(() => {
    const { value, grads } = tf.valueAndGrads(loss)([x, weights, table]);
    const composed = tf.fused.matMul({
      ...{ a: x, b: weights, bias, activation: 'prelu' as const },
      preluActivationWeights: slopes,
    });
    tf.dispose([value, grads, composed, tf.clone(x)]);
  });
});
