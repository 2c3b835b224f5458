// The kernels: measured row by row, printed as they come.

import { fourDigits, percent, Table } from '../format.js';
import { measureRows } from '../measureRows.js';
import { type Child, withChildren } from '../processes/childProcess.js';
import { ratio, spread } from '../../src/benchmarks/timing.js';
import { type Effort, measureInTurn } from '../processes/turns.js';
import { select, type Settings } from '../settings.js';
import { rows } from './all.js';
import type { RowFacts } from './ours.js';
import { nameOf, type Result, type Row } from './rows.js';

const ours = new URL('ours.js', import.meta.url);
const tfjs = new URL('tfjs.js', import.meta.url);

/** One row in all configurations, in turn with tfjs's ops. */
async function measure(
  row: Row,
  children: readonly Child[],
  beside: Child | undefined,
  effort: Effort,
): Promise<Result[]> {
  const { kernel, pass, shape } = row;
  const job = nameOf(row);
  const compared = beside && row.beside === 'tfjs' ? [{ child: beside, module: tfjs, job }] : [];
  const measured = await measureInTurn<RowFacts>(
    [...children.map((child) => ({ child, module: ours, job })), ...compared],
    effort,
  );
  const theirs = measured.at(-1)!.timings.tfjs;
  return measured.slice(0, children.length).map(({ setting: { threads, build }, facts, timings }) => {
    const { flops, bytes, density, roof } = facts;
    const { ours: own, softmax } = timings;
    const { median: milliseconds, quartiles } = own;
    const rate = (flops ?? bytes!) / milliseconds / 1e6;
    return {
      ...{ kernel, pass, shape, density, threads, build, milliseconds, quartiles, flops, bytes },
      ...(bytes === undefined ? { gflops: rate } : { gigabytes: rate }),
      roofline: rate / roof,
      ...(softmax && { softmax: { milliseconds: softmax.median, relative: ratio(own, softmax) } }),
      ...(theirs && { tfjs: { milliseconds: theirs.median, ratio: ratio(theirs, own) } }),
    };
  });
}

export const kernelTable = new Table<Result>([
  ['kernel', -25, ({ kernel }) => kernel],
  ['pass', -16, ({ pass }) => pass],
  ['shape', -22, ({ shape }) => shape],
  ['threads', 7, ({ threads }) => `${threads}`],
  ['build', -7, ({ build }) => build],
  ['ms', 8, ({ milliseconds }) => fourDigits(milliseconds)],
  ['±', 5, ({ milliseconds: median, quartiles }) => percent(spread({ median, quartiles }))],
  ['GFLOP/s', 7, ({ gflops }) => gflops?.toFixed(1) ?? ''],
  ['GB/s', 6, ({ gigabytes }) => gigabytes?.toFixed(1) ?? ''],
  ['roof', 5, ({ roofline }) => percent(roofline)],
  ['dense', 6, ({ density }) => (density === undefined ? '' : percent(density))],
  ['/softmax', 8, ({ softmax }) => softmax?.relative.toPrecision(3) ?? ''],
  ['tfjs/', 6, ({ tfjs }) => tfjs?.ratio.toFixed(1) ?? ''],
]);

export interface KernelsDocument {
  results: Result[];
}

/** Measures all rows that the filter leaves. */
export async function benchKernels(settings: Settings): Promise<KernelsDocument> {
  const { filter, configurations, tfjs: wanted, effort } = settings;
  const selected = select(rows, nameOf, filter, 'kernels');
  const results = await withChildren(configurations, wanted !== 'none', (children, beside) =>
    measureRows(settings, kernelTable, selected, (row) => measure(row, children, beside, effort)),
  );
  return { results };
}
