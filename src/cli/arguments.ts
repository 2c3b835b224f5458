import { InvalidArgumentError } from 'commander';

/** Parses an integer of at least `low` for commander. */
export const integer =
  (low: number) =>
  (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= low) return value;
    throw new InvalidArgumentError(`It must be an integer of at least ${low}.`);
  };

/** Parses a number that fulfils a test for commander; `must` says which. */
export const number =
  (test: (value: number) => boolean, must: string) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isFinite(value) && test(value)) return value;
    throw new InvalidArgumentError(`It must be ${must}.`);
  };

/** Parses a number above 0 for commander. */
export const aboveZero = number((value) => value > 0, 'above 0');

/** Parses a rate for commander: a share of things that are dropped or set aside. */
export const rate = number((value) => value >= 0 && value < 1, '0 or more and below 1');

/** Parses `--threads`: a positive integer or 'auto'. */
export function threads(text: string): number | 'auto' {
  if (text === 'auto') return 'auto';
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a positive integer or 'auto'.");
}

/** Parses names that are parted by commas, each given once. */
export function list(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('')) throw new InvalidArgumentError('A name is missing; names are parted by single commas.');
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice) throw new InvalidArgumentError(`'${twice}' was given twice.`);
  return names;
}
