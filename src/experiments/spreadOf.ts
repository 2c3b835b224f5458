import { meanAndDeviation } from '../analysis/meanAndDeviation.js';

/** Mean and spread of some values. */
export interface Spread {
  mean: number;
  /** Sample standard deviation, with n - 1; null for a single value. */
  std: number | null;
}

/** @param values at least one */
export function spreadOf(values: readonly number[]): Spread {
  const n = values.length;
  return n > 1 ? meanAndDeviation(values, n - 1) : { mean: values[0], std: null };
}
