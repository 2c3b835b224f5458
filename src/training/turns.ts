import * as tf from '@tensorflow/tfjs-core';

/** Milliseconds of work after which timers, signals and the page get a turn. */
const TURN = 100;

/** @returns a function to call, and await, often in long work */
export function turns(): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last <= TURN) return;
    await tf.nextFrame();
    last = performance.now();
  };
}
