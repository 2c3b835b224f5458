import { shiftImages } from '../data/augmentations.js';
import type { LabelledData } from '../data/labelledData.js';
import { readOptionNames } from '../data/readOptions.js';
import { pickProperties } from '../pickProperties.js';
import { runSeed } from '../random.js';
import { fit } from '../training/fit.js';
import type { FitOptions } from '../training/fitOptions.js';
import type { Progress } from '../training/progress.js';
import { trainingOptionNames } from '../training/trainingOptions.js';
import { modelOptionNames } from './modelFor.js';
import { forecastPlanNames } from './runPlan.js';
import type { PreparedRun } from './prepareRun.js';

/** What of a plan config.json holds besides fit's own options. */
const recorded = [
  'data',
  'form',
  ...modelOptionNames,
  'validation',
  'shift',
  'seed',
  'task',
  ...forecastPlanNames,
  ...readOptionNames,
] as const;

/**
 * Trains a prepared run as its plan says.
 *
 * @param run see prepareRun; its model is trained
 * @param scored the part that is evaluated after each epoch
 * @param options how the training is followed, stopped and kept; in `folder`, config.json holds the plan
 * @returns the progress at the end of each complete epoch
 * @throws Error as fit does
 */
export function fitRun(
  { plan, parts, model }: PreparedRun,
  scored: LabelledData | undefined,
  options: Pick<FitOptions, 'folder' | 'resume' | 'signal' | 'onWarning' | 'onBatchEnd' | 'onEpochEnd'>,
): Promise<Progress[]> {
  return fit(model, parts.train, {
    ...pickProperties(plan, trainingOptionNames),
    seed: runSeed(plan.seed, 'training'),
    validation: scored,
    ...(plan.shift !== undefined && { augmentation: shiftImages(plan.shift) }),
    ...(options.folder !== undefined && { config: pickProperties(plan, recorded) }),
    ...options,
  });
}
