import { type Command, InvalidArgumentError, type Option } from 'commander';
import { meantName } from '../checks/meantName.js';
import { integer as integerRule, type Rule } from '../checks/rules.js';
import { isFolderSync } from '../files/isFolderSync.js';

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

/** Gives a command an option that can be null: commander itself takes null for no value, and puts '' there. */
export function addNullable(command: Command, option: Option): Command {
  return command.addOption(option).on(`option:${option.name()}`, (text: string) => {
    const name = option.attributeName();
    if (option.parseArg?.<unknown>(text, undefined) === null) command.setOptionValueWithSource(name, null, 'cli');
  });
}

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
  throw new InvalidArgumentError(`It must be 'auto', 'on' or 'off'.${meantName(text, ['auto', 'on', 'off'])}`);
}

/** Parses 'on' or 'off'. */
export function switched(text: string): boolean {
  if (text === 'on' || text === 'off') return text === 'on';
  throw new InvalidArgumentError('It must be on or off.');
}

/** Each name once, and none of them empty. */
function checkNames(names: readonly string[]): void {
  if (names.includes('')) throw new InvalidArgumentError('A name is missing; names are separated by single commas.');
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice) throw new InvalidArgumentError(`'${twice}' was given twice.`);
}

/** Parses names separated by commas, each given once. */
export function list(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  checkNames(names);
  return names;
}

/** Parses the address of a Redis: redis://HOST:PORT/DB, or rediss:// with TLS; user and password may be in it. */
export function redisUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isRight = url && /^rediss?:$/.test(url.protocol) && url.hostname !== '' && /^(\/\d*)?$/.test(url.pathname);
  if (isRight) return text;
  throw new InvalidArgumentError('It must be redis://HOST:PORT or redis://HOST:PORT/DB, or the same with rediss://.');
}

/**
 * Parses names and folders separated by commas, each given once. A folder that exists may have commas in its name, and of
 * several ways to read them the one with the longest first name counts; `\,` is a comma that separates nothing.
 */
export function folders(text: string): string[] {
  const parts = text.split(/(?<!\\),/).map((part) => part.replaceAll('\\,', ','));
  const names: string[] = [];
  for (let first = 0; first < parts.length;) {
    let end = parts.length;
    while (end > first + 1 && !isFolderSync(parts.slice(first, end).join(',').trim())) end--;
    names.push(parts.slice(first, end).join(',').trim());
    first = end;
  }
  checkNames(names);
  return names;
}

/** Gives an option the words that it can have; another one is an error that offers the nearest. */
export function addChoices(option: Option, words: readonly string[]): Option {
  return option.choices(words).argParser((text: string) => {
    if (words.includes(text)) return text;
    throw new InvalidArgumentError(`It must be one of ${words.join(', ')}.${meantName(text, words)}`);
  });
}
