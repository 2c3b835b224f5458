import { pickProperties } from '../pickProperties.js';
import { bestEpoch } from '../training/earlyStopping.js';
import { restoreCheckpoint } from '../training/checkpoint.js';
import { type Baseline, baselinesOf } from '../training/baselines/baseline.js';
import { evaluate } from '../training/evaluate.js';
import type { AnyEvaluation } from '../training/evaluation.js';
import type { Progress } from '../training/progress.js';
import { bestCheckpoint, lastCheckpoint } from '../training/runFolder.js';
import { writeRunReport } from '../training/runReport.js';
import { save } from '../training/save.js';
import type { PreparedRun } from './prepareRun.js';

/** How the model of a run does on the test part. */
export interface RunOutcome {
  /** After the last epoch. */
  last: AnyEvaluation;
  /** After the best epoch on the validation part, if there is one. */
  best?: AnyEvaluation & { epoch: number };
  /** Of the model that is kept. */
  kept: AnyEvaluation;
  /** Rules beside it, on the same part; none of classes. */
  baselines: Baseline[];
  /** Path of the report. */
  report: string;
}

/**
 * Tests the model of a run after its last and after its best epoch, saves the one that the plan wants, and writes the
 * report.
 *
 * @param run a run that fitRun has trained in `folder`; its model is the one that is kept, at the end
 * @param name the data set's
 * @param folder that of the run, which gets model.json and report.html
 * @param history what fitRun gave
 * @throws the file system's errors
 */
export async function keepRun(
  { plan, parts, model, task, metadata }: PreparedRun,
  name: string,
  folder: string,
  history: readonly Progress[],
): Promise<RunOutcome> {
  const testAt = async (checkpoint: string): Promise<AnyEvaluation> => {
    await restoreCheckpoint(checkpoint, model);
    return evaluate(model, parts.test);
  };
  const { monitor = task.monitors[0], restoreBestWeights } = plan;
  const last = await testAt(lastCheckpoint(folder));
  const chosen = bestEpoch(history, monitor);
  const best = chosen && { epoch: chosen.epoch, ...(await testAt(bestCheckpoint(folder))) };
  if (best && !restoreBestWeights) await restoreCheckpoint(lastCheckpoint(folder), model);
  await save(model, folder);
  const kept = best && restoreBestWeights ? best : last;
  const evaluated = [{ title: 'test part', evaluation: kept }];
  if (parts.validation) {
    evaluated.push({ title: 'validation part', evaluation: evaluate(model, parts.validation) });
  }
  const baselines = baselinesOf(task, parts);
  const report = await writeRunReport(folder, {
    title: `${name}, ${plan.form} attention, seed ${plan.seed}`,
    ...pickProperties(metadata, ['task', 'classNames', 'target', 'forecast']),
    parts: evaluated,
    baselines,
  });
  return { last, best, kept, baselines, report };
}
