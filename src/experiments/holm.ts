/**
 * Holm's correction of several tests: where no difference is real, the chance that any corrected p is at most a level is at most
 * that level, however the tests depend on each other.
 *
 * @param ps of the tests, uncorrected
 * @returns corrected ones, in the same order
 * @see Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6 (1979)
 */
export function holm(ps: readonly number[]): number[] {
  const order = ps.map((_, index) => index).sort((a, b) => ps[a] - ps[b]);
  const corrected = new Array<number>(ps.length);
  let highest = 0;
  order.forEach((index, rank) => {
    highest = Math.max(highest, Math.min(1, (ps.length - rank) * ps[index]));
    corrected[index] = highest;
  });
  return corrected;
}
