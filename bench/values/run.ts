// Whether kernels take as long for numbers of any size as for numbers around 1: subnormal ones are slow on some processors.

import { ratio, spread } from '../../src/benchmarks/timing.js';
import { fourDigits, percent, Table } from '../format.js';
import type { Pass } from '../kernels/rows.js';
import { measureRows } from '../measureRows.js';
import { type Child, withChildren } from '../processes/childProcess.js';
import { type Effort, measureInTurn } from '../processes/turns.js';
import { select, type Settings } from '../settings.js';
import { unit } from './operandValues.js';
import { rows, type ValuesRow, valuesRowName } from './rows.js';

/** Times as long as at scale 1 that no row is to take longer than. */
const LIMIT = 1.2;

const module = new URL('ours.js', import.meta.url);

/** Milliseconds are medians of single calls. */
export interface ValuesResult {
  kernel: string;
  pass: Pass;
  shape: string;
  values: string;
  threads: number;
  build: string;
  milliseconds: number;
  quartiles: [number, number];
  /** The same kernel at scale 1, in turn with it; `relative`: this row's time divided by it. */
  unit: { milliseconds: number; relative: number };
}

export interface ValuesDocument {
  results: ValuesResult[];
  /** The largest relative time. */
  worst: number;
  /** Rows above the limit. */
  above: number;
}

export const valuesTable = new Table<ValuesResult>([
  ['kernel', -21, ({ kernel }) => kernel],
  ['pass', -16, ({ pass }) => pass],
  ['shape', -24, ({ shape }) => shape],
  ['values', -24, ({ values }) => values],
  ['threads', 7, ({ threads }) => `${threads}`],
  ['build', -7, ({ build }) => build],
  ['ms', 8, ({ milliseconds }) => fourDigits(milliseconds)],
  ['±', 5, ({ milliseconds: median, quartiles }) => percent(spread({ median, quartiles }))],
  ['ms at 1', 8, ({ unit }) => fourDigits(unit.milliseconds)],
  ['/1', 6, ({ unit }) => unit.relative.toFixed(2)],
]);

/** The rows of one work in all configurations, each in turn with scale 1. */
async function measure(group: readonly ValuesRow[], children: readonly Child[], effort: Effort) {
  const job = group.map(valuesRowName);
  const measured = await measureInTurn(
    children.map((child) => ({ child, module, job })),
    effort,
  );
  const { kernel, pass, shape } = group[0].work;
  return measured.flatMap(({ setting, timings }) =>
    group.map(({ values: { name } }): ValuesResult => {
      const [own, one] = [timings[name], timings[unit.name]];
      return {
        ...{ kernel, pass, shape, values: name, threads: setting.threads, build: setting.build },
        ...{ milliseconds: own.median, quartiles: own.quartiles },
        unit: { milliseconds: one.median, relative: ratio(own, one) },
      };
    }),
  );
}

/** The last line: the worst row, and how many are above the limit. */
export function summaryOf({ results, worst, above }: ValuesDocument): string {
  const { kernel, pass, shape, values, build, threads } = results.find(({ unit }) => unit.relative === worst)!;
  const row = `${kernel} ${pass} ${shape} ${values}, ${build}, ${threads} thread(s)`;
  return `worst: ${worst.toFixed(2)} times as long as at scale 1 (${row}); ${above} of ${results.length} rows above ${LIMIT}`;
}

/** Measures all rows that the filter leaves. */
export async function benchValues(settings: Settings): Promise<ValuesDocument> {
  const { filter, configurations, log } = settings;
  // The first call after a pause may be slow: the median of three is not.
  const effort: Effort = { ...settings.effort, turn: { ...settings.effort.turn, calls: 3 } };
  const selected = select(rows, valuesRowName, filter, 'values');
  const works = [...new Set(selected.map(({ work }) => work))];
  const groups = works.map((work) => selected.filter((row) => row.work === work));
  const results = await withChildren(configurations, false, (children) =>
    measureRows(settings, valuesTable, groups, (group) => measure(group, children, effort)),
  );
  const relative = results.map(({ unit }) => unit.relative);
  const worst = Math.max(...relative);
  const document = { results, worst, above: relative.filter((times) => times > LIMIT).length };
  log(`\n${summaryOf(document)}`);
  return document;
}
