import * as tf from '@tensorflow/tfjs-core';
import { beforeEach, expect, it } from 'vitest';
import { attention, type AttentionOptions, blockMask, init } from '../../../src/index.js';
import { Heap } from '../../../src/runtime/heap.js';

const [H, N, D] = [8, 8192, 64];

// A heap never shrinks: to see what a form takes, each starts from a backend as new as in a process of its own.
beforeEach(async () => {
  await init({ threads: 1 });
  const factory = tf.findBackendFactory('wasm');
  tf.removeBackend('wasm');
  tf.registerBackend('wasm', factory);
  // Every further thread has scratch of its own.
  await init({ threads: 1 });
});

const headScales = [1, 1, 2, 2, 4, 4, 8, 8];
const nearby = Array.from({ length: N / 64 }, (_, i) => Array.from({ length: N / 64 }, (_, j) => Math.abs(i - j) < 2));
// What is taken does not depend on how many keys are seen; to see them all would take some ten seconds.
const window = [32, 31] as const;

// Composed ops would need 2 GB, 128 times the bytes of q, for the scores alone. A convolution's results and their
// gradients are tensors of their own.
it.each<[string, number, () => AttentionOptions]>([
  ['softmax', 6, () => ({ window })],
  ['BN', 6, () => ({ window, batchNorm: { beta: tf.scalar(0.9) } })],
  ['SH', 6, () => ({ window, headScales })],
  ['BN+SH', 6, () => ({ window, batchNorm: true, headScales })],
  ['linear', 6, () => ({ kernel: 'linear' })],
  ['linear, causal', 6, () => ({ kernel: 'linear', causal: true })],
  ['linear+BN+SH', 6, () => ({ kernel: 'linear', batchNorm: true, headScales })],
  ['blocks', 6, () => ({ blockMask: blockMask(nearby, { queries: N }) })],
  ['conv', 9.5, () => ({ window, conv: { kernel: tf.ones([H, D, 5]) } })],
])('%s grows the heap by at most %d times the bytes of q at B 1, H 8, N 8192, D 64', (_, limit, makeOptions) => {
  tf.tidy(() => {
    const options = makeOptions();
    const [q, k, v] = [0, 1, 2].map(() => tf.ones([1, H, N, D]));
    const before = Heap.of().size;
    tf.grads((q: tf.Tensor, k: tf.Tensor, v: tf.Tensor) => attention(q, k, v, options))([q, k, v], tf.ones(q.shape));
    expect((Heap.of().size - before) / (4 * q.size)).toBeLessThanOrEqual(limit);
  });
});
