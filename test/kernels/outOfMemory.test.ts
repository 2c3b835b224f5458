/** Every kernel on a heap that is full, from each of its allocations on: an error, nothing changed, and the next call works. */
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { init, OutOfMemoryError } from '../../src/index.js';
import { Heap } from '../../src/runtime/heap.js';
import { kernelCalls, recordKernels } from '../fuzz/calls/kernelCalls.js';
import { random } from '../support/random.js';

/** Runs `use` while malloc gives nothing from its call `first` on. */
function whenFull<T>(first: number, use: () => T): T {
  const heap = Heap.of();
  const { findRoom } = heap as unknown as { findRoom: (bytes: number) => number };
  let calls = 0;
  const full = (bytes: number) => (calls++ < first ? findRoom(bytes) : 0);
  Object.assign(heap, { findRoom: full });
  try {
    return use();
  } finally {
    Object.assign(heap, { findRoom });
  }
}

const numbersOf = (value: unknown): unknown =>
  value instanceof tf.Tensor
    ? [...(value as tf.Tensor).dataSync()]
    : Array.isArray(value)
      ? value.map(numbersOf)
      : value instanceof Error
        ? value
        : Object.values(value as object).map(numbersOf);

/** Allocations of a call at most. */
const MOST = 60;

describe.each([1, 2])('with %i threads', (threads) => {
  let calls: ReturnType<typeof kernelCalls>;

  beforeAll(async () => {
    await init({ threads });
    calls = kernelCalls(await recordKernels());
  });
  afterAll(async () => {
    await init();
  });

  it('every kernel', { timeout: 300_000 }, () => {
    const counts: Record<string, number> = {};
    for (const [name, make] of Object.entries(calls)) {
      for (let seed = 0; seed < 3; seed++) {
        tf.engine().startScope();
        const fresh = () =>
          make(random(`${name} ${seed}`)) as { args: unknown[]; run: (...args: unknown[]) => unknown };
        const plain = fresh();
        const expected = numbersOf(plain.run(...plain.args));
        const { args, run } = fresh();
        const inputs = numbersOf(args[0]);
        const memory = tf.memory();
        let failures = 0;
        for (; failures < MOST; failures++) {
          let result: unknown;
          try {
            result = whenFull(failures, () => run(...args));
          } catch (error) {
            expect(error, name).toBeInstanceOf(OutOfMemoryError);
            expect((error as Error).message, name).toMatch(
              /^out of memory: .* needs \d+ bytes, .* heap of now \d+ bytes/,
            );
            expect(tf.memory(), name).toEqual(memory);
            expect(numbersOf(args[0]), name).toEqual(inputs);
            continue;
          }
          expect(numbersOf(result), name).toEqual(expected);
          break;
        }
        expect(failures, name).toBeLessThan(MOST);
        counts[name] = (counts[name] ?? 0) + failures;
        tf.engine().endScope();
      }
    }
    // Those that give their input's data once more take no memory.
    const none = Object.keys(counts).filter((name) => counts[name] === 0);
    expect(none).toEqual(['kernel Identity', 'kernel Cast']);
  });
});

it("tfjs's own kernels, and tensors that are made", async () => {
  await init();
  tf.tidy(() => {
    const x = tf.ones([8, 8]);
    const memory = tf.memory();
    for (const use of [() => tf.exp(x), () => tf.concat([x, x]), () => tf.tensor(new Float32Array(64), [8, 8])]) {
      expect(() => whenFull(0, use)).toThrow(OutOfMemoryError);
      expect(tf.memory()).toEqual(memory);
    }
    expect(tf.exp(x).dataSync()[63]).toBeCloseTo(Math.E, 5);
  });
});
