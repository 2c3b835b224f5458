// The rows of the benchmark: measured one by one, printed as they come.

import { init } from '../src/index.js';
import { softmaxRows } from './attention.js';
import { familyRows } from './family.js';
import { fourDigits } from './format.js';
import { matMulRows } from './matmul.js';
import { timeInTurn } from './measure.js';
import { roofline } from './roofline.js';
import type { Result, Row } from './rows.js';
import type { Settings } from './settings.js';

/** Times one row on all builds; tfjs's ops behind them, with their own kernels. */
async function measure(row: Row, roofs: Map<string, number>, { effort, tfjs: wanted }: Settings): Promise<Result[]> {
  const { kernel, pass, shape } = row;
  const { flops, density, ours, softmax, tfjs, dispose } = row.prepare();
  const results: Result[] = [];
  for (const [build, roof] of roofs) {
    await init({ relaxedSimd: build === 'relaxed' });
    const timings = timeInTurn(softmax ? [softmax, ours] : [ours], effort);
    const { median: milliseconds, quartiles, relative } = timings.at(-1)!;
    const gflops = flops / milliseconds / 1e6;
    const own = { milliseconds, quartiles, gflops, roofline: gflops / roof };
    const beside = softmax && { softmax: { milliseconds: timings[0].median, relative } };
    results.push({ kernel, pass, shape, density, build, flops, ...own, ...beside });
  }
  if (tfjs && wanted) {
    await init({ acceleration: false });
    const [{ median }] = timeInTurn([tfjs], effort);
    for (const result of results) {
      const ratio = median / result.milliseconds;
      result.tfjs = { milliseconds: median, gflops: flops / median / 1e6, ratio };
    }
  }
  await init();
  dispose();
  return results;
}

const columns: [title: string, width: number, text: (result: Result) => string][] = [
  ['kernel', -26, ({ kernel }) => kernel],
  ['pass', -18, ({ pass }) => pass],
  ['shape', -25, ({ shape }) => shape],
  ['build', -8, ({ build }) => build],
  ['ms', 9, ({ milliseconds }) => fourDigits(milliseconds)],
  ['', 6, ({ milliseconds, quartiles: [low, high] }) => `±${Math.round((50 * (high - low)) / milliseconds)}%`],
  ['GFLOP/s', 9, ({ gflops }) => gflops.toFixed(1)],
  ['roof', 6, ({ roofline: share }) => `${Math.round(100 * share)}%`],
  ['dense', 7, ({ density }) => (density === undefined ? '' : `${(100 * density).toFixed(1)}%`)],
  ['/softmax', 10, ({ softmax }) => softmax?.relative.toPrecision(3) ?? ''],
  ['tfjs/', 8, ({ tfjs }) => (tfjs ? `${tfjs.ratio.toFixed(1)}x` : '')],
];

function line(cell: (column: (typeof columns)[number]) => string): string {
  const pad = (text: string, width: number) => (width < 0 ? text.padEnd(-width) : text.padStart(width));
  return columns
    .map((column) => pad(cell(column), column[1]))
    .join('')
    .trimEnd();
}

/** Measures all rows that the filter leaves, and gives the document for --json. */
export async function benchRows(settings: Settings): Promise<object> {
  const { filter, builds, log } = settings;
  const words = filter.split(/\s+/);
  const rows = [...softmaxRows, ...familyRows, ...matMulRows].filter(({ kernel, pass, shape }) =>
    words.every((word) => `${kernel} ${pass} ${shape}`.includes(word)),
  );
  if (rows.length === 0) throw new Error(`--filter was '${filter}'; no row matches it`);
  const roofs = new Map(builds.map((build) => [build, roofline(build)]));
  for (const [build, gflops] of roofs) log(`roofline, ${build} build: ${gflops.toFixed(1)} GFLOP/s`);
  log(`\n${line(([title]) => title)}`);
  const results: Result[] = [];
  for (const row of rows) {
    for (const result of await measure(row, roofs, settings)) {
      results.push(result);
      log(line(([, , text]) => text(result)));
    }
  }
  return { roofline: Object.fromEntries(roofs), results };
}
