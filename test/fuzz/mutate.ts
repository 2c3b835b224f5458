// Arguments with a part replaced.

import type { Random } from '../support/random.js';
import { oddValue } from './oddArguments.js';

type Holder = Record<string, unknown>;

const isHolder = (value: unknown): value is Holder =>
  Array.isArray(value) ||
  (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype);

/** All places in nested arrays and plain objects; of long arrays the first few. */
export function placesIn(holder: Holder, depth = 0): [Holder, string][] {
  const keys = Object.keys(holder);
  return keys.slice(0, 12).flatMap((key) => {
    const value = holder[key];
    return [[holder, key] as [Holder, string], ...(isHolder(value) && depth < 4 ? placesIn(value, depth + 1) : [])];
  });
}

/** Changes one to three places of `args`, which must be its caller's own. Returns what was done, for people to read. */
export function mutate(rng: Random, args: unknown[]): string {
  const done: string[] = [];
  for (let left = rng.pick([1, 1, 1, 2, 3]); left > 0; left--) {
    const places = placesIn(args as unknown as Holder);
    if (places.length === 0) break;
    const [holder, key] = rng.pick(places);
    const old = holder[key];
    if (rng.chance(0.06) && isHolder(old) && !Array.isArray(old)) {
      old[rng.pick(['lr', 'useBias', 'mask', 'foo'])] = oddValue(rng, 1);
      done.push(`${key} has one more`);
    } else {
      holder[key] = oddValue(rng, old);
      done.push(`${key} was replaced by ${describe(holder[key])}`);
    }
  }
  return done.join('; ');
}

function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value).slice(0, 40);
  if (typeof value !== 'object' || value === null) return String(value).slice(0, 40);
  const { shape, dtype, isDisposed } = value as { shape?: number[]; dtype?: string; isDisposed?: boolean };
  if (shape) return `${dtype} [${shape.join()}]${isDisposed ? ' disposed' : ''}`;
  return Array.isArray(value) ? `an array of ${value.length}` : (value.constructor?.name ?? 'an object without class');
}
