// One thread of the roofline.

import { parentPort, workerData } from 'node:worker_threads';
import type { Load } from './roofline.js';
import { median } from '../../src/benchmarks/timing.js';

interface Exports {
  memory: WebAssembly.Memory;
  rounds: (count: number, factor: number) => number;
  roundsOfPairs: (count: number, at: number) => void;
  copy: (out: number, from: number, bytes: number) => void;
}

const MEASURE_MS = 300;
const WARM_UP_MS = 200;

const { module, build, load } = workerData as { module: WebAssembly.Module; build: string; load: Load };
const instance = new WebAssembly.Instance(module);
const { memory, rounds, roundsOfPairs, copy } = instance.exports as unknown as Exports;

/** One call, and its operations or bytes. */
function workOf(load: Load): [call: () => void, units: number] {
  if (load.kind === 'flops') {
    const count = 100_000;
    // Sums live in memory between calls, where they are zeros: 26 vectors.
    memory.grow(1);
    if (build === 'wide') return [() => roundsOfPairs(count, 1024), 192 * count];
    return [() => rounds(count, 1e-3), 96 * count];
  }
  const half = Math.max(64, Math.ceil(load.bytes / 2 / 64) * 64);
  memory.grow(Math.ceil((2 * half + 1024) / 65536));
  // As many bytes at a time as take a while, or the calls would be what is measured.
  const times = Math.ceil(2 ** 22 / half);
  const call = () => {
    for (let time = 0; time < times; time++) copy(1024 + half, 1024, half);
  };
  return [call, 2 * half * times];
}

const [call, units] = workOf(load);
const start = performance.now();
while (performance.now() - start < WARM_UP_MS) call();
const samples: number[] = [];
while (performance.now() - start < WARM_UP_MS + MEASURE_MS || samples.length < 3) {
  const begin = performance.now();
  call();
  samples.push(performance.now() - begin);
}
parentPort!.postMessage(units / (median(samples) / 1e3));
