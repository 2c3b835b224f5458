import { uniform } from '../random.js';

/** Pairs up to which all signs are tried; 2^20 sums take milliseconds. */
const EXACT = 20;
const DRAWS = 200_000;
/** Sums of accuracies that are equal on paper may differ by rounding. */
const TOLERANCE = 1e-9;

/**
 * Fisher's randomisation test for pairs. Where two methods are equally good, each difference could as well have had the
 * other sign: p is the share of all 2^n choices of signs whose sum is at least as far from 0 as the one observed. Exact,
 * for any distribution, with ties and zeros. Beyond 20 pairs, 200,000 random choices with a fixed seed stand for all.
 *
 * @param differences of the pairs
 * @returns the two-sided p; never below 2 / 2^n. 1 if there are no differences
 * @see Fisher, The Design of Experiments (1935), section 21
 */
export function signFlipTest(differences: readonly number[]): number {
  const sizes = differences.map(Math.abs).filter((size) => size > 0);
  const observed = Math.abs(differences.reduce((sum, difference) => sum + difference, 0)) - TOLERANCE;
  if (sizes.length <= EXACT) {
    let sums = [0];
    for (const size of sizes) sums = sums.flatMap((sum) => [sum + size, sum - size]);
    return sums.filter((sum) => Math.abs(sum) >= observed).length / sums.length;
  }
  const next = uniform(0);
  let count = 1; // the observed choice is one of them
  for (let draw = 0; draw < DRAWS; draw++) {
    const sum = sizes.reduce((sum, size) => sum + (next() < 0.5 ? size : -size), 0);
    if (Math.abs(sum) >= observed) count++;
  }
  return count / (DRAWS + 1);
}
