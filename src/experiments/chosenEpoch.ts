/** What a model did on a part that it was not trained on, after an epoch. */
export interface EpochEvaluation {
  /** 0 to 1. */
  accuracy: number;
  loss: number;
}

/**
 * The epoch after which a model did best: the highest accuracy; of those the lowest loss; of those the first.
 *
 * @param epochs evaluations after epoch 1, 2, ...; at least one
 * @returns the epoch, from 1
 */
export function chosenEpoch(epochs: readonly EpochEvaluation[]): number {
  const better = (a: EpochEvaluation, b: EpochEvaluation) =>
    a.accuracy > b.accuracy || (a.accuracy === b.accuracy && a.loss < b.loss);
  return epochs.reduce((best, epoch, index) => (better(epoch, epochs[best]) ? index : best), 0) + 1;
}
