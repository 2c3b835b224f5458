import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import * as tf from '@tensorflow/tfjs-core';
import { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { attention, info, init, type InitOptions } from '../../src/index.js';
import { Heap } from '../../src/runtime/heap.js';
import { platform } from '../../src/runtime/platform/node.js';
import { Pool, ThreadError } from '../../src/runtime/pool.js';
import { attentionWithGradients, maxError } from '../support/attention.js';
import { normal } from '../support/normal.js';

const accelerated = ['BatchMatMul', '_FusedMatMul', 'Identity', 'UnsortedSegmentSum'];
const kernels = () => accelerated.map((name) => tf.getKernel(name, 'wasm')?.kernelFunc);
const theirs = kernels();

/** What the heap that init chooses here adds to a build's name. */
const suffix = availableParallelism() > 1 ? '-shared' : '';

/** Results of every kernel; the tensors are new at each call, since a removed backend takes its own with it. */
function results(): Float32Array[] {
  return tf.tidy(() => {
    const x = normal([2, 2, 9, 8]);
    const { out, dq, dk, dv } = attentionWithGradients({ q: x, k: tf.clone(x), v: tf.clone(x), dOut: x }, {});
    const a = tf.reshape(x, [36, 8]);
    const products = [tf.matMul(x, x, true), tf.fused.matMul({ a, b: tf.transpose(a), activation: 'relu' })];
    return [out, dq, dk, dv, ...products.map((product) => product.dataSync() as Float32Array)];
  });
}

function expectSame(actual: Float32Array[], expected: Float32Array[]): void {
  for (const [index, values] of actual.entries()) expect(maxError(values, expected[index])).toBeLessThan(1e-5);
}

/** As `expectSame`, of gather's gradient too, which only acceleration has. */
function expectAllWork(): void {
  expectSame(results(), expected);
  const gradient = tf.grad((x: tf.Tensor) => tf.gather(x, tf.tensor1d([1, 1], 'int32')));
  expect(gradient(tf.ones([3, 2])).dataSync()).toEqual(Float32Array.of(0, 0, 2, 2, 0, 0));
}

let expected: Float32Array[];

// Only here is nothing running yet.
describe('before init', () => {
  it('info says what to do', () => {
    expect(() => info()).toThrow('info: nothing is running yet; await init() first');
  });

  it.each<[string, unknown]>([
    ["threads was 0; it must be a positive integer or 'auto'", { threads: 0 }],
    ["threads was 1.5; it must be a positive integer or 'auto'", { threads: 1.5 }],
    ["threads was many; it must be a positive integer or 'auto'", { threads: 'many' }],
    ['relaxedSimd was yes; it must be true, false, auto', { relaxedSimd: 'yes' }],
    ['wide was 1; it must be true, false, auto', { wide: 1 }],
    ...(platform.whyNotWide() === undefined
      ? []
      : [['wide was true; it cannot be had here: it needs', { wide: true }] as [string, unknown]]),
    ['wide was true and relaxedSimd false; wide needs relaxed SIMD', { wide: true, relaxedSimd: false }],
    ['acceleration was null; it must be true, false', { acceleration: null }],
    ["unknown option 'thread'; the options are threads, relaxedSimd, wide, acceleration", { thread: 1 }],
    ['options was null; it must be an object', null],
  ])('init rejects: %s', async (message, options) => {
    await expect(init(options as InitOptions)).rejects.toThrow(`init: ${message}`);
    expect(() => info()).toThrow('nothing is running yet');
    expect(kernels()).toEqual(theirs);
  });
});

describe('init', () => {
  beforeAll(async () => {
    await init();
    expected = results();
  });

  afterEach(async () => {
    vi.restoreAllMocks();
    await init();
  });

  it('says what is running, and info repeats it', async () => {
    const running = await init();
    const threads = availableParallelism();
    const sharedMemory = threads > 1;
    const build = `relaxed${suffix}`;
    expect(running).toEqual({
      ...{ simd: true, relaxedSimd: true, wide: false, threads, sharedMemory, build },
      tfjs: '4.22.0',
      kernels: expect.arrayContaining(['FusedAttention', 'FusedAttentionGrad', ...accelerated]) as string[],
      cpuKernels: expect.arrayContaining(['Complex', 'FFT']) as string[],
      cpuCalls: {},
      notes: [],
    });
    expect(info()).toEqual(running);
    for (const name of running.kernels) expect(tf.getKernel(name, 'wasm'), name).toBeDefined();
    running.kernels.length = 0;
    expect(info().kernels).not.toEqual([]);
    expect(tf.getBackend()).toBe('wasm');
    expectAllWork();
  });

  it('may be called again, on the same heap and without a warning', async () => {
    const warn = vi.spyOn(console, 'warn');
    const { memory } = Heap.of();
    const running = info();
    const bound = kernels();
    expect(await init()).toEqual(running);
    expect(await Promise.all([init(), init()])).toEqual([running, running]);
    expect(Heap.of().memory).toBe(memory);
    expect(kernels()).toEqual(bound);
    expect(warn).not.toHaveBeenCalled();
    expectAllWork();
  });

  it('switches between the builds', async () => {
    const simd = await init({ relaxedSimd: false });
    expect(simd).toMatchObject({ build: `simd${suffix}`, relaxedSimd: false });
    expect(simd.notes).toContain('relaxedSimd: switched off by the caller');
    const separate = results();
    expectAllWork();
    expect(await init({ relaxedSimd: true })).toMatchObject({ build: `relaxed${suffix}`, relaxedSimd: true });
    // Fused multiply-add rounds once instead of twice.
    expect(results()).not.toEqual(separate);
    expect(results()).toEqual(expected);
  });

  it.runIf(platform.whyNotWide() === undefined)('has vectors of 256 bits, on one thread and on two', async () => {
    expect(await init({ wide: true })).toMatchObject({ wide: true, relaxedSimd: true });
    expect(info().build).toBe(info().sharedMemory ? 'wide-shared' : 'wide');
    expectAllWork();
    expect(await init()).toMatchObject({ wide: false });
  });

  it.runIf(platform.whyNotWide() === undefined)(
    'has them with wide: auto, also on the heap that threads have shared',
    async () => {
      expect(await init({ wide: 'auto', threads: 2 })).toMatchObject({ build: 'wide-shared', notes: [] });
      expect(await init({ wide: 'auto', threads: 1 })).toMatchObject({ build: 'wide-shared', threads: 1, notes: [] });
      expectAllWork();
    },
  );

  it.runIf(platform.whyNotWide() !== undefined)('says with wide: auto why it has narrow vectors', async () => {
    const running = await init({ wide: 'auto' });
    expect(running).toMatchObject({ wide: false, build: `relaxed${suffix}` });
    expect(running.notes).toEqual([`wide: ${platform.whyNotWide()}`]);
    expectAllWork();
  });

  it('has narrow vectors with wide: auto and without relaxed SIMD', async () => {
    const running = await init({ wide: 'auto', relaxedSimd: false });
    expect(running).toMatchObject({ wide: false, build: `simd${suffix}` });
    expect(running.notes).toEqual(['relaxedSimd: switched off by the caller', 'wide: it needs relaxed SIMD']);
  });

  it("gives tfjs's kernels back without acceleration, and ours with it", async () => {
    const ours = kernels();
    const plain = await init({ acceleration: false });
    expect(plain.kernels).toContain('FusedAttention');
    expect(plain.kernels.filter((name) => accelerated.includes(name))).toEqual([]);
    expect(plain.notes).toContain('acceleration: switched off by the caller');
    expect(kernels()).toEqual(theirs);
    expectSame(results(), expected);
    await init();
    expect(kernels()).toEqual(ours);
    for (const [index, kernel] of ours.entries()) expect(kernel).not.toBe(theirs[index]);
    expectAllWork();
  });
});

describe('given modules', () => {
  const compile = async (path: string) =>
    new WebAssembly.Module(await readFile(new URL(`../../${path}`, import.meta.url)));
  const kernelsOf = (build: string) => compile(`src/runtime/generated/kernels.${build}.wasm`);
  const tfjs = () => compile('node_modules/@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-simd.wasm');

  afterEach(async () => {
    await init({ modules: {} });
  });

  it.each(['simd', 'relaxed'])('of the build %s compute, where nothing else can be compiled', async (build) => {
    const modules = { kernels: await kernelsOf(build), tfjs: await tfjs() };
    tf.removeBackend('wasm');
    const compilers = (['compile', 'Module'] as const).map((name) =>
      vi.spyOn(WebAssembly, name).mockImplementation(() => {
        throw new Error('Wasm code generation disallowed by embedder');
      }),
    );
    try {
      expect(await init({ modules })).toMatchObject({
        ...{ build, relaxedSimd: build === 'relaxed', threads: 1, sharedMemory: false },
        notes: expect.arrayContaining(['threads: 1, since the given modules are for one']) as string[],
      });
      // A later call need not give them again.
      expect(await init()).toMatchObject({ build });
      expectAllWork();
    } finally {
      for (const compiler of compilers) compiler.mockRestore();
    }
  });

  it('must be what they are called', async () => {
    const [kernels, ofTfjs] = [await kernelsOf('simd'), await tfjs()];
    const fails = async (options: object, message: string) => {
      await expect(init(options as InitOptions)).rejects.toThrow(`init: ${message}`);
    };
    await fails({ modules: { kernel: kernels } }, "modules: unknown option 'kernel'");
    await fails({ modules: { kernels: 1 } }, 'modules.kernels was 1; it must be a WebAssembly.Module');
    await fails({ modules: { kernels: ofTfjs } }, 'modules.kernels was another WebAssembly.Module; it must be');
    await fails({ modules: { tfjs: kernels } }, 'modules.tfjs was another WebAssembly.Module; it must be');
    await fails({ modules: { kernels }, threads: 2 }, 'threads was 2; only one can be had here, since the given');
    await fails(
      { modules: { kernels }, relaxedSimd: true },
      "relaxedSimd was true, and modules.kernels the build 'simd'",
    );
  });
});

it('goes on with one thread where others cannot start, and says so', async () => {
  const start = vi.spyOn(Pool, 'start').mockRejectedValue(new ThreadError('no thread'));
  await init({ threads: 1 });
  const { threads, notes } = await init();
  if (availableParallelism() > 1)
    expect({ threads, notes }).toEqual({ threads: 1, notes: ['threads: 1, since no thread'] });
  start.mockRestore();
  await init();
});

describe('a new heap', () => {
  afterEach(async () => {
    await init();
  });

  it('after tf.removeBackend, by init', async () => {
    const { memory } = Heap.of();
    tf.removeBackend('wasm');
    expect(() => attention(undefined as never, undefined as never, undefined as never)).toThrow('await init()');
    expect(() => info()).toThrow(
      "info: tfjs's 'wasm' backend was removed since init brought it up; await init() again",
    );
    await init();
    expect(info().kernels).toContain('FusedAttention');
    expect(Heap.of().memory).not.toBe(memory);
    expectAllWork();
  });

  it("after tf.removeBackend, for tfjs's own kernels too", async () => {
    tf.removeBackend('wasm');
    await init();
    await init({ acceleration: false });
    expect(kernels()).toEqual(theirs);
    expectSame(results(), expected);
  });

  it("by the user's own registration, without init", async () => {
    const { memory, backend } = Heap.of();
    const factory = tf.findBackendFactory('wasm');
    tf.removeBackend('wasm');
    tf.registerBackend('wasm', factory, 2);
    await tf.setBackend('wasm');
    expect(tf.backend()).toBeInstanceOf(BackendWasm);
    expect(tf.backend()).not.toBe(backend);
    expect(Heap.of().memory).not.toBe(memory);
    // Nobody chose what computes here: what every machine has does, and info does not speak of another heap.
    expect(Heap.of()).toMatchObject({ build: 'simd-shared', threads: 1 });
    expect(() => info()).toThrow('await init() again');
    expectAllWork();
    await init();
    expectAllWork();
  });

  it('is not taken for the old one, build by build', async () => {
    tf.removeBackend('wasm');
    await init({ relaxedSimd: false });
    const separate = results();
    tf.removeBackend('wasm');
    await init();
    expect(results()).toEqual(expected);
    await init({ relaxedSimd: false });
    expect(results()).toEqual(separate);
  });
});

describe('heap growth', () => {
  it('between calls leaves the kernels working', () => {
    const { buffer } = Heap.of().memory;
    const grown: tf.Tensor[] = [];
    while (Heap.of().memory.buffer === buffer) grown.push(tf.zeros([1024, 1024]));
    expectAllWork();
    expect(results()).toEqual(expected);
    tf.dispose(grown);
    expect(results()).toEqual(expected);
  });

  it('within a call, for outputs and scratch, too', () => {
    const [rows, depth] = [700, 700];
    const a = normal([rows, depth]);
    const row = tf.matMul(tf.slice(a, 0, 1), a, false, true).dataSync();
    // More at each turn, so that it has to grow again and again.
    for (let copies = 1, buffer = Heap.of().memory.buffer, growths = 0; growths < 3; copies++) {
      const product = tf.matMul(tf.tile(a, [copies, 1]), a, false, true);
      expect(maxError(tf.slice(product, rows * (copies - 1), 1).dataSync(), row)).toBeLessThan(1e-4);
      if (Heap.of().memory.buffer !== buffer) growths++;
      ({ buffer } = Heap.of().memory);
    }
  });
});
