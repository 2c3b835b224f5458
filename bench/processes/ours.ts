// Start-up of a process that computes with our kernels, or with tfjs's.

import '@tensorflow/tfjs-layers'; // registers tfjs's gradients
import { setThreadsCount } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { type Info, init, type InitOptions } from '../../src/index.js';
import type { Setting } from './subject.js';

const options: Record<string, InitOptions> = {
  simd: { relaxedSimd: false },
  relaxed: { relaxedSimd: true },
  wide: { wide: true },
};

/** The builds, the slowest first. */
export const buildNames = Object.keys(options);

/** Our kernels, in the setting. */
export function startOurs({ threads, build }: Setting): Promise<Info> {
  return init({ threads, ...options[build] });
}

/** tfjs's own wasm backend, untouched. In Node it has one thread. */
export async function startTfjs(): Promise<void> {
  setThreadsCount(1);
  await tf.setBackend('wasm');
}
