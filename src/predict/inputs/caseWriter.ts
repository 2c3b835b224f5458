import type { Case } from '../types.js';

/** Puts cases of one kind into the input of a plan. */
export interface CaseWriter {
  /**
   * The positions of a case.
   *
   * @param value what the user gave
   * @param index its place among the cases, for errors
   * @throws Error that names the case, if it is none or has too many of them
   */
  positions(value: Case, index: number): number;
  /**
   * Writes a case.
   *
   * @param positions what `positions` has given
   * @param target the memory; for tokens its integers
   * @param at where the case begins in it
   * @throws Error that names case, position and channel of what is wrong
   */
  write(value: Case, index: number, positions: number, target: Float32Array | Int32Array, at: number): void;
}

/** Where something is, for messages: each of the names with its index, counted from 1. */
export function place(indices: Readonly<Record<string, number>>): string {
  return Object.entries(indices)
    .map(([name, index]) => `${name} ${index + 1}`)
    .join(', ');
}

/** An error of `predict`. */
export function wrong(indices: Readonly<Record<string, number>>, found: string, must: string): Error {
  return new Error(`predict: ${place(indices)} was ${found}; it must be ${must}`);
}
