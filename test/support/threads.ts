// Results must not depend on the number of threads.

import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { info, init } from '../../src/index.js';

/** Runs `compute` on one thread and on two, over the same heap, and compares the bits of all its tensors. */
export async function expectSameBits(compute: () => tf.Tensor[]): Promise<void> {
  await init({ threads: 2 });
  const run = () => tf.tidy(() => compute().map((tensor) => Buffer.from(tensor.dataSync().buffer).toString('hex')));
  const two = run();
  await init({ threads: 1 });
  expect(info().sharedMemory).toBe(true);
  expect(run()).toEqual(two);
  await init();
}
