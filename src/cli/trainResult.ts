import type { RunOutcome } from '../experiments/keepRun.js';
import type { PreparedRun } from '../experiments/prepareRun.js';
import type { Progress } from '../training/progress.js';
import { percent } from './output.js';

/** What `train` has done. */
export interface TrainedRun {
  /** The data set's. */
  name: string;
  run: PreparedRun;
  folder: string;
  history: readonly Progress[];
  outcome: RunOutcome;
}

/** @returns the result of `train` as a document and as lines */
export function trainResult({ name, run, folder, history, outcome }: TrainedRun): [object, string[]] {
  const { plan, parts, model } = run;
  const { last, best, kept, report } = outcome;
  const seconds = history.reduce((sum, epoch) => sum + epoch.seconds, 0);
  const samplesPerSecond = (history.length * parts.train.labels.length) / seconds;
  const document = {
    ...{ data: name, form: plan.form, seed: plan.seed, epochs: history.length, parameters: model.countParams() },
    ...{ seconds, samplesPerSecond },
    testAccuracy: { last: last.accuracy, ...(best && { validation: best.accuracy }) },
    testMacroF1: kept.macroF1,
    ...(best && { bestEpoch: best.epoch }),
    ...{ output: folder, report },
    history: history.map(({ epoch, loss, accuracy, learningRate, seconds, validation }) => ({
      ...{ epoch, loss, accuracy, learningRate, seconds, validation },
    })),
  };
  const lines = [
    `Test accuracy  ${percent(last.accuracy)} (${parts.test.labels.length} cases, after the last epoch)`,
    ...(best ? [`               ${percent(best.accuracy)} (after epoch ${best.epoch}, the best on validation)`] : []),
    `Speed          ${samplesPerSecond.toFixed(0)} samples/s, ${seconds.toFixed(1)} s of training`,
    `Report         ${report}`,
    `Model          ${folder}`,
  ];
  return [document, lines];
}
