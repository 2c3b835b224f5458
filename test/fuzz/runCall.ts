// One call of the fuzzer: on a heap with guards, under each of its patterns.

import * as tf from '@tensorflow/tfjs-core';
import { vi } from 'vitest';
import { GuardedHeap, patterns } from '../support/guardedHeap.js';
import { random, type Random } from '../support/random.js';
import { mutate } from './mutate.js';

/** A call as its generator makes it. */
export interface Call {
  /** Plain arrays and objects, of which any part may be replaced. */
  args: unknown[];
  run: (...args: never[]) => unknown;
  /** It must succeed and give finite numbers. Default: or fail with a clean error. */
  legal?: boolean;
  /** Not the same twice: it reads a clock, or files. */
  varies?: boolean;
}

export type Generator = (rng: Random) => Call;

/** A share of the calls stays as it is made. */
const UNCHANGED = 0.3;

/** Milliseconds that no call of the fuzzer's sizes takes, on a machine that is busy too. */
const LONGEST_MS = 20_000;

interface Outcome {
  what: string;
  /** All numbers of the results, or the error. */
  numbers: unknown[];
  error?: unknown;
  legal: boolean;
  varies: boolean;
}

/** Numbers, strings and tensors in a result, in their order. */
function collect(value: unknown, into: unknown[], seen = new Set<unknown>()): void {
  if (typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean') into.push(value);
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  seen.add(value);
  if (value instanceof tf.Tensor) {
    const tensor = value as tf.Tensor;
    if (tensor.isDisposed || tensor.size > 2 ** 22) return;
    into.push(tensor.shape.join());
    if (tensor.dtype !== 'complex64') for (const number of tensor.dataSync()) into.push(number);
  } else if (ArrayBuffer.isView(value)) for (const number of value as unknown as number[]) into.push(number);
  else if (Array.isArray(value)) for (const part of value) collect(part, into, seen);
  else if (Object.getPrototypeOf(value) === Object.prototype) {
    for (const part of Object.values(value)) collect(part, into, seen);
  }
}

/** What is wrong with an error; undefined if it is one of ours or of tfjs, in words. */
export function faultOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return `what was thrown is no Error: ${String(error)}`;
  const { name, message, stack = '' } = error;
  // How tfjs's own functions read what is no tensor, before any kernel.
  if (/^\s+at (?:convertToTensor|inferDtype) /m.test(stack)) return undefined;
  const internal = [TypeError, RangeError, ReferenceError, SyntaxError, WebAssembly.RuntimeError].some(
    (kind) => error instanceof kind,
  );
  const vague = /Cannot read|is not a function|is not iterable|is not defined|out of bounds|unreachable|\[object /;
  if (!internal && !vague.test(message) && message.length > 10) return undefined;
  return `${name}: ${message} ${stack.split('\n').slice(1, 5).join(' ').replaceAll(/\s+/g, ' ')}`;
}

async function attempt(make: Generator, seed: string): Promise<Outcome> {
  const rng = random(seed);
  const unseeded = random(`${seed} Math.random`);
  const call = make(rng);
  const changed = !rng.chance(UNCHANGED);
  const what = changed ? mutate(rng, call.args) : 'as it is made';
  const outcome: Outcome = { what, numbers: [], legal: !changed && call.legal === true, varies: call.varies === true };
  const spy = vi.spyOn(Math, 'random').mockImplementation(() => unseeded.next());
  try {
    collect(await (call.run as (...args: unknown[]) => unknown)(...call.args), outcome.numbers);
  } catch (error) {
    outcome.error = error;
    outcome.numbers.push(error instanceof Error ? error.message : String(error));
  } finally {
    spy.mockRestore();
  }
  return outcome;
}

const state = () => ({ ...tf.memory(), dataIds: tf.backend().numDataIds() });

const sameNumbers = (a: unknown[], b: unknown[]) => a.length === b.length && a.every((x, i) => Object.is(x, b[i]));

/**
 * Makes the call `seed` under each pattern of the guards, and a call whose result is known behind each.
 *
 * @returns a line for each thing that is wrong
 */
export async function runCall(
  name: string,
  make: Generator,
  seed: number,
  heap: GuardedHeap,
  sentinel: () => string | undefined,
): Promise<string[]> {
  const faults: string[] = [];
  let first: Outcome | undefined;
  for (const pattern of patterns) {
    heap.pattern = pattern;
    const before = state();
    const blocks = heap.count;
    const variables = new Set(Object.keys(tf.engine().registeredVariables));
    const begin = performance.now();
    tf.engine().startScope();
    const outcome = await attempt(make, `${name} ${seed}`);
    tf.engine().endScope();
    for (const [id, variable] of Object.entries(tf.engine().registeredVariables)) {
      if (!variables.has(id)) variable.dispose();
    }
    const fault = (text: string) => faults.push(`${name}, seed ${seed} (${outcome.what}): ${text}`);
    const time = performance.now() - begin;
    if (time > LONGEST_MS) fault(`took ${Math.round(time)} ms`);
    for (const damage of heap.check()) fault(damage);
    const after = state();
    for (const [key, value] of Object.entries(before)) {
      if (after[key as keyof typeof after] !== value) {
        fault(`left ${key} at ${after[key as keyof typeof after] as number} from ${value as number}`);
      }
    }
    if (heap.count !== blocks) fault(`left ${heap.count - blocks} blocks of the heap`);
    const { error, legal, numbers } = outcome;
    if (error !== undefined) {
      const wrong = faultOf(error);
      if (wrong !== undefined) fault(wrong);
      else if (legal) fault(`refused: ${(error as Error).message}`);
    } else if (legal && numbers.some((x) => typeof x === 'number' && !Number.isFinite(x))) fault('is not finite');
    const wrong = sentinel();
    if (wrong !== undefined) fault(`and then ${wrong}`);
    first ??= outcome;
    if (!outcome.varies && !sameNumbers(first.numbers, numbers)) {
      const at = numbers.findIndex((x, i) => !Object.is(x, first!.numbers[i]));
      fault(`depends on memory that is not its own: ${String(numbers[at])}, ${String(first.numbers[at])}`);
    }
    if (faults.length > 0) break;
  }
  return faults;
}
