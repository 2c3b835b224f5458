import type { ChannelStatistics } from '../../data/labelledData.js';
import { standardizeValue } from '../../data/standardizeValues.js';
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
   * @param missing whether NaN is a missing value, which becomes the channel's mean
   * @throws Error that names case, position and channel of what is wrong
   */
  write(
    value: Case,
    index: number,
    positions: number,
    target: Float32Array | Int32Array,
    at: number,
    missing: boolean,
  ): void;
}

/** Whether a number can be written; as a missing value, where the model has a mean to put there. */
export function isTaken(value: unknown, missing: boolean): boolean {
  return typeof value === 'number' && (Number.isFinite(Math.fround(value)) || (missing && Number.isNaN(value)));
}

/** A number as the model sees it: 0, its channel's mean, where it is missing. */
export function seen(value: number, channel: number, statistics: ChannelStatistics | null): number {
  if (!statistics) return value;
  return Number.isNaN(value) ? 0 : standardizeValue(value, channel, statistics);
}

/** Where something is, for messages: each of the names with its index, counted from 1. */
function place(indices: Readonly<Record<string, number>>): string {
  return Object.entries(indices)
    .map(([name, index]) => `${name} ${index + 1}`)
    .join(', ');
}

/** An error of `predict`. */
export function wrong(indices: Readonly<Record<string, number>>, found: string, must: string): Error {
  return new Error(`predict: ${place(indices)} was ${found}; it must be ${must}`);
}
