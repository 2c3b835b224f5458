// What is measured and how, from the options.

import { UsageError } from './options.js';
import type { Machine } from '../src/benchmarks/machine.js';
import type { Setting } from './processes/subject.js';
import type { Effort } from './processes/turns.js';

export interface Settings {
  machine: Machine;
  /** Words that the name of a row must hold. */
  filter: string;
  /** All builds for all numbers of threads. */
  configurations: readonly Setting[];
  quick: boolean;
  /** What of tfjs's own ops is measured too; 'some': all but what takes minutes. */
  tfjs: 'none' | 'some' | 'all';
  effort: Effort;
  /** Folder for files. */
  out: string;
  /** For people; standard output is left to JSON where that is asked for. */
  log: (line: string) => void;
}

/** Whether a row's name holds all words of the filter. */
export function matches(name: string, filter: string): boolean {
  return filter.split(/\s+/).every((word) => name.includes(word));
}

/** Those whose names hold all words of the filter. Throws UsageError if there is none. */
export function select<T>(all: readonly T[], nameOf: (one: T) => string, filter: string, what: string): T[] {
  const selected = all.filter((one) => matches(nameOf(one), filter));
  if (selected.length > 0) return selected;
  const names = all.slice(0, 6).map((one) => `'${nameOf(one)}'`);
  const more = all.length > names.length ? ', ...' : '';
  throw new UsageError(
    `--filter was '${filter}'; no row of ${what} holds these words: rows are ${names.join(', ')}${more}`,
  );
}
