// Results are compared before anything is timed.

const TOLERANCE = 1e-4;

/** The largest difference between two results, relative to the largest value of the first. */
export function difference(expected: Float32Array, found: Float32Array): number {
  if (expected.length !== found.length) return Infinity;
  let scale = 0;
  let worst = 0;
  for (let index = 0; index < expected.length; index++) {
    const gap = Math.abs(expected[index] - found[index]);
    // A comparison with NaN is false, whichever way round.
    if (!(gap <= worst)) worst = Number.isNaN(gap) ? Infinity : gap;
    scale = Math.max(scale, Math.abs(expected[index]));
  }
  return worst / scale;
}

/** @throws Error if a result differs by more than 1e-4 of the scale */
export function checkResult(what: string, expected: Float32Array, found: Float32Array): number {
  const gap = difference(expected, found);
  if (gap <= TOLERANCE) return gap;
  throw new Error(`${what}: the result differed from ours by ${gap} of its scale; it must be at most ${TOLERANCE}`);
}
