// npm run bench: what is measured, on what, and where it goes.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { benchAnyModels } from './anyModel/run.js';
import { benchCurves } from './curves/run.js';
import { type Kind, kinds, readBuilds, readOptions, readThreads, usage, UsageError } from './options.js';
import { benchKernels } from './kernels/run.js';
import { benchPeers } from './peers/run.js';
import { describe, machine } from '../src/benchmarks/machine.js';
import type { Builds } from './processes/builds.js';
import { factsOf } from './processes/childProcess.js';
import type { Effort } from './processes/turns.js';
import { type Document, page } from './report/page.js';
import type { Settings } from './settings.js';
import { benchPredict } from './predict/run.js';
import { benchSoftmax } from './softmax/run.js';
import { benchProfile } from './steps/profileRun.js';
import { benchSteps } from './steps/run.js';
import { benchTiles } from './tiles/run.js';
import { benchValues } from './values/run.js';

const efforts: Record<'full' | 'quick', Effort> = {
  full: { rounds: 7, turn: { milliseconds: 250, calls: 1 }, warmUp: 300 },
  quick: { rounds: 3, turn: { milliseconds: 60, calls: 1 }, warmUp: 100 },
};

type Measured = Exclude<Kind, 'report'>;

/** Documents of runs before, from the folder. */
function readDocuments(out: string): Document[] {
  const names = [...kinds, 'profile'].map((kind) => join(out, `${kind}.json`));
  const found = names.flatMap((name) => {
    try {
      return [JSON.parse(readFileSync(name, 'utf8')) as Document];
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  });
  if (found.length > 0) return found;
  throw new UsageError(`--out was '${out}', which holds no document; measure first, or name the folder of a run`);
}

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  const options = readOptions(args);
  if (options.help) return console.log(usage);
  const log = options.json ? console.error : console.log;
  const { out, report } = options;
  if (options.kinds.includes('report')) return writeFileSync(report!, await page(readDocuments(out)));

  const host = machine();
  const { runnable, chosen } = await factsOf<Builds>(
    { threads: 1, build: '' },
    new URL('processes/builds.js', import.meta.url),
    {},
  );
  const builds = readBuilds(options.builds, runnable, chosen);
  const configurations = builds.flatMap((build) =>
    readThreads(options.threads, host.parallelism).map((threads) => ({ threads, build })),
  );
  const settings: Settings = {
    ...{ machine: host, filter: options.filter, configurations, quick: options.quick, out, log },
    tfjs: options['no-tfjs'] ? 'none' : options['all-tfjs'] ? 'all' : 'some',
    effort: options.quick ? efforts.quick : efforts.full,
  };
  const measures: Record<Measured, (settings: Settings) => Promise<unknown>> = {
    kernels: benchKernels,
    tiles: benchTiles,
    softmax: benchSoftmax,
    values: benchValues,
    predict: benchPredict,
    steps: options.profile ? benchProfile : benchSteps,
    curves: benchCurves,
    tfjs: benchAnyModels,
    peers: benchPeers,
  };
  log(`${describe(host)}; builds: ${builds.join(', ')}\n`);
  mkdirSync(out, { recursive: true });
  const document: Document = {
    machine: host,
    command: commandOf(args),
    date: new Date().toISOString(),
    builds,
    quick: options.quick,
  };
  for (const kind of options.kinds as Measured[]) {
    const name = kind === 'steps' && options.profile ? 'profile' : kind;
    const measured = { [name]: await measures[kind](settings) };
    Object.assign(document, measured);
    const text = JSON.stringify({ ...pick(document), ...measured }, null, 2);
    writeFileSync(join(out, `${name}.json`), `${text}\n`);
    log(`\nwritten: ${join(out, `${name}.json`)}\n`);
  }
  if (report !== undefined) writeFileSync(report, await page([document]));
  if (options.json) console.log(JSON.stringify(document, null, 2));
}

/** The command that has these arguments; that for peers installs them. */
function commandOf(args: string[]): string {
  const peers = args.includes('peers');
  const shown = args.filter((arg) => arg !== 'peers').map((arg) => (/\s/.test(arg) ? `'${arg}'` : arg));
  return ['npm', 'run', peers ? 'bench:peers' : 'bench', ...(shown.length > 0 ? ['--', ...shown] : [])].join(' ');
}

/** What all documents have. */
function pick({ machine, command, date, builds, quick }: Document) {
  return { machine, command, date, builds, quick };
}

main().catch((error: unknown) => {
  if (error instanceof UsageError)
    console.error(`${error.message}\n(npm run bench -- --help lists what can be measured, and the options)`);
  else console.error(error);
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
