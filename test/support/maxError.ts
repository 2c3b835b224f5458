/** Largest absolute difference; NaN counts as infinite. */
export function maxError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Infinity;
  let error = 0;
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i] - expected[i]);
    error = difference <= error ? error : Number.isNaN(difference) ? Infinity : difference;
  }
  return error;
}
