import { listed, quoted } from '../../checks/quoted.js';

/** Whether a label stands for none. */
export const isMissingLabel = (label: string | undefined): label is undefined | '' | '?' =>
  label === undefined || label === '' || label === '?' || /^nan$/i.test(label);

const whole = /^[+-]?(0|[1-9]\d*)(\.0*)?(e[+-]?\d+)?$/i;

/**
 * The class that a label names. Whole numbers are the same class however they are written: 1, 1.0 and 1.0000000e+00 are 1.
 *
 * @param label as a file has it
 */
export function className(label: string): string {
  if (!whole.test(label)) return label;
  const value = Number(label);
  return Number.isSafeInteger(value) ? `${value === 0 ? 0 : value}` : label;
}

/** @throws Error if two of the names are the same number, or one is a number with a fraction */
function checkNames(names: readonly string[]): void {
  const byNumber = new Map<number | bigint, string>();
  for (const name of names) {
    // Whole numbers may be longer than a number is exact.
    const value = /^\d+$/.test(name) ? BigInt(name) : name === '' ? NaN : Number(name);
    if (Number.isNaN(value)) continue;
    const other = byNumber.get(value);
    if (other !== undefined) {
      throw new Error(
        `the labels ${quoted(other)} and ${quoted(name)} are the same number; labels of a class must be written alike`,
      );
    }
    byNumber.set(value, name);
  }
}

/** @throws Error if a label is a number with a fraction, which names no class */
export function checkLabel(label: string): void {
  const value = Number(label);
  if (Number.isNaN(value) || Number.isInteger(value) || label === '') return;
  throw new Error(
    `the label was ${quoted(label)}; a class must have a name or be a whole number; numbers that are measured can be ` +
      'learnt (--target-column)',
  );
}

/**
 * @param names of classes that occur
 * @returns each once, as numbers if all are, otherwise as texts
 * @throws Error if two are the same number
 */
export function sortedClasses(names: Iterable<string>): string[] {
  const found = [...new Set(names)];
  checkNames(found);
  const numeric = found.every((name) => Number.isFinite(Number(name)));
  return numeric ? found.sort((a, b) => Number(a) - Number(b)) : found.sort();
}

/** @throws Error unless a class is one of those known */
export function checkKnown(name: string, known: readonly string[]): void {
  if (!known.includes(name)) throw new Error(`the label was ${quoted(name)}; it must be one of ${listed(known)}`);
}
