import { checkInteger, checkNumber } from '../checks/values.js';
import { caseCount } from './caseCount.js';
import { checkCases } from './checkData.js';
import { checkIndices } from './checkIndices.js';
import { traitsOf } from './kinds/traitsOf.js';
import { heldOut } from './heldOut.js';
import { checkLabelCount, checkLabels } from './labels.js';
import type { Cases, LabelledData } from './labelledData.js';
import { pick } from './pick.js';

/**
 * Some cases of a data set, in a given order. Series and tokens are shared with it, images copied.
 *
 * @param data of any kind; labels may be missing
 * @param indices the cases to take, each from 0 to one less than their number
 * @throws Error if the data is not whole, or an index is not that of a case
 */
export function subset<Data extends Cases>(data: Data, indices: ArrayLike<number>): Data {
  checkCases('subset', data);
  const cases = caseCount(data);
  checkIndices('subset', 'indices', indices, cases);
  if (data.labels !== undefined) checkLabelCount('subset', data.labels, cases);
  const order = Array.from(indices);
  const labels = data.labels && { labels: pick(data.labels, order) };
  const { ids, groups } = data;
  const names = { ...(ids && { ids: pick(ids, order) }), ...(groups && { groups: pick(groups, order) }) };
  return { ...data, ...traitsOf(data).take(data, order), ...labels, ...names };
}

/**
 * Splits off a part for validation, with about the same share of each class: of a class with n cases, fraction * n
 * rounded, but at least 1 where it has two or more, so that each such class is seen on both sides. Where cases have groups, both
 * sides share none, see heldOut.
 *
 * @param data the training part
 * @param fraction share of the validation part, above 0 and below 1
 * @param seed decides which cases; both parts keep the order of the data
 * @throws Error if an argument is wrong, the data is not whole, a case has no label, or a part would be empty
 */
export function stratifiedSplit<Data extends LabelledData>(
  data: Data,
  fraction: number,
  seed: number,
): { train: Data; validation: Data } {
  const owner = 'stratifiedSplit';
  checkNumber(owner, 'fraction', fraction, (x) => x > 0 && x < 1, 'above 0 and below 1');
  checkInteger(owner, 'seed', seed, -Infinity, Infinity);
  checkCases(owner, data);
  checkLabels(owner, data);
  const held = heldOut(data, fraction, seed);
  const all = data.labels.map((_, index) => index);
  if (held.size === 0) {
    const what = data.groups
      ? 'all cases were of one group; there must be two'
      : 'no class had two cases; at least one must have';
    throw new Error(`stratifiedSplit: ${what}, for a validation part`);
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
