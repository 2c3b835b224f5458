/** Mean and spread of some values. */
export interface Spread {
  mean: number;
  /** Sample standard deviation, with n - 1; null for a single value. */
  std: number | null;
}

/** @param values at least one */
export function spreadOf(values: readonly number[]): Spread {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, std: n > 1 ? Math.sqrt(squares / (n - 1)) : null };
}
