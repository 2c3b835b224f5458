// Checks of arguments. Every message names the function, the argument, what it was and what it must be.

import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';

/** "[2, 3]". */
export function formatShape(tensor: Tensor): string {
  return `[${tensor.shape.join(', ')}]`;
}

/** An argument as a message shows it: what a tensor or another object holds would be too much. */
export function formatValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(formatValue).join(', ')}]`;
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'object' && value !== null) return `an instance of ${value.constructor?.name ?? 'Object'}`;
  return String(value);
}

/** An object that sets none but these options; undefined stands for the default. */
export function checkOptions(owner: string, options: unknown, names: readonly string[]): void {
  if (typeof options !== 'object' || options === null) {
    throw new Error(`${owner}: options was ${formatValue(options)}; it must be an object`);
  }
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || names.includes(name)) continue;
    throw new Error(`${owner}: unknown option '${name}'; the options are ${names.join(', ')}`);
  }
}

/** A live tensor of one of these dtypes, with the rank of `form`, such as '[B, N]', if given. */
export function checkTensor(owner: string, name: string, value: unknown, dtypes: string[], form?: string): void {
  if (!(value instanceof tf.Tensor)) {
    throw new Error(`${owner}: ${name} was ${formatValue(value)}; it must be a tf.Tensor`);
  }
  const tensor = value as Tensor;
  if (tensor.isDisposed) throw new Error(`${owner}: ${name} is disposed; it must be a live tensor`);
  if (!dtypes.includes(tensor.dtype)) {
    throw new Error(`${owner}: ${name} was ${tensor.dtype}; it must be ${dtypes.join(' or ')}`);
  }
  if (form !== undefined && tensor.rank !== form.split(',').length) {
    throw new Error(`${owner}: ${name} was ${formatShape(tensor)}; it must be ${form}`);
  }
}

/** A finite float32 that fulfils `test` as such; `must` says what that is. */
export function checkNumber(
  owner: string,
  name: string,
  value: unknown,
  test: (value: number) => boolean,
  must: string,
): void {
  const single = typeof value === 'number' ? Math.fround(value) : NaN;
  if (Number.isFinite(single) && test(single)) return;
  throw new Error(`${owner}: ${name} was ${formatValue(value)}; it must be ${must}`);
}

/** An integer from `low` to `high`. */
export function checkInteger(owner: string, name: string, value: unknown, low: number, high: number): number {
  if (Number.isInteger(value) && (value as number) >= low && (value as number) <= high) return value as number;
  const range =
    low === -Infinity
      ? 'an integer'
      : high === Infinity
        ? `an integer, ${low} or more`
        : `an integer from ${low} to ${high}`;
  throw new Error(`${owner}: ${name} was ${formatValue(value)}; it must be ${range}`);
}
