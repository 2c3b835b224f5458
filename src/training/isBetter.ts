import { type ScoreName, scores } from './scores.js';

/** What may tell a better epoch from a worse on the validation part. */
export type Monitor = 'accuracy' | 'loss' | 'rmse' | 'mae' | 'r2' | 'mse';

export const monitors = ['accuracy', 'loss', 'rmse', 'mae', 'r2', 'mse'] as const satisfies readonly (Monitor &
  ScoreName)[];

/**
 * Whether a model that scored `a` did better than one that scored `b`. The monitored score decides; where it is equal, the
 * loss does.
 *
 * @param monitor see monitors
 * @param a scores on a part of the data
 * @param b scores on the same part
 * @returns false where both are equal, or where one that decides is NaN
 */
export function isBetter(
  monitor: Monitor,
  a: Readonly<Partial<Record<Monitor, number>>>,
  b: Readonly<Partial<Record<Monitor, number>>>,
): boolean {
  const decisive = a[monitor] === b[monitor] ? 'loss' : monitor;
  return scores[decisive].better === 'higher' ? a[decisive]! > b[decisive]! : a[decisive]! < b[decisive]!;
}

/** The best of several by isBetter; of equal ones the first; undefined of none. */
export function bestOf<Scored extends Readonly<Partial<Record<Monitor, number>>>>(
  monitor: Monitor,
  all: readonly Scored[],
): Scored | undefined {
  return all.length === 0 ? undefined : all.reduce((best, one) => (isBetter(monitor, one, best) ? one : best));
}
