import { numbers } from '../checks/rules.js';
import { check } from '../checks/values.js';

/** How far numbers are from those that are right. */
export interface RegressionScores {
  /** Mean square of the errors. */
  mse: number;
  /** Its root. */
  rmse: number;
  /** Mean of the errors' absolute values. */
  mae: number;
  /** 1 - sum of squares of the errors / that of the targets about their mean; NaN where these are all equal. */
  r2: number;
}

/**
 * @param targets what is right, one or more
 * @param predicted as many
 * @returns in float64
 * @throws Error if one of them is no array of numbers, or they are not as many
 */
export function regressionScores(targets: readonly number[], predicted: readonly number[]): RegressionScores {
  const owner = 'regressionScores';
  check(owner, 'targets', targets, numbers);
  check(owner, 'predicted', predicted, numbers);
  const count = targets.length;
  if (predicted.length !== count) {
    throw new Error(`${owner}: predicted held ${predicted.length} numbers; it must hold ${count}, as targets`);
  }
  const mean = targets.reduce((sum, target) => sum + target, 0) / count;
  let [squares, sizes, spread] = [0, 0, 0];
  for (let i = 0; i < count; i++) {
    const error = predicted[i] - targets[i];
    squares += error * error;
    sizes += Math.abs(error);
    spread += (targets[i] - mean) ** 2;
  }
  const mse = squares / count;
  return { mse, rmse: Math.sqrt(mse), mae: sizes / count, r2: spread > 0 ? 1 - squares / spread : NaN };
}
