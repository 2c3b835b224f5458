import { channelStatistics } from '../data/channelStatistics.js';
import type { ChannelStatistics, Dataset, LabelledData } from '../data/labelledData.js';
import { standardize } from '../data/standardize.js';
import { runSeed } from '../random.js';
import type { Task } from '../training/tasks/task.js';
import type { RunPlan } from './runPlan.js';

/** What a run trains on and is measured by, all standardised. */
export interface RunParts {
  train: LabelledData;
  validation?: LabelledData;
  test: LabelledData;
  /** Of `train`; null for tokens. */
  statistics: ChannelStatistics | null;
}

/**
 * Splits off the validation part, if the plan asks for one, and standardises all parts with the statistics of the one
 * that is trained on, so that nothing of the others leaks.
 *
 * @throws Error if the training part is too small to split
 */
export function runParts(
  { train: all, validation: own, test }: Dataset,
  task: Task,
  { validation: share, seed }: Pick<RunPlan, 'validation' | 'seed'>,
): RunParts {
  const { train, validation } =
    share > 0 ? task.split(all, share, runSeed(seed, 'split')) : { train: all, validation: own };
  const statistics = channelStatistics(train);
  return {
    train: standardize(train, statistics),
    ...(validation && { validation: standardize(validation, statistics) }),
    test: standardize(test, statistics),
    statistics,
  };
}
