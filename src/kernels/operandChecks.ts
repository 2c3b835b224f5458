// Checks of what a kernel is given, by what it will touch: whoever calls it, with whatever, it reads and writes nothing but
// its own tensors. They take microseconds.

import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { formatShape } from '../checks/tensors.js';
import { checkBoolean, checkChoice, checkInteger, checkLengths, checkNumber, formatValue } from '../checks/values.js';
import type { HeapMemory } from '../runtime/memory.js';

/** The largest number of an int32. */
export const MAX_INT32 = 2 ** 31 - 1;

/** All dtypes. */
export const anyTypes: readonly string[] = ['float32', 'int32', 'bool', 'string', 'complex64'];

/** Those of real numbers. */
export const numericTypes: readonly string[] = ['float32', 'int32', 'bool'];

function isTensorInfo(value: unknown): value is TensorInfo {
  const { dataId, shape, dtype } = (value ?? {}) as Partial<TensorInfo>;
  return (
    typeof dataId === 'object' &&
    typeof dtype === 'string' &&
    Array.isArray(shape) &&
    shape.every((size) => Number.isSafeInteger(size) && size >= 0)
  );
}

/** Checks of the arguments of one call. Every message names the kernel, the argument, what it was and what it must be. */
export class OperandChecks {
  constructor(
    private readonly heap: HeapMemory,
    /** The kernel. */
    readonly owner: string,
  ) {}

  /** Throws an Error about an argument. */
  refuse(name: string, was: string, must: string): never {
    throw new Error(`${this.owner}: ${name} was ${was}; it must be ${must}`);
  }

  /**
   * A live tensor, whose data is on the heap from here on.
   *
   * @param form its dimensions, such as '[B, N, C]', of which the first may stand for any number: '[..., C]'
   * @returns its shape
   */
  tensor(name: string, value: unknown, form = '[...]', dtypes: readonly string[] = ['float32']): number[] {
    if (!isTensorInfo(value)) this.refuse(name, formatValue(value), 'a tensor');
    const { shape, dtype, isDisposed } = value as TensorInfo & { isDisposed?: boolean };
    if (isDisposed) throw new Error(`${this.owner}: ${name} is disposed; it must be a live tensor`);
    if (!dtypes.includes(dtype)) this.refuse(name, dtype, dtypes.join(' or '));
    const dimensions = form.split(',').length;
    const fits = form.startsWith('[...') ? shape.length >= dimensions - 1 : shape.length === dimensions;
    if (!fits) this.refuse(name, formatShape(value), form);
    const fault = this.heap.bring(value);
    if (fault !== undefined) throw new Error(`${this.owner}: ${name} ${fault}; it must be a live tensor`);
    return shape;
  }

  /** A live tensor of exactly this shape. */
  shaped(name: string, value: unknown, shape: readonly number[], dtype = 'float32'): void {
    const own = this.tensor(name, value, '[...]', [dtype]);
    if (!util.arraysEqual(own, shape as number[])) {
      this.refuse(name, formatShape({ shape: own }), formatShape({ shape }));
    }
  }

  /** A live tensor that holds one number. */
  scalar(name: string, value: unknown): void {
    const shape = this.tensor(name, value);
    if (util.sizeFromShape(shape) !== 1) this.refuse(name, formatShape({ shape }), 'a tensor that holds one number');
  }

  /** An integer from `low` to `high`, which a field of 32 bits holds. */
  integer(name: string, value: unknown, low = 0, high = MAX_INT32): void {
    checkInteger(this.owner, name, value, low, high);
  }

  /** As many integers as `count` says, from `low` to `high`. */
  integers(name: string, values: unknown, count: number, low: number, high: number): void {
    if (!Array.isArray(values) || values.length !== count) {
      this.refuse(name, formatValue(values), `an array of ${count} integers`);
    }
    for (let i = 0; i < count; i++) {
      const value: unknown = (values as unknown[])[i];
      if (!Number.isInteger(value) || (value as number) < low || (value as number) > high) {
        checkInteger(this.owner, `${name}[${i}]`, value, low, high);
      }
    }
  }

  /** `lengths`: one integer 0 .. `positions` for each sample. */
  lengths(lengths: unknown, samples: number, positions: number): void {
    checkLengths(this.owner, lengths, samples, positions);
  }

  /** A finite float32, `low` or more. */
  number(name: string, value: unknown, low = -Infinity): void {
    checkNumber(this.owner, name, value, (x) => x >= low, low === -Infinity ? 'a finite float32' : `${low} or more`);
  }

  /** A flag. */
  flag(name: string, value: unknown): void {
    checkBoolean(this.owner, name, value);
  }

  /** One of a few words. */
  choice(name: string, value: unknown, choices: readonly string[]): void {
    checkChoice(this.owner, name, value as string, choices);
  }
}
