import { checkInteger, checkNumber } from '../checks/values.js';
import { caseCount } from './caseCount.js';
import { checkCases } from './checkData.js';
import { checkIndices } from './checkIndices.js';
import { traitsOf } from './kinds/traitsOf.js';
import { heldAtRandom, heldOut } from './heldOut.js';
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
  const targets = data.targets && { targets: pick(data.targets, order) };
  const { ids, groups } = data;
  const names = { ...(ids && { ids: pick(ids, order) }), ...(groups && { groups: pick(groups, order) }) };
  return { ...data, ...traitsOf(data).take(data, order), ...labels, ...targets, ...names };
}

/** The cases that are `held`, and the others, both in the order of the data. */
function parted<Data extends Cases>(data: Data, held: ReadonlySet<number>): { train: Data; validation: Data } {
  const all = Array.from({ length: caseCount(data) }, (_, index) => index);
  const [train, validation] = [false, true].map((wanted) =>
    subset(
      data,
      all.filter((index) => held.has(index) === wanted),
    ),
  );
  return { train, validation };
}

const ONE_GROUP = 'all cases were of one group; there must be two, for two parts';

/** @throws Error unless these can split data */
function checkSplit(owner: string, data: Cases, fraction: number, seed: number): void {
  checkNumber(owner, 'fraction', fraction, (x) => x > 0 && x < 1, 'above 0 and below 1');
  checkInteger(owner, 'seed', seed, -Infinity, Infinity);
  checkCases(owner, data);
}

/**
 * Splits off a part for validation at random: of n cases fraction * n, rounded, but at least 1. Where cases have groups, whole
 * groups, and of their number the share.
 *
 * @param data the training part, two cases or more
 * @param fraction share of the validation part, above 0 and below 1
 * @param seed decides which cases; both parts keep the order of the data
 * @throws Error if an argument is wrong, the data is not whole, or a part would be empty
 */
export function randomSplit<Data extends Cases>(
  data: Data,
  fraction: number,
  seed: number,
): { train: Data; validation: Data } {
  checkSplit('randomSplit', data, fraction, seed);
  const cases = caseCount(data);
  if (cases < 2) throw new Error(`randomSplit: the data had ${cases} case; it must have at least 2, for two parts`);
  const held = heldAtRandom(cases, data.groups, fraction, seed);
  if (held.size === 0) throw new Error(`randomSplit: ${ONE_GROUP}`);
  return parted(data, held);
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
  checkSplit(owner, data, fraction, seed);
  checkLabels(owner, data);
  const held = heldOut(data, fraction, seed);
  if (held.size === 0) {
    throw new Error(
      `${owner}: ${data.groups ? ONE_GROUP : 'no class had two cases; at least one must have, for two parts'}`,
    );
  }
  return parted(data, held);
}
