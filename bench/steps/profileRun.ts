// npm run bench -- --profile: where the time of a step goes.

import { fourDigits, percent, Table } from '../format.js';
import { factsOf } from '../processes/childProcess.js';
import { select, type Settings } from '../settings.js';
import { describeModel, models, type StepModel } from './models.js';
import type { ProfileFacts, ProfileJob } from './profile.js';
import { stepName, type StepRow, stepRows } from './run.js';

const module = new URL('profile.js', import.meta.url);

export interface ProfileLine {
  name: string;
  /** 'ours', "tfjs's", or '' for what is no kernel. */
  whose: string;
  calls: number;
  /** Of one step. */
  milliseconds: number;
  /** Of the step, 0 to 1. */
  share: number;
  gflops?: number;
  /** Share of the roofline, 0 to 1. */
  roofline?: number;
  /** GB/s of inputs and outputs. */
  gigabytes?: number;
}

export interface Profile {
  model: string;
  form: string;
  threads: number;
  build: string;
  milliseconds: number;
  /** Share of the step in kernels of ours, 0 to 1. */
  ours: number;
  lines: ProfileLine[];
}

export interface ProfileDocument {
  models: StepModel[];
  profiles: Profile[];
}

export const profileTable = new Table<ProfileLine>([
  ['kernel', -52, ({ name }) => name],
  ['whose', -6, ({ whose }) => whose],
  ['calls', 6, ({ calls }) => (calls === 0 ? '' : `${Math.round(10 * calls) / 10}`)],
  ['ms', 8, ({ milliseconds }) => fourDigits(milliseconds)],
  ['share', 7, ({ share }) => `${(100 * share).toFixed(1)} %`],
  ['GFLOP/s', 7, ({ gflops }) => gflops?.toFixed(1) ?? ''],
  ['roof', 5, ({ roofline }) => (roofline === undefined ? '' : percent(roofline))],
  ['GB/s', 6, ({ gigabytes }) => gigabytes?.toFixed(1) ?? ''],
]);

/** Kernels, the slowest first, followed by the time between them. */
function linesOf({ milliseconds: step, kernels, roof }: ProfileFacts): ProfileLine[] {
  const lines = kernels.map(({ name, calls, milliseconds, flops, bytes, ours }): ProfileLine => {
    const gflops = flops / milliseconds / 1e6;
    return {
      ...{ name, whose: ours ? 'ours' : name.startsWith('(') ? '' : "tfjs's", calls, milliseconds },
      share: milliseconds / step,
      ...(flops > 0 && { gflops, roofline: gflops / roof }),
      ...(bytes > 0 && { gigabytes: bytes / milliseconds / 1e6 }),
    };
  });
  const rest = step - kernels.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  return [
    ...lines,
    { name: '(JavaScript between kernels)', whose: '', calls: 0, milliseconds: rest, share: rest / step },
  ];
}

async function profile({ model, form }: StepRow, setting: Settings['configurations'][number], quick: boolean) {
  const job: ProfileJob = { model, form, steps: quick ? 2 : 8 };
  const facts = await factsOf<ProfileFacts>(setting, module, job);
  const lines = linesOf(facts);
  const ours = lines.reduce((sum, { whose, share }) => sum + (whose === 'ours' ? share : 0), 0);
  return { model: model.name, form, ...setting, milliseconds: facts.milliseconds, ours, lines };
}

/** Profiles the forms and models that the filter leaves; softmax alone if there is none. */
export async function benchProfile({ filter, configurations, quick, log }: Settings): Promise<ProfileDocument> {
  const rows = select(stepRows, stepName, filter || 'softmax', 'steps');
  const profiles: Profile[] = [];
  for (const row of rows) {
    for (const setting of configurations) {
      const found = await profile(row, setting, quick);
      profiles.push(found);
      const { threads, build, milliseconds, ours, lines } = found;
      log(`${describeModel(row.model)}; ${row.form}; ${build}, ${threads} thread(s)`);
      log(`${fourDigits(milliseconds)} ms a step, ${percent(ours)} of it in kernels of ours\n`);
      log(`${profileTable.header}\n${lines.map((line) => profileTable.line(line)).join('\n')}\n`);
    }
  }
  return { models: models.filter((model) => rows.some((row) => row.model === model)), profiles };
}
