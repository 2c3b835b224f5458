// The predict runtime: int8 against float32, whole predictions, and how long it takes to start.

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { init } from '../../src/index.js';
import { median, ratio, spread } from '../../src/benchmarks/timing.js';
import { fourDigits, percent, Table } from '../format.js';
import { measureRows } from '../measureRows.js';
import { withChildren } from '../processes/childProcess.js';
import { measureInTurn } from '../processes/turns.js';
import { select, type Settings } from '../settings.js';
import { type PredictFacts, saved } from './ours.js';
import { jobName, jobs, models, operations, type PredictJob } from './rows.js';

const builds = ['simd', 'relaxed'];
const STARTS = 9;

interface Result {
  name: string;
  build: string;
  threads: number;
  /** Milliseconds of a call, medians. */
  float32: number;
  int8: number;
  /** float32 / int8, from calls in turn. */
  times: number;
  spread: number;
  /** 10^9 multiplications and additions a second. */
  float32Rate: number;
  int8Rate: number;
  /** float32Rate as a share of what the threads' multiply-adds reach. */
  roof: number;
  /** The instruction of products of bytes. */
  products: string;
  /** MB of a float32 predictor's memory above its weights. */
  beside?: number;
}

export const predictTable = new Table<Result>([
  ['what', -26, ({ name }) => name],
  ['build', -7, ({ build }) => build],
  ['threads', 7, ({ threads }) => `${threads}`],
  ['float32 ms', 10, ({ float32 }) => fourDigits(float32)],
  ['int8 ms', 8, ({ int8 }) => fourDigits(int8)],
  ['±', 5, (result) => percent(result.spread)],
  ['times', 5, ({ times }) => times.toFixed(2)],
  ['GFLOP/s', 8, ({ float32Rate }) => fourDigits(float32Rate)],
  ['roof', 5, ({ roof }) => percent(roof)],
  ['int8 Gop/s', 10, ({ int8Rate }) => fourDigits(int8Rate)],
  ['MB beside', 9, ({ beside }) => (beside === undefined ? '' : fourDigits(beside))],
  ['bytes by', -35, ({ products }) => products],
]);

export interface PredictDocument {
  results: Result[];
  /** Milliseconds from the start of a process to its first result, for the smallest model. */
  start: number;
}

/** Of the package as it is installed: a process reads a folder, and predicts a case. */
async function measureStart(): Promise<number> {
  await init({ threads: 1 });
  const folder = await saved(models[0]);
  const script = fileURLToPath(new URL('start.js', import.meta.url));
  return median(
    Array.from({ length: STARTS }, () =>
      Number(execFileSync(process.execPath, [script, folder], { encoding: 'utf8' })),
    ),
  );
}

/** Measures all rows that the filter leaves. */
export async function benchPredict(settings: Settings): Promise<PredictDocument> {
  const { configurations, log } = settings;
  const chosen = select(jobs, jobName, settings.filter, 'predict');
  const wanted = configurations.map(({ threads, build }) => ({ threads, build: build === 'wide' ? 'relaxed' : build }));
  const own = wanted.filter(
    ({ threads, build }, index) =>
      builds.includes(build) && wanted.findIndex((one) => one.threads === threads && one.build === build) === index,
  );
  const module = new URL('ours.js', import.meta.url);
  const results = await withChildren(own, false, (children) =>
    measureRows<PredictJob, Result>(settings, predictTable, chosen, async (job) => {
      // A product is measured on one thread.
      const some = children.filter(({ setting }) => 'model' in job || setting.threads === 1);
      const assignments = some.map((child) => ({ child, module, job }));
      const measured = await measureInTurn<PredictFacts>(assignments, settings.effort);
      return measured.map(({ setting, facts, timings: { float32, int8 } }) => ({
        ...{ name: jobName(job), ...setting, float32: float32.median, int8: int8.median },
        ...{ times: ratio(float32, int8), spread: spread(int8) },
        float32Rate: operations(job) / float32.median / 1e6,
        int8Rate: operations(job) / int8.median / 1e6,
        roof: operations(job) / float32.median / 1e6 / facts.roof,
        products: facts.products,
        ...(facts.beside !== undefined && { beside: facts.beside / 1e6 }),
      }));
    }),
  );
  const start = await measureStart();
  log(`\nfrom the start of a process to the first result of ${models[0].name}: ${fourDigits(start)} ms`);
  return { results, start };
}
