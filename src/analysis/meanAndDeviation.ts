/** A mean with the standard deviation around it. */
export interface MeanAndDeviation {
  mean: number;
  /** Of the population: with 1 / n. */
  std: number;
}

/** @param values one or more numbers */
export function meanAndDeviation(values: readonly number[]): MeanAndDeviation {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, std: Math.sqrt(variance) };
}
