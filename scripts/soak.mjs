// Trains a small model for long, with one thread and with two, and looks whether memory stays flat:
// `npm run soak -- [--steps 10000] [--output runs/soak]`. Prints the figures, and writes samples.json and soak.svg. Exit
// status 1 if something grew, see `judge`.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readOptions } from './options.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const MEBIBYTE = 2 ** 20;

/** Samples of a run; the first fifth of them is a start, in which tfjs, malloc and V8 come to rest. */
const SAMPLES = 100;
const START = SAMPLES / 5;

/** What the resident set may grow by behind the start: 10,000 steps that kept 2 KB each would exceed it. */
const MOST_GROWTH = 16 * MEBIBYTE;

const BATCH = 8;
const BATCHES = 8;

/** A set of series of the random numbers `next`. */
function randomData(next) {
  const lengths = Array.from({ length: BATCH * BATCHES }, () => 4 + Math.floor(9 * next()));
  return {
    kind: 'series',
    series: lengths.map((length) => Float32Array.from({ length: 3 * length }, () => 2 * next() - 1)),
    ...{ lengths, channels: 3, classNames: ['a', 'b', 'c'] },
    labels: lengths.map((_, i) => i % 3),
  };
}

/** Trains in this process; the result is samples of { step, heap, resident, tensors, bytes }. */
async function train(threads, steps) {
  const [tf, pa, { Heap }, { uniform }] = await Promise.all([
    import('@tensorflow/tfjs-core'),
    import('../dist/index.js'),
    import('../dist/runtime/heap.js'),
    import('../dist/random.js'),
  ]);
  await pa.init({ threads });
  const sizes = { width: 16, feedForward: 32, heads: 2, layers: 2 };
  const model = pa.timeSeriesClassifier({ channels: 3, length: 12, classes: 3, ...sizes, dropout: 0.1, seed: 1 });
  const data = randomData(uniform(1));
  const samples = [];
  const stop = new AbortController();
  let step = 0;
  await pa.fit(model, data, {
    ...{ epochs: Math.ceil(steps / BATCHES), batchSize: BATCH, seed: 1, optimizer: 'adamW', validation: data },
    signal: stop.signal,
    onBatchEnd() {
      step++;
      if (step >= steps) stop.abort();
      if (step < ((samples.length + 1) * steps) / SAMPLES) return;
      globalThis.gc();
      const { numTensors: tensors, numBytes: bytes } = tf.memory();
      samples.push({ step, heap: Heap.of().size, resident: process.memoryUsage.rss(), tensors, bytes });
    },
  });
  return samples;
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/**
 * What is not flat behind the start: the WebAssembly heap, tensors and their bytes must not change at all; the median of
 * the resident set may grow by MOST_GROWTH from the second fifth of the samples to the last.
 */
function judge(samples) {
  const settled = samples.slice(START);
  const faults = ['heap', 'tensors', 'bytes'].filter((name) => settled.some((one) => one[name] !== settled[0][name]));
  const resident = settled.map((sample) => sample.resident);
  const growth = median(resident.slice(-START)) - median(resident.slice(0, START));
  return { faults: growth > MOST_GROWTH ? [...faults, 'resident'] : faults, growth };
}

/** Heap, resident set and tensors over the steps, a line for each number of threads. */
function chart(runs, toSvg, look) {
  const values = runs.flatMap(({ threads, samples }) =>
    samples.map(({ step, heap, resident, tensors }) => ({
      ...{ step, threads: `${threads}`, tensors, heap: heap / MEBIBYTE, resident: resident / MEBIBYTE },
    })),
  );
  const panel = (field, title) => ({
    ...{ width: 320, height: 220, mark: { type: 'line', interpolate: 'step-after' } },
    encoding: {
      x: { field: 'step', type: 'quantitative', axis: { grid: false } },
      y: { field, type: 'quantitative', title, scale: { zero: true } },
      color: { field: 'threads', type: 'nominal', scale: { range: ['#0072B2', '#E69F00'] } },
      strokeDash: { field: 'threads', type: 'nominal', legend: null },
    },
  });
  const panels = [
    panel('heap', 'WebAssembly heap, MiB'),
    panel('resident', 'resident set, MiB'),
    panel('tensors', 'tensors'),
  ];
  return toSvg({ data: { values }, hconcat: panels, config: look });
}

const { steps, output, threads } = readOptions(
  'npm run soak -- [--steps 10000] [--output runs/soak]',
  { steps: [10000, SAMPLES] },
  // Threads: of the process that trains.
  { output: { type: 'string', default: 'runs/soak' }, threads: { type: 'string' } },
);
if (threads !== undefined) {
  process.stdout.write(JSON.stringify(await train(Number(threads), steps)));
} else {
  execFileSync(process.execPath, ['scripts/setup.mjs'], { cwd: root, stdio: 'inherit' });
  const { look, toSvg } = await import('../dist/report/svg.js');
  const script = fileURLToPath(import.meta.url);
  const runs = [1, 2].map((count) => {
    const args = ['--expose-gc', script, '--steps', `${steps}`, '--threads', `${count}`];
    const stdio = ['ignore', 'pipe', 'inherit'];
    const samples = JSON.parse(execFileSync(process.execPath, args, { cwd: root, stdio, maxBuffer: MEBIBYTE }));
    const { faults, growth } = judge(samples);
    const { heap, resident, tensors, bytes } = samples.at(-1);
    const mebibytes = (size) => `${(size / MEBIBYTE).toFixed(1)} MiB`;
    console.log(
      `${count} thread${count > 1 ? 's' : ''}, ${steps} steps: heap ${mebibytes(heap)}, resident set ` +
        `${mebibytes(resident)} (${growth < 0 ? '' : '+'}${mebibytes(growth)} behind the first fifth), ` +
        `${tensors} tensors of ${bytes} bytes: ${faults.length > 0 ? `${faults.join(', ')} NOT FLAT` : 'flat'}`,
    );
    return { threads: count, samples, faults };
  });
  const folder = resolve(root, output);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'samples.json'), JSON.stringify(runs));
  writeFileSync(join(folder, 'soak.svg'), await chart(runs, toSvg, look));
  console.log(`chart: ${join(folder, 'soak.svg')}`);
  process.exitCode = runs.some(({ faults }) => faults.length > 0) ? 1 : 0;
}
