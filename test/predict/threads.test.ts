/** Predictors with threads: the same bits for any number, errors where there are none, and an end. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import * as pa from '../../src/index.js';
import { loadPredictor } from '../../src/predict/node.js';
import { load, type Platform, type PredictBuild } from '../../src/predict/load.js';
import type { Predictor } from '../../src/predict/predictor.js';
import type { PredictorOptions } from '../../src/predict/types.js';
import { nodeThreads } from '../../src/runtime/platform/nodeThreads.js';
import { Pool, ThreadError } from '../../src/runtime/pool.js';
import { noThreads, type Thread } from '../../src/runtime/thread.js';
import { random } from '../support/random.js';
import { temporaryFolder } from '../support/temporaryFolder.js';
import { savedParts } from './savedParts.js';

const folder = temporaryFolder();
const length = 30;
const source = random('threads of predictors');
const cases = Array.from({ length: 11 }, (_, index) => source.normals(3 * (length - (index % 5))));
let parts: Awaited<ReturnType<typeof savedParts>>;
const model = () =>
  pa.timeSeriesClassifier({
    ...{ channels: 3, length, width: 128, classes: 3, feedForward: 512, heads: 4, layers: 2, seed: 1 },
    attention: { batchNorm: true, headScales: [1, 1, 2, 2] },
  });

beforeAll(async () => {
  await pa.init();
  const own = model();
  parts = await savedParts(own);
  own.dispose();
});

const threads: Thread[] = [];
const predictors: Predictor[] = [];
afterEach(() => {
  for (const predictor of predictors.splice(0)) predictor.dispose();
  threads.splice(0);
});

async function start(build: PredictBuild, options: PredictorOptions): Promise<Predictor> {
  const platform: Platform = {
    kernels: async () =>
      new Uint8Array(await readFile(fileURLToPath(new URL(`../../build/predict.${build}.wasm`, import.meta.url)))),
    threads: {
      ...nodeThreads,
      startThread(...args) {
        const thread = nodeThreads.startThread(...args);
        threads.push(thread);
        return thread;
      },
    },
    resolve: (address) => new URL(address),
    read: () => Promise.reject(new Error('nothing is read')),
  };
  const predictor = await load<'classification'>(platform, parts, options);
  predictors.push(predictor);
  return predictor;
}

const probabilities = (predictor: Predictor) => predictor.predict(cases).map((one) => [...one.probabilities]);

describe.each(['simd', 'relaxed'] as const)('build %s', (build) => {
  it.each(['float32', 'int8'] as const)('%s: the same bits for any number of threads', async (precision) => {
    const alone = await start(build, { precision, batchSize: 8 });
    const expected = probabilities(alone);
    const run = vi.spyOn(Pool.prototype, 'run');
    for (const count of [2, 3]) {
      threads.splice(0);
      const predictor = await start(build, { precision, batchSize: 8, threads: count });
      expect(threads.length).toBe(count - 1);
      expect(predictor.info.threads).toBe(count);
      for (let time = 0; time < 3; time++) expect(probabilities(predictor)).toEqual(expected);
    }
    // Steps of several tasks there are.
    expect(run.mock.calls.length).toBeGreaterThan(20);
  });
});

it('the same bits where threads share heads, and one thread has them to itself', async () => {
  const options = { vocabulary: 5, length: 300, classes: 3, width: 16, heads: 2, seed: 1 };
  const tokens = Array.from({ length: 300 }, (_, position) => (position * position) % 5);
  for (const attention of [{ causal: true }, { batchNorm: true }, { headScales: [1, 3] }]) {
    const own = pa.tokenClassifier({ ...options, attention });
    const long = await savedParts(own);
    own.dispose();
    const say = async (threads: number) => {
      const predictor = await loadPredictor(long, { threads });
      const said = [tokens, tokens.slice(0, 130)].map((one) => [...predictor.predict([one])[0].probabilities]);
      predictor.dispose();
      return said;
    };
    expect(await say(2)).toEqual(await say(1));
  }
});

it('dispose ends the threads', async () => {
  const predictor = await start('simd', { threads: 3 });
  expect(threads.map((thread) => thread.alive(0))).toEqual([true, true]);
  predictor.dispose();
  await vi.waitFor(() => expect(threads.map((thread) => thread.alive(0))).toEqual([false, false]), 10_000);
});

it('a thread that dies is an error that says what to do', async () => {
  const predictor = await start('simd', { threads: 2, batchSize: 8 });
  await threads[0].terminate();
  await vi.waitFor(() => expect(() => predictor.predict(cases)).toThrow(ThreadError), 10_000);
  expect(() => predictor.predict(cases)).toThrow('loadPredictor starts new ones');
});

it('where there are none, it says why', async () => {
  const module = new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
  await expect(start('simd', { threads: 2, module })).rejects.toThrow(
    'loadPredictor: threads was 2; only one can be had here, since options.module has a memory that threads cannot share',
  );
  const edge: Platform = {
    ...{ kernels: () => Promise.resolve(module), threads: noThreads, resolve: (address) => new URL(address) },
    read: () => Promise.reject(new Error('nothing is read')),
  };
  await expect(load(edge, parts, { threads: 2 })).rejects.toThrow(
    'loadPredictor: threads was 2; only one can be had here, since an edge runtime has none',
  );
});

it('a process with threads that are not disposed ends by itself', async () => {
  const own = model();
  await pa.save(own, folder);
  own.dispose();
  const script = `
    import { loadPredictor } from ${JSON.stringify(new URL('../../dist/predict/node.js', import.meta.url).href)};
    const predictor = await loadPredictor(${JSON.stringify(folder)}, { threads: 2, batchSize: 8 });
    const cases = Array.from({ length: 8 }, () => new Float32Array(90));
    console.log(predictor.info.threads, predictor.predict(cases).length);`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
    timeout: 60_000,
  });
  expect(stdout).toBe('2 8\n');
});
