import { mixSeed, permutation } from '../random.js';
import type { LabelledData } from './labelledData.js';

/** Of `count`, how many a share is: at least one, and not all. */
export const shareOf = (count: number, fraction: number) =>
  Math.min(count - 1, Math.max(1, Math.round(fraction * count)));

/** A share of each list that has two entries or more. */
function drawn<T>(lists: Iterable<readonly T[]>, fraction: number, seed: number): T[] {
  const held: T[] = [];
  let index = 0;
  for (const list of lists) {
    if (list.length > 1) {
      const order = permutation(list.length, mixSeed(seed, index));
      for (let i = 0; i < shareOf(list.length, fraction); i++) held.push(list[order[i]]);
    }
    index++;
  }
  return held;
}

/** Lists of values that have the same key. */
function listsBy<T>(values: Iterable<T>, keyOf: (value: T, index: number) => string): Map<string, T[]> {
  const lists = new Map<string, T[]>();
  let index = 0;
  for (const value of values) {
    const key = keyOf(value, index++);
    const list = lists.get(key);
    if (list) list.push(value);
    else lists.set(key, [value]);
  }
  return lists;
}

/** The cases of each group. */
const membersOf = (groups: readonly string[]): number[][] => [
  ...listsBy(
    groups.map((_, index) => index),
    (index) => groups[index],
  ).values(),
];

/**
 * The cases that a random split holds out: a share of all, or where cases have groups, those of a share of the groups.
 *
 * @returns their indices; none if there are not two cases, or groups
 */
export function heldAtRandom(
  cases: number,
  groups: readonly string[] | undefined,
  fraction: number,
  seed: number,
): Set<number> {
  const all = groups ? membersOf(groups) : Array.from({ length: cases }, (_, index) => [index]);
  return new Set(drawn([all], fraction, seed).flat());
}

/**
 * The cases that a split holds out: of each class about the same share, and at least one where it has two or more. Where cases
 * have groups, whole groups are held out instead: a share of those with the same classes, or of all, where no two have.
 *
 * @param data with labels
 * @param fraction above 0 and below 1
 * @param seed decides which
 * @returns their indices; none if there are not two of anything
 */
export function heldOut({ labels, classNames, groups }: LabelledData, fraction: number, seed: number): Set<number> {
  const cases = labels.map((_, index) => index);
  if (!groups) {
    const byClass = classNames.map((_, label) => cases.filter((index) => labels[index] === label));
    return new Set(drawn(byClass, fraction, seed));
  }
  const members = membersOf(groups);
  const alike = listsBy(members, (member) =>
    [...new Set(member.map((index) => labels[index]))].sort((a, b) => a - b).join(),
  );
  const found = drawn(alike.values(), fraction, seed);
  return new Set((found.length > 0 ? found : drawn([members], fraction, seed)).flat());
}
