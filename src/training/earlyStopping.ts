import { bestOf, type Monitor } from './isBetter.js';
import type { Progress } from './progress.js';

/**
 * The best epoch by the validation part; of equal ones the first.
 *
 * @param history epochs with a validation score
 * @param monitor see monitors
 * @returns undefined if there is no epoch, or none has a validation score
 */
export function bestEpoch(history: readonly Progress[], monitor: Monitor): Progress | undefined {
  const scored = history.filter(({ validation }) => validation !== undefined);
  const best = bestOf(
    monitor,
    scored.map(({ validation }) => validation!),
  );
  return scored.find(({ validation }) => validation === best);
}

/**
 * Whether training has gone on for `patience` epochs since the best one.
 *
 * @param history epochs so far
 * @param monitor see monitors
 * @param patience epochs, 1 or more; undefined never stops
 */
export function hasStalled(history: readonly Progress[], monitor: Monitor, patience: number | undefined): boolean {
  const best = bestEpoch(history, monitor);
  return patience !== undefined && best !== undefined && history.length - best.epoch >= patience;
}
