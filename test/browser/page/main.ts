// What a page does that uses the package: it says where tfjs's binaries are. The tests call the rest.

import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
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

const page = {
  info,
  init,
  compute,
  computeInWorker,
  predictWith,
  train,
  removeBackend: () => tf.removeBackend('wasm'),
};

export type Page = typeof page;

setWasmPaths('/wasm/');
Object.assign(globalThis, { page });
