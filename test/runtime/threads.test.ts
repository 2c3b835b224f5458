/** Threads through `init`: same bits, heaps that change, errors when a thread dies, and back again. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { info, init, ThreadError } from '../../src/index.js';
import type { TaskName } from '../../src/runtime/builds.js';
import { tasks } from '../../src/runtime/generated/bindings.js';
import { Heap } from '../../src/runtime/heap.js';
import { Pool } from '../../src/runtime/pool.js';
import { taskProblems, values } from '../support/taskProblems.js';

const taskNames = Object.keys(tasks) as TaskName[];

/** The bits of all results of a kernel. */
function bits(name: TaskName): string {
  const hash = createHash('sha256');
  tf.tidy(() => taskProblems[name]().forEach((result) => hash.update(result.dataSync())));
  return hash.digest('hex');
}

const allBits = () => taskNames.map((name) => [name, bits(name)]);

/** Worker threads, as they are started. */
const workers: Worker[] = [];
const remember = (worker: Worker) => workers.push(worker);

beforeAll(() => void process.on('worker', remember));
afterAll(async () => {
  process.off('worker', remember);
  await init();
});

const instructionSets = [{ relaxedSimd: false }, {}];

describe.each(instructionSets)('results, with %o,', (options) => {
  it('are the same bits for every number of threads, on a heap of each kind', async () => {
    tf.removeBackend('wasm');
    expect(await init({ ...options, threads: 1 })).toMatchObject({ threads: 1, sharedMemory: false });
    const expected = allBits();
    for (const threads of [2, 3, 1]) {
      expect(await init({ ...options, threads })).toMatchObject({ threads, sharedMemory: true });
      expect(info().build).toMatch(/-shared$/);
      for (let round = 0; round < 3; round++) expect(allBits()).toEqual(expected);
    }
  });
});

it.each(taskNames)('%s runs as several tasks on the threads', async (name) => {
  await init({ threads: 2 });
  const run = vi.spyOn(Pool.prototype, 'run');
  bits(name);
  const counts = run.mock.calls.filter(([task]) => task === taskNames.indexOf(name)).map(([, , , count]) => count);
  run.mockRestore();
  expect(counts).not.toEqual([]);
  for (const count of counts) expect(count).toBeGreaterThan(1);
});

describe('init', () => {
  it('takes all cores by default', async () => {
    expect(await init()).toMatchObject({ threads: availableParallelism(), notes: [] });
  });

  it('moves to a shared heap, tensors and variables with it, and stays there', async () => {
    tf.removeBackend('wasm');
    await init({ threads: 1 });
    const before = Heap.of();
    const x = values(40, 40);
    const variable = tf.variable(values(40, 40));
    const unused = values(3, 3);
    const expected = tf.matMul(x, variable).dataSync();
    const tensors = tf.memory().numTensors;
    await init({ threads: 2 });
    const after = Heap.of();
    expect(after.memory).not.toBe(before.memory);
    expect(tf.matMul(x, variable).dataSync()).toEqual(expected);
    variable.assign(tf.add(variable, variable));
    expect(tf.matMul(x, variable).dataSync()).toEqual(expected.map((value) => 2 * value));
    unused.dispose();
    await init({ threads: 1 });
    expect(info()).toMatchObject({ threads: 1, sharedMemory: true });
    expect(Heap.of()).toBe(after);
    expect(tf.matMul(x, variable).dataSync()).toEqual(expected.map((value) => 2 * value));
    expect(tf.memory().numTensors).toBe(tensors + 3);
  });

  it('keeps its threads where nothing changes', async () => {
    await init({ threads: 2 });
    const start = vi.spyOn(Pool, 'start');
    await init({ threads: 2 });
    await init({ threads: 2, acceleration: false });
    expect(start).not.toHaveBeenCalled();
    await init({ threads: 2, relaxedSimd: false });
    expect(start).toHaveBeenCalledOnce();
    start.mockRestore();
  });

  it('may be called before an earlier call is done: the last one holds', async () => {
    await init({ threads: 1 });
    workers.length = 0;
    const counts = [2, 1, 3, 2];
    const infos = await Promise.all(counts.map((threads) => init({ threads })));
    expect(infos.map(({ threads }) => threads)).toEqual(counts);
    expect(info().threads).toBe(2);
    expect(workers).toHaveLength(1 + 2 + 1);
    expect(workers.filter(({ threadId }) => threadId !== -1)).toHaveLength(1);
  });

  it('works after a call that failed', async () => {
    const start = vi.spyOn(Pool, 'start').mockRejectedValueOnce(new ThreadError('no thread'));
    await init({ threads: 1 });
    const [failed, done] = await Promise.allSettled([init({ threads: 3 }), init({ threads: 2 })]);
    expect(failed).toMatchObject({ status: 'rejected', reason: { message: 'no thread' } });
    expect(done).toMatchObject({ status: 'fulfilled', value: { threads: 2 } });
    start.mockRejectedValueOnce(new ThreadError('no thread'));
    await expect(init({ threads: 3 })).rejects.toThrow('no thread');
    start.mockRestore();
    expect(() => info()).toThrow('nothing is running yet');
    expect(allBits()).toHaveLength(taskNames.length);
  });
});

