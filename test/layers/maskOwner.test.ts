import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { MultiHeadAttention } from '../../src/layers/multiHeadAttention.js';
import { init } from '../../src/ops/init.js';

beforeAll(() => init());

it('a mask that was given stays when outputs are disposed, also by a gradient; outputs leave nothing behind', () => {
  const layer = new MultiHeadAttention({ numHeads: 1, keyDim: 2 });
  const [x, mask] = [tf.ones([1, 3, 2]), tf.tensor2d([1, 1, 0], [1, 3], 'bool')];
  const call = (x: tf.Tensor) => layer.apply(x, { mask }) as tf.Tensor;
  call(x).dispose();
  const { numTensors } = tf.memory();
  call(x).dispose();
  tf.grad((x) => tf.sum(call(x)))(x).dispose();
  expect(mask.isDisposed).toBe(false);
  expect(tf.memory().numTensors).toBe(numTensors);
});
