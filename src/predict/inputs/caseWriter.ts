import type { Case } from '../types.js';

/** Puts cases of one kind into the input of a plan. */
export interface CaseWriter {
  /**
   * Writes a case, padded with zeros.
   *
   * @param value what the user gave
   * @param index its place among the cases, for errors
   * @param target the memory; for tokens its integers
   * @param at where the case begins in it
   * @returns its positions
   * @throws Error that names case, position and channel of what is wrong
   */
  write(value: Case, index: number, target: Float32Array | Int32Array, at: number): number;
}

/** An error of `predict`. Cases and what is in them are counted from 0, as arrays are. */
export function wrong(where: string, found: string, must: string): Error {
  return new Error(`predict: ${where} (counted from 0) was ${found}; it must be ${must}`);
}
