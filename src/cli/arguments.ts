import { InvalidArgumentError } from 'commander';
import { integer as integerRule, type Rule } from '../checks/rules.js';

/** Parses a number that fulfils a rule for commander. */
export const number =
  (rule: Rule) =>
  (text: string): number => {
    const value = text.trim() === '' ? NaN : Number(text);
    if (rule.test(value)) return value;
    throw new InvalidArgumentError(`It must be ${rule.must}.`);
  };

/** Parses an integer of at least `low` for commander. */
export const integer = (low: number) => number(integerRule(low));

/** Parses a number that fulfils a rule, or 'none': null. */
export const orNone =
  (rule: Rule) =>
  (text: string): number | null => {
    if (text === 'none') return null;
    return number({ ...rule, must: `${rule.must}, or 'none'` })(text);
  };

/** Parses `--threads`: a positive integer or 'auto'. */
export function threads(text: string): number | 'auto' {
  if (text === 'auto') return text;
  return number({ ...integerRule(1), must: "a positive integer or 'auto'" })(text);
}

/** Parses `--wide`: on, off or 'auto'. */
export function wide(text: string): boolean | 'auto' {
  if (text === 'auto') return text;
  if (text === 'on' || text === 'off') return text === 'on';
  throw new InvalidArgumentError("It must be 'auto', 'on' or 'off'.");
}

/** Parses names separated by commas, each given once. */
export function list(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('')) throw new InvalidArgumentError('A name is missing; names are separated by single commas.');
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice) throw new InvalidArgumentError(`'${twice}' was given twice.`);
  return names;
}
