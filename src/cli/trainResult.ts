import type { RunOutcome } from '../experiments/keepRun.js';
import type { PreparedRun } from '../experiments/prepareRun.js';
import { counted } from '../checks/counted.js';
import { pickProperties } from '../pickProperties.js';
import type { Baseline } from '../training/baselines/baseline.js';
import type { ComparedScore } from '../training/tasks/comparedScores.js';
import { exactly, type ScoreName, scores } from '../training/scores.js';
import type { Progress } from '../training/progress.js';

/** What `train` has done. */
export interface TrainedRun {
  /** The data set's. */
  name: string;
  run: PreparedRun;
  folder: string;
  history: readonly Progress[];
  outcome: RunOutcome;
}

/** A line for each simple rule on the test part. */
function baselineLines(main: ScoreName, baselines: readonly Baseline[]): string[] {
  return baselines.map(
    ({ name, [main as ComparedScore]: value }) => `${''.padEnd(14)} ${exactly(main, value!)} (${name})`,
  );
}

/** @returns the result of `train` as a document and as lines */
export function trainResult({ name, run, folder, history, outcome }: TrainedRun): [object, string[]] {
  const { plan, parts, model, task } = run;
  const { last, best, kept, baselines, report } = outcome;
  const seconds = history.reduce((sum, epoch) => sum + epoch.seconds, 0);
  const samplesPerSecond = (history.length * parts.train.labels.length) / seconds;
  const document = {
    ...{ data: name, form: plan.form, seed: plan.seed, epochs: history.length, parameters: model.countParams() },
    ...{ seconds, samplesPerSecond },
    ...task.testDocument({ last, best, kept }),
    ...(best && { bestEpoch: best.epoch }),
    ...(baselines.length > 0 && { baselines }),
    ...{ output: folder, report },
    history: history.map(({ epoch, learningRate, seconds, validation, ...progress }) => ({
      ...{ epoch, ...pickProperties(progress, task.trainingScores), learningRate, seconds, validation },
    })),
  };
  const [main] = task.monitors;
  const { title } = scores[main];
  const format = (value: number) => exactly(main, value);
  const lines = [
    `${`Test ${title}`.padEnd(14)} ${format(last[main]!)} (${counted(parts.test.labels.length, 'case')}, after the last epoch)`,
    ...(best ? [`${''.padEnd(14)} ${format(best[main]!)} (after epoch ${best.epoch}, the best on validation)`] : []),
    ...baselineLines(main, baselines),
    `Speed          ${samplesPerSecond.toFixed(0)} samples/s, ${seconds.toFixed(1)} s of training`,
    `Report         ${report}`,
    `Model          ${folder}`,
  ];
  return [document, lines];
}
