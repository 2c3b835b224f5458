import { InvalidArgumentError } from 'commander';
import { integer as integerRule, type Rule } from '../checks/rules.js';

/** Parses a number that fulfils a rule for commander. */
export const number =
  (rule: Rule) =>
  (text: string): number => {
    const value = text.trim() === '' ? NaN : Number(text);
    if (!rule.test(value)) throw new InvalidArgumentError(`It must be ${rule.must}.`);
    // Beyond, integers are no longer exact.
    if (Math.abs(value) <= Number.MAX_SAFE_INTEGER) return value;
    throw new InvalidArgumentError(`It must be at most ${Number.MAX_SAFE_INTEGER}.`);
  };

/** Parses an integer from `low` to `high` for commander. */
export const integer = (low: number, high?: number) => number(integerRule(low, high));

/** Parses a name or path: any text but an empty one. */
export function nonEmpty(text: string): string {
  if (text.trim() !== '') return text;
  throw new InvalidArgumentError('It must not be empty.');
}

/** Parses a number that fulfils a rule, or 'none': null. */
export const orNone =
  (rule: Rule) =>
  (text: string): number | null => {
    if (text === 'none') return null;
    return number({ ...rule, must: `${rule.must}, or 'none'` })(text);
  };

/** More than any machine has; each takes memory. */
export const MOST_THREADS = 256;

/** Parses `--threads`: a positive integer or 'auto'. */
export function threads(text: string): number | 'auto' {
  if (text === 'auto') return text;
  return number({ ...integerRule(1, MOST_THREADS), must: `a positive integer up to ${MOST_THREADS}, or 'auto'` })(text);
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

/** Parses the address of a Redis: redis://HOST:PORT/DB, or rediss:// with TLS; user and password may be in it. */
export function redisUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isRight = url && /^rediss?:$/.test(url.protocol) && url.hostname !== '' && /^(\/\d*)?$/.test(url.pathname);
  if (isRight) return text;
  throw new InvalidArgumentError('It must be redis://HOST:PORT or redis://HOST:PORT/DB, or the same with rediss://.');
}
