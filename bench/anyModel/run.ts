// npm run bench -- tfjs: models of tf.layers as they are, trained with our kernels, on tfjs's wasm backend and in its
// plain JavaScript.

import { fourDigits, percent, Table } from '../format.js';
import { measureRows } from '../measureRows.js';
import { type Child, withChildren } from '../processes/childProcess.js';
import { type Effort, measureInTurn } from '../processes/turns.js';
import { select, type Settings } from '../settings.js';
import { ratio, spread, type Timing } from '../../src/benchmarks/timing.js';
import { type AnyModel, anyModels } from './models.js';
import type { AnyModelFacts } from './step.js';

const module = new URL('step.js', import.meta.url);

const calls = ['step', 'predict'] as const;

/** Milliseconds are medians of single calls; what is compared took turns. */
export interface AnyModelResult {
  model: string;
  /** A training step, or a prediction of the same batch. */
  call: (typeof calls)[number];
  threads: number;
  build: string;
  milliseconds: number;
  quartiles: [number, number];
  /** How many times as long tfjs's backends take; undefined where one cannot train the model. */
  wasm?: number;
  cpu?: number;
}

export interface AnyModelsDocument {
  models: { name: string; text: string; batch: number }[];
  results: AnyModelResult[];
  /** What tfjs's backends cannot do. */
  notes: string[];
}

const times = (value: number | undefined) => (value === undefined ? 'none' : value.toFixed(value < 10 ? 2 : 1));

export const anyModelsTable = new Table<AnyModelResult>([
  ['model', -9, ({ model }) => model],
  ['call', -7, ({ call }) => call],
  ['threads', 7, ({ threads }) => `${threads}`],
  ['build', -7, ({ build }) => build],
  ['ms', 8, ({ milliseconds }) => fourDigits(milliseconds)],
  ['±', 5, ({ milliseconds: median, quartiles }) => percent(spread({ median, quartiles }))],
  ['wasm/', 6, ({ wasm }) => times(wasm)],
  ['cpu/', 6, ({ cpu }) => times(cpu)],
]);

const TOLERANCE = 1e-3;

/** Times count only if all train alike. */
function checkLosses(model: string, builds: string[], all: AnyModelFacts[]): void {
  const expected = all[0].losses;
  all.forEach(({ losses, failure }, index) => {
    if (failure !== undefined) return;
    losses.forEach((loss, step) => {
      if (Math.abs(loss - expected[step]) <= TOLERANCE * Math.abs(expected[step])) return;
      throw new Error(
        `${model}: the loss of step ${step + 1} was ${loss} with ${builds[index]}; ` +
          `it must be ${expected[step]}, as with ${builds[0]}`,
      );
    });
  });
}

async function measure(
  model: AnyModel,
  children: readonly Child[],
  effort: Effort,
  notes: string[],
): Promise<AnyModelResult[]> {
  const builds = children.map(({ setting }) => setting.build);
  const assignments = children.map((child) => ({ child, module, job: { name: model.name } }));
  const measured = await measureInTurn<AnyModelFacts>(assignments, effort, (facts) => {
    checkLosses(model.name, builds, facts);
    facts.forEach(({ failure }, index) => {
      if (failure !== undefined) notes.push(`${model.name} does not train with ${builds[index]}: ${failure}`);
    });
  });
  const theirs = (build: string) => measured.find(({ setting }) => setting.build === build)?.timings;
  return measured
    .filter(({ setting: { build } }) => build !== 'wasm' && build !== 'cpu')
    .flatMap(({ setting, timings }) =>
      calls.map((call) => {
        const { [call]: own } = timings;
        const relative = (other: Timing | undefined) => other && ratio(other, own);
        return {
          ...{ model: model.name, call, ...setting, milliseconds: own.median, quartiles: own.quartiles },
          wasm: relative(theirs('wasm')?.[call]),
          cpu: relative(theirs('cpu')?.[call]),
        };
      }),
    );
}

/** Measures all models that the filter leaves. */
export async function benchAnyModels(settings: Settings): Promise<AnyModelsDocument> {
  const { configurations, filter, log, quick, tfjs } = settings;
  const chosen = select(anyModels, ({ name }) => name, filter, 'tfjs');
  log(`${chosen.map(({ name, text, batch }) => `${name}: ${text}; batch ${batch}`).join('\n')}\n`);
  const others = ['wasm', 'cpu'].map((build) => ({ threads: 1, build }));
  const all = [...configurations, ...(tfjs === 'none' ? [] : others)];
  const effort: Effort = { ...settings.effort, rounds: quick ? 3 : 5 };
  const notes: string[] = [];
  const results = await measureRows(settings, anyModelsTable, chosen, (model) =>
    withChildren(all, false, (children) => measure(model, children, effort, notes)),
  );
  if (notes.length > 0) log(`\n${notes.join('\n')}`);
  return { models: chosen.map(({ name, text, batch }) => ({ name, text, batch })), results, notes };
}
