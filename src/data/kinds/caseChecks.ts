// Checks that kinds of data share. Cases, positions and channels are counted from 1.

import { integer, type Rule } from '../../checks/rules.js';
import { check, formatValue } from '../../checks/values.js';

/** A size that is at least 1. */
export const size: Rule = integer(1);

/** Whether something is an array of numbers, plain or typed, as far as its type tells. */
export function isNumbers(values: unknown): values is ArrayLike<number> {
  return Array.isArray(values) || (ArrayBuffer.isView(values) && !(values instanceof DataView));
}

/** What an array is, without what it holds. */
function describe(value: unknown): string {
  return isNumbers(value) ? `an array of ${value.length}` : formatValue(value);
}

/** @throws Error unless there is one array for each case in the field `name`, and as many lengths */
export function checkLists(owner: string, name: string, values: unknown, lengths: unknown): void {
  if (!Array.isArray(values)) {
    throw new Error(`${owner}: ${name} was ${describe(values)}; it must be an array that holds an array for each case`);
  }
  if (!Array.isArray(lengths) || lengths.length !== values.length) {
    const must = `it must be an array of ${values.length} integers, one for each case`;
    throw new Error(`${owner}: lengths was ${describe(lengths)}; ${must}`);
  }
}

/** @throws Error unless a case of the field `name` has `width` numbers at each of its positions */
export function checkSequence(
  owner: string,
  { name, values, length, width }: { name: string; values: unknown; length: unknown; width: number },
  index: number,
): void {
  if (!isNumbers(values)) {
    throw new Error(
      `${owner}: ${name} of case ${index + 1} was ${formatValue(values)}; it must be an array of numbers`,
    );
  }
  check(owner, `the length of case ${index + 1}`, length, integer(0));
  const wanted = (length as number) * width;
  if (values.length === wanted) return;
  const positions = `${String(length)} ${length === 1 ? 'position' : 'positions'}`;
  const must = width === 1 ? positions : `${positions} of ${width} channels`;
  throw new Error(
    `${owner}: ${name} of case ${index + 1} held ${values.length} numbers; they must be ${wanted}, for ${must}`,
  );
}

/**
 * @param missing whether NaN may be
 * @returns the index of the first of the numbers from `begin` to `end` that is not finite as a float32; -1 if there is none
 */
export function findNotFinite(values: ArrayLike<unknown>, begin: number, end: number, missing: boolean): number {
  for (let i = begin; i < end; i++) {
    const value = values[i];
    if (typeof value === 'number' && (Number.isFinite(Math.fround(value)) || (missing && Number.isNaN(value))))
      continue;
    return i;
  }
  return -1;
}
