import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { attention, init, OutOfMemoryError } from '../../src/index.js';
import { type FusedAttentionAttributes, fusedAttentionGradKernel } from '../../src/kernels/attention.js';
import { runKernel } from '../../src/ops/runKernel.js';
import { embedding } from '../../src/ops/embedding.js';
import { linear } from '../../src/ops/linear.js';
import { Heap } from '../../src/runtime/heap.js';
import { attentionWithGradients } from '../support/attention.js';
import { normal } from '../support/normal.js';

const MB = 2 ** 20;

function thrownBy(use: () => unknown): unknown {
  try {
    use();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

/** Runs `use`, which has to fail for want of memory, and checks the message. */
function expectOutOfMemory(use: () => unknown, message: string): void {
  const error = thrownBy(() => tf.tidy(() => void use()));
  expect(error).toBeInstanceOf(OutOfMemoryError);
  expect(error).toMatchObject({ name: 'OutOfMemoryError', message: expect.stringContaining(message) as string });
  expect((error as Error).message).toMatch(
    /needs \d+ bytes, which do not fit into the heap of now \d+ bytes; it ends at 4294967296 bytes/,
  );
}

/** A tensor whose bytes no one has written, so that they take addresses, but no memory. */
function unwritten(shape: number[]): tf.Tensor {
  return tf.engine().makeTensorFromTensorInfo(Heap.of().backend.makeOutput(shape, 'float32'));
}

function sound(): unknown {
  return tf.tidy(() => {
    const x = normal([2, 3, 9, 8]);
    const product = tf.matMul(x, x, false, true).dataSync();
    return [product, attentionWithGradients({ q: x, k: x, v: x, dOut: x }, { causal: true })];
  });
}

let expected: unknown;
let memory: tf.MemoryInfo;

beforeAll(async () => {
  await init();
  expected = sound();
});

beforeEach(() => {
  memory = tf.memory();
});

// Nothing is left behind, and everything still works.
afterEach(() => {
  expect(tf.memory()).toEqual(memory);
  expect(tf.backend().numDataIds()).toBe(memory.numDataBuffers);
  expect(sound()).toEqual(expected);
});

describe('more bytes than there are addresses', () => {
  it('matMul', () => {
    expectOutOfMemory(
      () => tf.matMul(tf.ones([65536, 1]), tf.ones([1, 65536])),
      'a tensor of shape [65536, 65536] needs 17179869184 bytes',
    );
  });

  it('fused matMul', () => {
    expectOutOfMemory(
      () => tf.fused.matMul({ a: tf.ones([65536, 1]), b: tf.ones([1, 65536]), activation: 'relu' }),
      'a tensor of shape [1, 65536, 65536]',
    );
  });

  it('matMul that broadcasts', () => {
    expectOutOfMemory(
      () => tf.matMul(tf.ones([4096, 1, 64, 1]), tf.ones([1, 4096, 1, 8])),
      'a tensor of shape [4096, 4096, 64, 8]',
    );
  });

  it('unsortedSegmentSum', () => {
    expectOutOfMemory(
      () => tf.unsortedSegmentSum(tf.ones([2, 65536]), tf.tensor1d([0, 1], 'int32'), 65536),
      'a tensor of shape [65536, 65536]',
    );
  });

  it('linear, and its gradient', () => {
    expectOutOfMemory(
      () => linear(tf.ones([65536, 1]), tf.ones([1, 65536]), undefined, 'gelu'),
      'a tensor of shape [65536, 65536] needs 17179869184 bytes',
    );
    const gradient = tf.grad((x: tf.Tensor) => linear(x, tf.ones([1, 65536]), undefined, 'gelu'));
    expectOutOfMemory(() => gradient(tf.ones([65536, 1])), 'a tensor of shape [65536, 65536]');
  });

  it('embedding', () => {
    const indices = tf.zeros([65536], 'int32');
    expectOutOfMemory(() => embedding(indices, tf.ones([1, 65536])), 'a tensor of shape [65536, 65536]');
    indices.dispose();
  });

  it('attention', () => {
    expectOutOfMemory(
      () => attention(tf.ones([1, 1, 65536, 1]), tf.ones([1, 1, 1, 1]), tf.ones([1, 1, 1, 65536])),
      'a tensor of shape [1, 1, 65536, 65536] needs 17179869184 bytes',
    );
  });

  it('attention inside a gradient', () => {
    const gradient = tf.grad((q: tf.Tensor) => attention(q, tf.ones([1, 1, 1, 1]), tf.ones([1, 1, 1, 65536])));
    expectOutOfMemory(() => gradient(tf.ones([1, 1, 65536, 1])), 'a tensor of shape [1, 1, 65536, 65536]');
  });
});

// An address for each byte, but some are taken. Where free blocks lie, malloc may take one for larger than it is.
describe('more bytes than the heap has left', () => {
  /** Takes `taken` bytes and leaves `free` bytes free after them, then runs `use`. */
  function beside(taken: number, free: number, use: () => void): void {
    const tensors = [unwritten([taken / 4]), unwritten([free / 4]), unwritten([1])];
    tensors[1].dispose();
    use();
    tf.dispose(tensors);
  }

  it.each([
    [MB, MB, 2 ** 32 - MB],
    [8 * MB, MB, 2 ** 32 - 4 * MB],
    [8 * MB, 64 * MB, 2 ** 32 - 2 ** 16],
    [600 * MB, 16 * MB, 3500 * MB],
  ])('%i taken, %i free: %i', (taken, free, bytes) => {
    beside(taken, free, () => {
      const rows = bytes / 2 ** 16;
      expectOutOfMemory(
        () => tf.matMul(tf.ones([rows, 1]), tf.ones([1, 16384])),
        `a tensor of shape [${rows}, 16384] needs ${bytes} bytes`,
      );
      expectOutOfMemory(
        () => attention(tf.ones([1, 1, rows, 1]), tf.ones([1, 1, 1, 1]), tf.ones([1, 1, 1, 16384])),
        `a tensor of shape [1, 1, ${rows}, 16384] needs ${bytes} bytes`,
      );
      let ran = false;
      expectOutOfMemory(() => Heap.of().withScratch(bytes, () => (ran = true)), 'scratch of a kernel needs');
      expect(ran).toBe(false);
    });
  });
});

describe('scratch of the backward pass', () => {
  // It takes 100 bytes a key and more where D and E are 1: the second time, more than 32 bits can count.
  it.each([38, 64])('of %i million keys', (millions) => {
    const { size } = Heap.of();
    const [q, k] = [
      [1, 1, 1, 1],
      [1, 1, millions * MB, 1],
    ].map(unwritten);
    const states = unwritten([2, 1, 1, 1]);
    // The attributes of a problem that sees no key, so that none would be read.
    const spy = vi.spyOn(tf.engine(), 'runKernel');
    attention(q, q, q, { keyLengths: [0] }).dispose();
    const { runs, ...attributes } = spy.mock.lastCall![2] as unknown as FusedAttentionAttributes;
    spy.mockRestore();
    const [run] = runs;
    const problem = { ...attributes, runs: [{ ...run, sizes: { ...run.sizes, keys: millions * MB } }] };
    const inputs = { q, k, v: k, out: q, rowStates: states, dOut: q };
    expectOutOfMemory(() => runKernel(fusedAttentionGradKernel, inputs, problem), 'scratch of a kernel');
    tf.dispose([q, k, states]);
    expect(Heap.of().size - size).toBeLessThan(1024 * MB);
  });
});
