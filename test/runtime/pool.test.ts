/** The pool by itself: traps and deaths in the middle of a task, and starts that fail. */
import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { init } from '../../src/index.js';
import { compileBuild, type TaskName } from '../../src/runtime/builds.js';
import { tasks } from '../../src/runtime/generated/bindings.js';
import { Heap } from '../../src/runtime/heap.js';
import { nodeThreads } from '../../src/runtime/platform/nodeThreads.js';
import { Pool, ThreadError } from '../../src/runtime/pool.js';
import { withProblem } from '../../src/runtime/problem.js';

const taskNames = Object.keys(tasks);

const SCRATCH = 2 ** 20;
/** 64 tasks of gelu. */
const ZEROS = 2 ** 22;
const number = (name: TaskName) => taskNames.indexOf(name);

let heap: Heap;
/** Of the test that runs. */
let pool: Pool;
let workers: Worker[];

beforeAll(async () => {
  await init({ threads: 2 });
  heap = Heap.of();
});

async function start(size: number, module?: WebAssembly.Module): Promise<void> {
  workers = [];
  const remember = (worker: Worker) => workers.push(worker);
  process.on('worker', remember);
  try {
    pool = await Pool.start(
      { heap, platform: nodeThreads, remedy: 'await init() starts new threads' },
      module ?? (await compileBuild('simd-shared')),
      taskNames,
      size,
    );
  } finally {
    process.off('worker', remember);
  }
}

afterEach(() => pool?.stop());

const sleep = (milliseconds: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);

/** Runs `use` with scratch for all threads, and zeros after it: other numbers might take long to multiply. */
function withRoom(use: (scratch: number, zeros: number) => void): void {
  heap.withScratch(pool.size * SCRATCH + ZEROS, (scratch) => {
    const zeros = scratch + pool.size * SCRATCH;
    heap.uint8(zeros, ZEROS).fill(0);
    use(scratch, zeros);
  });
}

/** Runs `count` tasks of gelu over x at `address`; this thread's share is `own`. */
function runGelu(address: number, count: number, own: () => void): void {
  withRoom((scratch, out) => {
    const values = { x: address || out, out, count: count * 2 ** 14, approximate: 0 };
    withProblem(heap, 'GeluProblem', values, (problem) => {
      pool.run(number('gelu'), own, problem.address, count, scratch, SCRATCH);
    });
  });
}

/** Runs products of `depth` terms, all the same few zeros, a task each. */
function runProducts(depth: number, batch: number, own: () => void): void {
  withRoom((scratch, a) => {
    const offsets = new Array<number>(batch).fill(0);
    const strides = { aRow: 0, aTerm: 0, bTerm: 0, bColumn: 0 };
    const values = {
      ...{ a, b: a, c: a + ZEROS / 2, aOffsets: offsets, bOffsets: offsets, batch, rows: 64, columns: 64, depth },
      ...{ ...strides, activation: 0, alpha: 0 },
    };
    withProblem(heap, 'ProductProblem', values, (problem) => {
      pool.run(number('product'), own, problem.address, batch, scratch, SCRATCH);
    });
  });
}

const MINUTES = 2 ** 30;
/** Milliseconds: a second on a machine that is free, and more on one that is busy; without notice it would be 20 seconds. */
const SOON = 5000;

/** Milliseconds until `work` throws a ThreadError with this message. */
function timeToError(message: string, work: () => void): number {
  const begin = performance.now();
  expect(work).toThrow(new ThreadError(`${message}; await init() starts new threads`));
  return performance.now() - begin;
}

describe('a trap', () => {
  it('on a worker is an error', async () => {
    await start(2);
    const outside = 0xf000_0000 | 0;
    expect(timeToError('thread 1 failed in a kernel', () => runGelu(outside, 200, () => sleep(20)))).toBeLessThan(SOON);
    expect(pool.broken).toBe(true);
    expect(() => pool.check()).toThrow(ThreadError);
    expect(() => runGelu(0, 4, () => undefined)).toThrow('thread 1 failed in a kernel');
  });

  it('on the calling thread is that error, and the pool goes on', async () => {
    await start(2);
    const trap = new WebAssembly.RuntimeError('unreachable');
    const fail = () => {
      throw trap;
    };
    // Of tasks that take long, the other thread cannot have done all.
    expect(() => runProducts(2 ** 20, 12, fail)).toThrow(trap);
    runProducts(2 ** 10, 12, () => undefined);
    expect(pool.broken).toBe(false);
  });
});

describe('a thread that ends in the middle of a task', () => {
  it.each([2, 4])('is an error soon, of %i', async (size) => {
    await start(size);
    const kill = () => {
      sleep(100);
      void workers[0].terminate();
    };
    expect(timeToError('thread 1 died', () => runProducts(MINUTES, size, kill))).toBeLessThan(SOON);
    // None of the others works on over memory that is given back.
    for (const worker of workers) if (worker.threadId !== -1) await once(worker, 'exit');
  });

  it('is an error while the calling thread has tasks left', async () => {
    await start(2);
    let own = 0;
    const work = () => {
      if (own++ === 0) void workers[0].terminate();
      sleep(100);
    };
    expect(timeToError('thread 1 died', () => runGelu(0, 64, work))).toBeLessThan(SOON);
    expect(own).toBeLessThan(SOON / 100);
  });
});

it('waits for a thread that takes long, as long as it takes', async () => {
  await start(2);
  const begin = performance.now();
  runProducts(2 ** 23, 12, () => sleep(50));
  expect(performance.now() - begin).toBeGreaterThan(500);
  expect(pool.broken).toBe(false);
});

describe('a start that fails', () => {
  it('is an error, and leaves no thread behind', async () => {
    const other = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 2, 7, 1, 1, 97, 1, 98, 0, 0);
    await expect(start(3, new WebAssembly.Module(other))).rejects.toThrow(
      /^thread [12] died: .*Import.*; await init\(\)/,
    );
    expect(workers).toHaveLength(2);
    for (const { threadId } of workers) expect(threadId).toBe(-1);
  });
});
