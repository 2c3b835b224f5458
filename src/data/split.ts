import { mixSeed, permutation } from '../random.js';
import { caseCount } from './caseCount.js';
import { pick } from './pick.js';
import { traitsOf } from './kinds/traitsOf.js';
import type { LabelledData } from './labelledData.js';

/**
 * Some cases of a data set, in a given order. Series and tokens are shared with it, images copied.
 *
 * @param data any labelled data
 * @param indices the cases to take, each from 0 to one less than their number
 * @throws Error if an index is not that of a case
 */
export function subset<Data extends LabelledData>(data: Data, indices: ArrayLike<number>): Data {
  const order = Array.from(indices);
  const cases = caseCount(data);
  const wrong = order.find((index) => !Number.isInteger(index) || index < 0 || index >= cases);
  if (wrong !== undefined) {
    throw new Error(`subset: an index was ${wrong}; it must be an integer from 0 to ${cases - 1}`);
  }
  return { ...data, ...traitsOf(data).take(data, order), labels: pick(data.labels, order) };
}

/**
 * Splits off a part for validation, with about the same share of each class: of a class with n cases, fraction * n
 * rounded, but at least 1 where it has two or more, so that each such class is seen on both sides.
 *
 * @param data the training part
 * @param fraction share of the validation part, above 0 and below 1
 * @param seed decides which cases; both parts keep the order of the data
 * @throws Error if the fraction is out of range, or a part would be empty
 */
export function stratifiedSplit<Data extends LabelledData>(
  data: Data,
  fraction: number,
  seed: number,
): { train: Data; validation: Data } {
  if (!(fraction > 0 && fraction < 1)) {
    throw new Error(`stratifiedSplit: fraction was ${fraction}; it must be above 0 and below 1`);
  }
  const held = new Set<number>();
  data.classNames.forEach((_, label) => {
    const cases = data.labels.flatMap((found, index) => (found === label ? [index] : []));
    if (cases.length < 2) return;
    const count = Math.min(cases.length - 1, Math.max(1, Math.round(fraction * cases.length)));
    const order = permutation(cases.length, mixSeed(seed, label));
    for (let i = 0; i < count; i++) held.add(cases[order[i]]);
  });
  const all = data.labels.map((_, index) => index);
  if (held.size === 0) {
    throw new Error('stratifiedSplit: no class had two cases; at least one must have, for a validation part');
  }
  return {
    train: subset(
      data,
      all.filter((index) => !held.has(index)),
    ),
    validation: subset(
      data,
      all.filter((index) => held.has(index)),
    ),
  };
}
