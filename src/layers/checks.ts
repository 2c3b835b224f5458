import { checkNumber } from '../ops/checks.js';

/**
 * A probability that something is dropped, or a part that is kept.
 *
 * @returns the value
 * @throws Error unless it is a number from 0 to below 1
 */
export function checkRate(owner: string, name: string, value: number): number {
  checkNumber(owner, name, value, (x) => x >= 0 && x < 1, '0 or more and below 1');
  return value;
}

/**
 * One of a few words.
 *
 * @returns the value
 * @throws Error unless it is one of the choices
 */
export function checkChoice<T extends string>(owner: string, name: string, value: T, choices: readonly T[]): T {
  if (choices.includes(value)) return value;
  throw new Error(
    `${owner}: ${name} was ${JSON.stringify(value)}; it must be ${choices.map((c) => `'${c}'`).join(' or ')}`,
  );
}
