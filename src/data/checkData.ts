// Checks of data before anything is done with it.

import { check } from '../checks/values.js';
import { size } from './kinds/caseChecks.js';
import { traitsOf } from './kinds/traitsOf.js';
import { type Cases, checkFieldNames, kindOf } from './labelledData.js';

/** Indices of cases; undefined stands for all. */
type Chosen = ArrayLike<number> | undefined;

const chosenOf = (cases: Chosen, count: number) => cases ?? { length: count };

/**
 * Checks that data is whole: fields of their types, each case as long as it says, tokens in the vocabulary.
 *
 * @param owner the calling function's name, for errors
 * @param data of any kind, with labels or without
 * @param cases which to look at; default: all
 * @throws Error that names the field, or the case, counted from 1
 */
export function checkCases(owner: string, data: Cases, cases?: ArrayLike<number>): void {
  const traits = traitsOf(data, owner);
  checkFieldNames(owner, kindOf(data), data);
  traits.checkFields(owner, data);
  const chosen = chosenOf(cases, traits.count(data));
  for (let i = 0; i < chosen.length; i++) traits.checkCase(owner, data, chosen[i] ?? i);
}

/**
 * Checks the numbers of data that is whole.
 *
 * @param owner the calling function's name, for errors
 * @param data of any kind, with labels or without
 * @param options missing: NaN stands for a missing value, as before standardize; cases: which to look at, default all
 * @throws Error that names case, position and channel of a number that is not finite as a float32, counted from 1
 */
export function checkNumbers(
  owner: string,
  data: Cases,
  { missing = false, cases }: { missing?: boolean; cases?: ArrayLike<number> } = {},
): void {
  const traits = traitsOf(data, owner);
  const chosen = chosenOf(cases, traits.count(data));
  for (let i = 0; i < chosen.length; i++) {
    const index = chosen[i] ?? i;
    const found = traits.notFinite(data, index, missing);
    if (!found) continue;
    const must = missing ? 'finite, or NaN where it is missing' : 'finite';
    throw new Error(`${owner}: case ${index + 1} was ${String(found.value)} at ${found.place}; it must be ${must}`);
  }
}

/**
 * Checks what a classifier is to see: data that is whole, cases with at least one position, numbers that are finite.
 *
 * @param owner the calling function's name, for errors
 * @param data of any kind, with labels or without
 * @throws Error that names the field, or the case with position and channel, all counted from 1
 */
export function checkModelData(owner: string, data: Cases): void {
  checkCases(owner, data);
  const empty = traitsOf(data, owner).lengths(data)?.indexOf(0) ?? -1;
  if (empty >= 0) check(owner, `the length of case ${empty + 1}`, 0, size);
  checkNumbers(owner, data);
}
