/** A mean with the standard deviation around it. */
export interface MeanAndDeviation {
  mean: number;
  /** Of the population: with 1 / n. */
  std: number;
}

/**
 * @param values one or more numbers
 * @param divisor of the squared deviations: their number, or one less for the deviation of a sample
 */
export function meanAndDeviation(values: readonly number[], divisor = values.length): MeanAndDeviation {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, std: Math.sqrt(squares / divisor) };
}
