// Data that every process makes for itself, the same in each.

import { uniform } from '../src/random.js';

/** A seed from a name (FNV-1a). */
function seedOf(name: string): number {
  return [...name].reduce((hash, letter) => Math.imul(hash ^ letter.charCodeAt(0), 0x01000193), 0x811c9dc5);
}

/** Values of the normal distribution (Box and Muller), the same for the same name. */
export function normal(name: string, count: number): Float32Array {
  const next = uniform(seedOf(name));
  return Float32Array.from(
    { length: count },
    () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  );
}

/** Values in [-bound, bound), the same for the same name. */
export function between(name: string, count: number, bound: number): Float32Array {
  const next = uniform(seedOf(name));
  return Float32Array.from({ length: count }, () => bound * (2 * next() - 1));
}
