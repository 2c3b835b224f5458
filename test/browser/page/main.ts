// A page that uses the package. The tests call it.

import * as tf from '@tensorflow/tfjs-core';
import { info, type Info, init } from 'primal-attention';
import { compute } from './compute.js';
import { predictWith } from './predictWith.js';
import { train } from './train.js';

/** What a worker of the page comes to. */
function computeInWorker(): Promise<{ info: Info; results: number[][] }> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<{ info: Info; results: number[][] }>) => {
      worker.terminate();
      resolve(data);
    };
    worker.onerror = ({ message }) => reject(new Error(message));
  });
}

/** Workers of this page, in the order of their start. */
const workers: Worker[] = [];
globalThis.Worker = class extends Worker {
  constructor(...args: ConstructorParameters<typeof Worker>) {
    super(...args);
    workers.push(this);
  }
};

/** A job long enough for threads to take part. */
function multiply(): void {
  const x = tf.ones<tf.Rank.R2>([1024, 1024]);
  tf.tidy(() => void tf.matMul(x, x).dataSync());
  x.dispose();
}

/** The message of what `work` throws, or ''. */
function failureOf(work: () => void): string {
  try {
    work();
    return '';
  } catch (error) {
    return String(error);
  }
}

const page = {
  workers,
  multiply,
  failureOf,
  info,
  init,
  compute,
  computeInWorker,
  predictWith,
  train,
  removeBackend: () => tf.removeBackend('wasm'),
};

export type Page = typeof page;

Object.assign(globalThis, { page });
