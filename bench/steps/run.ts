// Whole training steps: every form of each model, and tfjs's own ops on the same model and data.

import { type LossTrace, lossText, vanishedNote } from '../../src/benchmarks/lossTrace.js';
import { fourDigits, percent, Table } from '../format.js';
import { measureRows } from '../measureRows.js';
import { type Child, factsOf, withChildren } from '../processes/childProcess.js';
import { ratio, spread, type Timing } from '../../src/benchmarks/timing.js';
import { type Assignment, type Effort, measureInTurn } from '../processes/turns.js';
import { select, type Settings } from '../settings.js';
import { checkLosses } from './check.js';
import type { MemoryFacts } from './memory.js';
import { describeModel, type FormName, formNames, models, type StepModel } from './models.js';
import type { StepFacts, StepJob, StepOutcome } from './ours.js';

const modules = {
  ours: new URL('ours.js', import.meta.url),
  tfjs: new URL('tfjs.js', import.meta.url),
  memory: new URL('memory.js', import.meta.url),
};

/** Milliseconds are medians of single steps. */
export interface StepResult {
  model: string;
  form: FormName;
  threads: number;
  build: string;
  milliseconds: number;
  quartiles: [number, number];
  flops: number;
  gflops: number;
  /** Share of the roofline, 0 to 1. */
  roofline: number;
  /** Time relative to softmax in turn with it. */
  relative?: number;
  /** Softmax by tfjs's own ops on one thread, in turn with it; `ratio`: how many times as long they take. */
  tfjs?: { milliseconds: number; ratio: number; loss: LossTrace };
  loss: LossTrace;
  /** Bytes, see MemoryFacts. */
  peak: number;
  heap: number;
}

export interface StepsDocument {
  models: StepModel[];
  results: StepResult[];
  /** Measurements whose loss vanished. */
  notes: string[];
}

/** A form of a model. */
export interface StepRow {
  model: StepModel;
  form: FormName;
}

export const stepRows: readonly StepRow[] = models.flatMap((model) => formNames.map((form) => ({ model, form })));

export function stepName({ model, form }: StepRow): string {
  return `${model.name} ${form}`;
}

/** Rows as models with the forms of each. */
export function groupByModel(rows: readonly StepRow[]): { model: StepModel; forms: FormName[] }[] {
  const chosen = models.filter((model) => rows.some((row) => row.model === model));
  return chosen.map((model) => ({ model, forms: rows.filter((row) => row.model === model).map(({ form }) => form) }));
}

export const stepTable = new Table<StepResult>([
  ['step', -4, ({ model }) => model],
  ['form', -7, ({ form }) => form],
  ['threads', 7, ({ threads }) => `${threads}`],
  ['build', -7, ({ build }) => build],
  ['ms', 8, ({ milliseconds }) => fourDigits(milliseconds)],
  ['±', 5, ({ milliseconds: median, quartiles }) => percent(spread({ median, quartiles }))],
  ['GFLOP/s', 7, ({ gflops }) => gflops.toFixed(1)],
  ['roof', 5, ({ roofline }) => percent(roofline)],
  ['/softmax', 8, ({ relative }) => relative?.toFixed(3) ?? ''],
  ['tfjs/', 6, ({ tfjs }) => tfjs?.ratio.toFixed(1) ?? ''],
  ['loss', 13, ({ loss }) => lossText(loss)],
  ['peak MB', 7, ({ peak }) => (peak / 1e6).toFixed(0)],
  ['heap MB', 7, ({ heap }) => (heap / 1e6).toFixed(0)],
]);

/** One model in all configurations, in turn with tfjs's ops. */
async function measure(
  { model, forms }: { model: StepModel; forms: FormName[] },
  children: readonly Child[],
  beside: Child | undefined,
  effort: Effort,
): Promise<StepResult[]> {
  const job: StepJob = { model, forms, losses: 3 };
  const assignments: Assignment[] = children.map((child) => ({ child, module: modules.ours, job }));
  if (beside) assignments.push({ child: beside, module: modules.tfjs, job });
  const measured = await measureInTurn<StepFacts, StepOutcome>(assignments, effort, (facts) => {
    const settings = [...children.map(({ setting }) => setting), { threads: 1, build: 'tfjs' }];
    checkLosses(
      model.name,
      facts.map(({ losses }, index) => ({ ...settings[index], losses })),
    );
  });
  const last = measured.at(-1)!;
  const theirs: Timing | undefined = last.timings.tfjs;
  const results: StepResult[] = [];
  for (const { setting, facts, outcome, timings } of measured.slice(0, children.length)) {
    for (const form of forms) {
      const own = timings[form];
      const flops = facts.flops[form];
      const gflops = flops / own.median / 1e6;
      const { softmax } = timings;
      const memory = await factsOf<MemoryFacts>(setting, modules.memory, { model, form });
      results.push({
        ...{ model: model.name, form, ...setting, milliseconds: own.median, quartiles: own.quartiles, flops, gflops },
        roofline: gflops / facts.roof,
        ...(softmax && form !== 'softmax' && { relative: ratio(own, softmax) }),
        ...(theirs && { tfjs: { milliseconds: theirs.median, ratio: ratio(theirs, own), loss: last.outcome.tfjs } }),
        loss: outcome[form],
        ...memory,
      });
    }
  }
  return results;
}

/** What the measurements say against themselves. */
function notesOf(results: readonly StepResult[]): string[] {
  const notes = results.flatMap(({ model, form, build, threads, loss, tfjs }) => [
    vanishedNote(`step ${model} ${form}, ${build}, ${threads} thread(s)`, loss),
    tfjs && vanishedNote(`step ${model} by tfjs's own ops`, tfjs.loss),
  ]);
  return [...new Set(notes)].filter((note) => note !== undefined);
}

/** Measures all forms and models that the filter leaves. */
export async function benchSteps(settings: Settings): Promise<StepsDocument> {
  const { filter, configurations, tfjs: wanted, quick, log } = settings;
  // Steps are long: more than one in a turn, or forms would be compared by too few.
  const effort: Effort = { ...settings.effort, turn: { milliseconds: 500, calls: quick ? 1 : 2 } };
  const groups = groupByModel(select(stepRows, stepName, filter, 'steps'));
  log(`${groups.map(({ model }) => describeModel(model)).join('\n')}\n`);
  // A heap does not shrink: each model gets processes of its own.
  const results = await measureRows(settings, stepTable, groups, (group) => {
    const beside = wanted === 'all' || (wanted === 'some' && !group.model.long);
    return withChildren(configurations, beside, (children, theirs) => measure(group, children, theirs, effort));
  });
  const notes = notesOf(results);
  if (notes.length > 0) log(`\n${notes.join('\n')}`);
  return { models: groups.map(({ model }) => model), results, notes };
}
