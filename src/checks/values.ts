// Checks of plain arguments. Every message names the function, the argument, what it was and what it must be.

import { meantName } from './meantName.js';
import { boolean, integer, number, oneOf, rate, type Rule } from './rules.js';

/** Arrays are shown to this depth, with so many entries. */
const [DEEPEST, MOST_SHOWN] = [4, 64];

/** An argument as a message shows it: what a tensor or another object holds would be too much. */
export function formatValue(value: unknown, depth = 0): string {
  if (Array.isArray(value)) {
    if (depth === DEEPEST) return '[...]';
    const shown = value.slice(0, MOST_SHOWN).map((one) => formatValue(one, depth + 1));
    const rest = value.length > MOST_SHOWN ? [`... ${value.length} in all`] : [];
    return `[${[...shown, ...rest].join(', ')}]`;
  }
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'object' && value !== null) return `an instance of ${value.constructor?.name ?? 'Object'}`;
  return String(value);
}

/** An object that sets none but these options; undefined stands for the default. */
export function checkOptions(owner: string, options: unknown, names: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new Error(`${owner}: options was ${formatValue(options)}; it must be an object`);
  }
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || names.includes(name)) continue;
    const known = names.length > 0 ? `the options are ${names.join(', ')}` : 'there are none';
    throw new Error(`${owner}: unknown option '${name}'; ${known}.${meantName(name, names)}`);
  }
}

/** A value as `rule` has it. */
export function check(owner: string, name: string, value: unknown, { must, test }: Rule): void {
  if (!test(value)) throw new Error(`${owner}: ${name} was ${formatValue(value)}; it must be ${must}`);
}

/** An object that sets none but the options with a rule, each as its own has it; undefined stands for the default. */
export function checkByRules<Options extends object>(
  owner: string,
  options: Options,
  rules: { readonly [Name in keyof Options]-?: Rule },
): void {
  const entries: [string, Rule][] = Object.entries(rules);
  checkOptions(
    owner,
    options,
    entries.map(([name]) => name),
  );
  for (const [name, rule] of entries) {
    const value: unknown = options[name as keyof Options];
    if (value !== undefined) check(owner, name, value, rule);
  }
}

/** A finite float32 that passes `test` as such; `must` says what that is. */
export function checkNumber(
  owner: string,
  name: string,
  value: unknown,
  test: (value: number) => boolean,
  must: string,
): void {
  check(owner, name, value, number(test, must));
}

/** An integer from `low` to `high`. */
export function checkInteger(owner: string, name: string, value: unknown, low: number, high: number): number {
  check(owner, name, value, integer(low, high));
  return value as number;
}

/** A probability that something is dropped, or a part that is kept: from 0 to below 1. */
export function checkRate(owner: string, name: string, value: number): number {
  check(owner, name, value, rate);
  return value;
}

/** One of a few words. */
export function checkChoice<T extends string>(owner: string, name: string, value: T, choices: readonly T[]): T {
  check(owner, name, value, oneOf(choices));
  return value;
}

/** A flag. */
export function checkBoolean(owner: string, name: string, value: unknown): boolean {
  check(owner, name, value, boolean);
  return value as boolean;
}

/** One integer 0 .. `positions` for each sample. */
export function checkLengths(owner: string, lengths: unknown, samples: number, positions: number): void {
  const fits = Array.isArray(lengths) && lengths.length === samples;
  if (!fits) throw new Error(`${owner}: lengths was ${formatValue(lengths)}; it must hold ${samples} integers`);
  lengths.forEach((length, b) => checkInteger(owner, `lengths[${b}]`, length, 0, positions));
}
