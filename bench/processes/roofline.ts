// The roofline: what all threads together reach when they do nothing but multiply-adds in registers, or nothing but copies.

import { Worker } from 'node:worker_threads';
import { compileFor } from './modules.js';
import type { Setting } from './subject.js';

/** What a thread of rooflineWorker.ts is to do. */
export type Load = { kind: 'flops' } | { kind: 'bytes'; bytes: number };

/** Units a second, of `threads` threads at the same time, each with a memory of its own. */
async function measure({ threads, build }: Setting, load: Load): Promise<number> {
  // Here, as V8's flags are those of the process.
  const module = await compileFor(build, 'roofline');
  const rates = Array.from({ length: threads }, () => {
    const worker = new Worker(new URL('rooflineWorker.js', import.meta.url), { workerData: { module, build, load } });
    return new Promise<number>((resolve, reject) => worker.once('message', resolve).once('error', reject));
  });
  return (await Promise.all(rates)).reduce((sum, rate) => sum + rate, 0);
}

/** GFLOP/s with the instructions of the build. */
export async function arithmeticRoof(setting: Setting): Promise<number> {
  return (await measure(setting, { kind: 'flops' })) / 1e9;
}

/** GB/s, read and written, of a copy that touches `bytes` bytes in all. */
export async function memoryRoof(setting: Setting, bytes: number): Promise<number> {
  return (await measure(setting, { kind: 'bytes', bytes: bytes / setting.threads })) / 1e9;
}
