import { channelStatistics } from '../data/channelStatistics.js';
import type { ChannelStatistics, Dataset, LabelledData } from '../data/labelledData.js';
import { stratifiedSplit } from '../data/split.js';
import { standardize } from '../data/standardize.js';
import { mixSeed } from '../random.js';
import type { TrainOptions } from './trainOptions.js';

/** What a run trains on and is measured by, all standardised. */
export interface TrainParts {
  train: LabelledData;
  validation?: LabelledData;
  test: LabelledData;
  /** Of `train`; null for tokens. */
  statistics: ChannelStatistics | null;
}

/**
 * Splits off the validation part, if one is asked for, and standardises all parts with the statistics of the one that is
 * trained on.
 *
 * @throws Error if the training part is too small to split
 */
export function trainParts({ train: all, test }: Dataset, { validation: share, seed }: TrainOptions): TrainParts {
  const { train, validation } = share > 0 ? stratifiedSplit(all, share, mixSeed(seed, 2)) : { train: all };
  const statistics = channelStatistics(train);
  return {
    train: standardize(train, statistics),
    ...(validation && { validation: standardize(validation, statistics) }),
    test: standardize(test, statistics),
    statistics,
  };
}

/** '72 training, 18 validation, 40 test cases' */
export function countCases({ train, validation, test }: TrainParts): string {
  const parts = { training: train, validation, test };
  const counts = Object.entries(parts).flatMap(([name, part]) => (part ? [`${part.labels.length} ${name}`] : []));
  return `${counts.join(', ')} cases`;
}