it('threads keep working while the heap grows', async () => {
  await init({ threads: 2 });
  const expected = allBits();
  const grown: tf.Tensor[] = [];
  for (let growths = 0; growths < 3; growths++) {
    const { size } = Heap.of();
    while (Heap.of().size === size) grown.push(tf.zeros([512, 1024]));
    // These lie on the new part.
    expect(allBits()).toEqual(expected);
  }
  tf.dispose(grown);
});

it('threads end with the backend', async () => {
  await init({ threads: 1 });
  workers.length = 0;
  await init({ threads: 3 });
  const ends = workers.map((worker) => once(worker, 'exit'));
  expect(ends).toHaveLength(2);
  tf.removeBackend('wasm');
  await Promise.all(ends);
  await init({ threads: 2 });
  expect(allBits()).toHaveLength(taskNames.length);
});

describe('a thread that dies', () => {
  /** Starts new threads, and returns the first one. */
  async function startThreads(threads: number): Promise<Worker> {
    await init({ threads: 1 });
    workers.length = 0;
    await init({ threads });
    return workers[0];
  }

  it('is an error at the next kernel, of whatever size, until init starts others', async () => {
    const worker = await startThreads(3);
    const small = values(2, 2);
    const expected = allBits();
    await worker.terminate();
    const message = 'thread 1 died: it ended with exit code 1; await init() starts new threads';
    for (let turn = 0; turn < 2; turn++) {
      expect(() => tf.matMul(small, small)).toThrow(new ThreadError(message));
      for (const name of taskNames) expect(() => bits(name), name).toThrow(ThreadError);
    }
    await init({ threads: 3 });
    expect(allBits()).toEqual(expected);
  });

  it('is an error within a second where nothing gives way to events', async () => {
    const worker = await startThreads(2);
    const [a, b] = [values(300, 300), values(300, 300)];
    const begin = performance.now();
    void worker.terminate();
    const work = () => {
      while (performance.now() < begin + 5000) tf.dispose(tf.matMul(a, b));
    };
    expect(work).toThrow(new ThreadError('thread 1 died; await init() starts new threads'));
    expect(performance.now() - begin).toBeLessThan(1000);
    await init({ threads: 2 });
    expect(tf.matMul(a, b).dataSync()).toHaveLength(300 * 300);
  });

  it('leaves nothing behind on the heap', async () => {
    const worker = await startThreads(2);
    const a = values(300, 300);
    await worker.terminate();
    const { numTensors, numBytes } = tf.memory();
    expect(() => tf.matMul(a, a)).toThrow(ThreadError);
    expect(tf.memory()).toMatchObject({ numTensors, numBytes });
  });
});
