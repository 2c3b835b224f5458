import type { TaskName } from '../data/modelMetadata.js';
import { type ComparedScore, comparedScores } from '../training/tasks/comparedScores.js';
import { taskOf } from '../training/tasks/taskOf.js';
import { distinct } from './distinct.js';
import type { RunRecord } from './runStore.js';
import { type Spread, spreadOf } from './spreadOf.js';
import type { RunHeads, RunScores } from './trainRun.js';

/** Mean and spread over seeds of each score by which a task is compared. */
export type ScoreSpreads = Partial<Record<ComparedScore, Spread>>;

/** A data set and form over its seeds. */
export interface SummaryRow {
  data: string;
  task: TaskName;
  form: string;
  runs: number;
  parameters: number;
  /** Mean of the runs' seconds of training. */
  seconds: number;
  test: {
    last: ScoreSpreads;
    /** null without validation. */
    validation: ScoreSpreads | null;
    /** Biased: the test part itself chose the epoch. */
    best: ScoreSpreads;
  };
  /** How different the heads are; undefined where that was not measured. */
  heads?: Record<keyof RunHeads, Spread>;
}

/** The scores by which runs of a task are compared, the one that comparisons are about first. */
export const scoresOfTask = (task: TaskName): ComparedScore[] => comparedScores(taskOf('compare', { task }));

/** Those of several runs. */
function spreadsOf(task: TaskName, runs: readonly RunScores[]): ScoreSpreads {
  const names = scoresOfTask(task);
  return Object.fromEntries(
    names.map((name) => [name, spreadOf(runs.map((scores) => scores[name] ?? NaN)) /* null where a file held NaN */]),
  );
}

/** The rows of the comparison's table, in the order in which data sets and forms first come. */
export function summarize(records: readonly RunRecord[]): SummaryRow[] {
  const forms = distinct(records.map(({ config }) => config.form));
  const pairs = distinct(records.map(({ config }) => config.data)).flatMap((data) => forms.map((form) => [data, form]));
  return pairs.flatMap(([data, form]) => {
    const runs = records.filter(({ config }) => config.data === data && config.form === form);
    if (runs.length === 0) return [];
    const { task } = runs[0].config;
    const chosen = runs.flatMap(({ test: { validation } }) => validation ?? []);
    const heads = runs.flatMap((run) => run.heads ?? []);
    const spreadOfHeads = (name: keyof RunHeads) => spreadOf(heads.map((own) => own[name]));
    return {
      ...{ data, task, form },
      runs: runs.length,
      parameters: runs[0].parameters,
      seconds: spreadOf(runs.map(({ seconds }) => seconds)).mean,
      test: {
        last: spreadsOf(
          task,
          runs.map(({ test }) => test.last),
        ),
        validation: chosen.length > 0 ? spreadsOf(task, chosen) : null,
        best: spreadsOf(
          task,
          runs.map(({ test }) => test.best),
        ),
      },
      ...(heads.length > 0 && {
        heads: { distance: spreadOfHeads('distance'), overlap: spreadOfHeads('overlap') },
      }),
    };
  });
}
