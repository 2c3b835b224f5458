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

/** Means of all subsets of the differences but the empty one, or of 200,000 random ones. */
function subsetMeans(differences: readonly number[]): Float64Array {
  const n = differences.length;
  if (n <= EXACT) {
    const [sums, counts] = [new Float64Array(2 ** n), new Uint8Array(2 ** n)];
    differences.forEach((difference, index) => {
      const size = 2 ** index;
      for (let subset = 0; subset < size; subset++) {
        sums[size + subset] = sums[subset] + difference;
        counts[size + subset] = counts[subset] + 1;
      }
    });
    return sums.map((sum, subset) => sum / counts[subset]).slice(1);
  }
  const next = uniform(0);
  return Float64Array.from({ length: DRAWS }, () => {
    for (;;) {
      let [sum, count] = [0, 0];
      for (const difference of differences) {
        if (next() < 0.5) continue;
        sum += difference;
        count++;
      }
      if (count > 0) return sum / count;
    }
  });
}

/**
 * The interval that goes with signFlipTest: the values that it does not reject as the centre of the differences. Its ends are
 * means of subsets of them, between any two of which, in order, the centre lies with the same probability.
 *
 * @param differences of the pairs
 * @param level how often, at least, such intervals hold the centre
 * @returns null if there are too few pairs for an interval with ends: fewer than six for 0.95
 * @see Hartigan, Using subsample values as typical values, Journal of the American Statistical Association 64 (1969)
 */
export function signFlipInterval(differences: readonly number[], level = 0.95): [low: number, high: number] | null {
  if (2 / 2 ** differences.length > 1 - level) return null;
  const means = subsetMeans(differences).sort();
  const outside = Math.floor(((1 - level) / 2) * (means.length + 1));
  return [means[outside - 1], means[means.length - outside]];
}
