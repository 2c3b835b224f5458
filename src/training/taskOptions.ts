// Options of training whose meaning depends on the task.

import { oneOf } from '../checks/rules.js';
import { check, formatValue } from '../checks/values.js';
import type { Cases } from '../data/labelledData.js';
import { classWeightsOf } from './classWeights.js';
import type { Monitor } from './isBetter.js';
import type { LossOptions, Task } from './tasks/task.js';
import type { TrainingOptions } from './trainingOptions.js';

/** @returns the score that tells the best epoch: the task's first, if none is given; throws Error if the task has it not */
export function monitorOf(owner: string, { monitors }: Task, monitor: Monitor | undefined): Monitor {
  if (monitor !== undefined) check(owner, 'monitor', monitor, oneOf(monitors));
  return monitor ?? monitors[0];
}

/** @returns the options of the loss for this data; throws Error if one is wrong, or has no meaning for the task */
export function lossOptionsOf(owner: string, task: Task, options: TrainingOptions, data: Cases): LossOptions {
  const { labelSmoothing, classWeights } = options;
  for (const [name, value] of Object.entries({ labelSmoothing, classWeights })) {
    if (!value || task.lossOptions.includes(name as keyof LossOptions)) continue;
    throw new Error(`${owner}: ${name} was ${formatValue(value)} for ${task.name}; only classification takes it`);
  }
  if (!classWeights) return { labelSmoothing };
  return { labelSmoothing, classWeights: classWeightsOf(owner, classWeights, data.labels!, data.classNames!.length) };
}
