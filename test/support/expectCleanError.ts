import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';

/** Expects `use` to throw `message`, and nothing that it made on the way to outlive a tidy. */
export function expectCleanError(use: () => unknown, message: string | RegExp): void {
  const memory = tf.memory();
  tf.tidy(() => {
    expect(use).toThrow(message);
  });
  expect(tf.memory()).toEqual(memory);
  expect(tf.backend().numDataIds()).toBe(memory.numDataBuffers);
}
