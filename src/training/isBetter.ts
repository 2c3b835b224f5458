import { scores } from './scores.js';

/** What tells a better epoch from a worse on the validation part: 'accuracy', of equal ones the lower loss, or 'loss'. */
export type Monitor = 'accuracy' | 'loss';

export const monitors: readonly Monitor[] = ['accuracy', 'loss'];

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
  a: Readonly<Record<Monitor, number>>,
  b: Readonly<Record<Monitor, number>>,
): boolean {
  const decisive = a[monitor] === b[monitor] ? 'loss' : monitor;
  return scores[decisive].better === 'higher' ? a[decisive] > b[decisive] : a[decisive] < b[decisive];
}
