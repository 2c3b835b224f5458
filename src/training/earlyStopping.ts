import type { Progress } from './progress.js';

/** What of the validation part tells a better epoch from a worse. */
export const monitors = ['loss', 'accuracy'] as const;

export type Monitor = (typeof monitors)[number];

/** Whether validation score `a` is better than `b`. */
function isBetter(monitor: Monitor, a: Progress, b: Progress): boolean {
  const [found, before] = [a.validation![monitor], b.validation![monitor]];
  return monitor === 'loss' ? found < before : found > before;
}

/**
 * The best epoch by the validation part; of equal ones the first.
 *
 * @param history epochs with a validation score
 * @param monitor the score's number that counts
 * @returns undefined if there is no epoch, or none has a validation score
 */
export function bestEpoch(history: readonly Progress[], monitor: Monitor): Progress | undefined {
  const scored = history.filter(({ validation }) => validation !== undefined);
  if (scored.length === 0) return undefined;
  return scored.reduce((best, epoch) => (isBetter(monitor, epoch, best) ? epoch : best));
}

/**
 * Whether training has gone on for `patience` epochs since the best one.
 *
 * @param history epochs so far
 * @param monitor the score's number that counts
 * @param patience epochs, 1 or more; undefined never stops
 */
export function hasStalled(history: readonly Progress[], monitor: Monitor, patience: number | undefined): boolean {
  const best = bestEpoch(history, monitor);
  return patience !== undefined && best !== undefined && history[history.length - 1].epoch - best.epoch >= patience;
}
