import { markdownTable } from 'markdown-table';
import { afterAll, expect, inject } from 'vitest';
import { maxError } from '../support/maxError.js';

/** What a program of project/ prints. */
export interface Answer {
  /** What went wrong; then there is nothing else. */
  error?: string;
  results: Record<string, number[]>;
  threads: number;
  build: string;
  notes?: string[];
  /** Of the predictor's memory. */
  bytes?: number;
  /** Milliseconds from the start of the program or page. */
  firstResult: number;
  /** Milliseconds. */
  oneCase?: number;
}

/** The programs of project/: the whole package, and the predict runtime. */
export type Part = 'main' | 'predict';

export const parts: readonly Part[] = ['main', 'predict'];

/** Losses of a few steps differ more than single results. */
const tolerances: Record<string, number> = { attended: 1e-4, probabilities: 1e-5, losses: 1e-3 };

/** Expects results that are those of this Node. */
export function expectSame(part: Part, { error, results }: Answer): void {
  const { results: expected } = inject('expected')[part];
  expect(error).toBeUndefined();
  expect(Object.keys(results).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, values] of Object.entries(expected)) {
    expect(maxError(results[name], values), name).toBeLessThan(tolerances[name]);
  }
}

const rows: string[][] = [];

/** Notes sizes and times of an answer for the table of `showNotes`. */
export function note(name: string, { error, firstResult, oneCase }: Answer, bytes: Record<string, number> = {}): void {
  if (error !== undefined) return;
  const kilobytes = (type: string) => (bytes[type] === undefined ? '' : `${Math.round(bytes[type] / 1000)} KB`);
  rows.push([
    ...[name, kilobytes('.js'), kilobytes('.wasm'), `${Math.round(firstResult)} ms`],
    oneCase === undefined ? '' : `${oneCase.toFixed(2)} ms`,
  ]);
}

/** Prints what was noted, after the last test of the file. To be called at the top of the file. */
export function showNotes(): void {
  const head = ['', 'JavaScript (gzip)', 'wasm (gzip)', 'start to first result', 'one more case'];
  afterAll(() => {
    if (rows.length > 0) console.log(markdownTable([head, ...rows], { align: ['l', 'r', 'r', 'r', 'r'] }));
  });
}
