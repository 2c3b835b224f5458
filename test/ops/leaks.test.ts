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

it('a gradient that throws, at any point and within another one, leaves nothing', () => {
  const x = normal([3, 4]);
  const fail = (): tf.Tensor => {
    throw new Error('no');
  };
  const failsBackward = tf.customGrad((x) => ({ value: tf.clone(x as tf.Tensor), gradFunc: fail }));
  const product = (x: tf.Tensor) =>
    tf.matMul(attention(tf.reshape(x, [1, 1, 3, 4]), tf.ones([1, 1, 3, 4]), x4()), x4());
  const x4 = () => tf.ones([1, 1, 4, 4]);
  const losses: ((x: tf.Tensor) => tf.Tensor)[] = [
    (x) => tf.matMul(tf.square(x), fail()),
    (x) => failsBackward(tf.square(x)),
    (x) => product(tf.square(x)),
    (x) => tf.add(tf.square(x), tf.grad((y: tf.Tensor) => failsBackward(tf.square(y)))(x)),
    () => tf.ones([2]),
  ];
  expectNoLeak(() => {
    for (const loss of losses) expect(() => tf.grad(loss)(x)).toThrow();
  });
  // What a gradient within another one kept goes with it, and the other one goes on.
  const gradient = tf.grad((x: tf.Tensor) => {
    expect(() => tf.grad(failsBackward)(x)).toThrow('no');
    return tf.square(x);
  })(x);
  expect([...gradient.dataSync()]).toEqual(Array.from(x.dataSync(), (value) => 2 * value));
  tf.dispose([x, gradient]);
});

it('a tensor of too few numbers is refused, and takes no room', () => {
  const part = tf.zeros([2]);
  expectNoLeak(() => {
    // tfjs takes the tensor for one number as it infers the shape, and for none as it reads it.
    expect(() => tf.tensor([part, 2, 3] as never)).toThrow(
      'a tensor of shape [3] was given 2 numbers; it must be given 3',
    );
  });
  part.dispose();
});
