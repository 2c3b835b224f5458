// The kernels: measured row by row, printed as they come.

import { fourDigits, percent, Table } from '../format.js';
import { Child } from '../processes/childProcess.js';
import { ratio, spread } from '../../src/benchmarks/timing.js';
import { takeTurns } from '../processes/turns.js';
import { select, type Settings } from '../settings.js';
import { rows } from './all.js';
import type { RowFacts } from './ours.js';
import { nameOf, type Result, type Row } from './rows.js';

const ours = new URL('ours.js', import.meta.url);
const tfjs = new URL('tfjs.js', import.meta.url);

/** One row in all configurations, in turn with tfjs's ops. */
async function measure(
  row: Row,
  children: Child[],
  beside: Child | undefined,
  { effort }: Settings,
): Promise<Result[]> {
  const name = nameOf(row);
  const { kernel, pass, shape } = row;
  const facts: RowFacts[] = [];
  for (const child of children) facts.push(await child.open<RowFacts>(ours, name, effort.warmUp));
  const all = [...children, ...(beside && row.beside === 'tfjs' ? [beside] : [])];
  if (all.length > children.length) await beside!.open(tfjs, name, effort.warmUp);
  const timings = await takeTurns(all, effort);
  for (const child of all) await child.close();
  return children.map(({ setting: { threads, build } }, index) => {
    const { flops, bytes, density, roof } = facts[index];
    const { ours: own, softmax } = timings[index];
    const { median: milliseconds, quartiles } = own;
    const rate = (flops ?? bytes!) / milliseconds / 1e6;
    const theirs = timings.at(-1)!.tfjs;
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
  const { filter, configurations, tfjs: wanted, log } = settings;
  const selected = select(rows, nameOf, filter, 'kernels');
  const children = configurations.map((setting) => Child.start(setting));
  const beside = wanted === 'none' ? undefined : Child.start({ threads: 1, build: '' });
  const results: Result[] = [];
  try {
    log(kernelTable.header);
    for (const row of selected) {
      for (const result of await measure(row, children, beside, settings)) {
        results.push(result);
        log(kernelTable.line(result));
      }
    }
  } finally {
    for (const child of [...children, beside]) child?.stop();
  }
  return { results };
}
