import { numbers } from '../checks/rules.js';
import { check } from '../checks/values.js';
import type { ForecastSplit } from './forecast/forecastSplits.js';

/** Mean and standard deviation of the numbers that a model learns to give. */
export interface TargetStatistics {
  mean: number;
  /** Biased; 1 where all are the same. */
  deviation: number;
}

/** A number for each case, which a regressor learns, in place of a class: labels are -1, and classNames empty or missing. */
export interface NumberTargets {
  /** The number of each case, in the units of the data; NaN where it is not known, which only cases to predict may be. */
  targets?: number[];
  /** What the numbers are, for people: the name of their column. */
  targetName?: string;
  /** If given, the model's outputs are (target - mean) / deviation: those of the training part. Default: the targets. */
  targetStatistics?: TargetStatistics;
}

/** What follows on each case, which a forecaster learns; see forecastWindows. */
export interface ForecastTargets {
  /** What follows on each case, time-major: [horizon * channels], in the scale of the cases' own numbers. */
  futures?: Float32Array[];
  /** Positions of each of them. */
  horizon?: number;
  /** How the table was divided that they are from. */
  split?: ForecastSplit;
  /** If given, all positions of the part, one after the other: cases and futures are views of it. */
  timeline?: Float32Array;
  /** Of a case to forecast: the times of its positions, as its table has them. */
  times?: string[];
}

/**
 * @returns mean and deviation of the targets, in float64
 * @throws Error if they are no numbers, or none
 */
export function targetStatistics(targets: readonly number[]): TargetStatistics {
  check('targetStatistics', 'targets', targets, numbers);
  const mean = targets.reduce((sum, target) => sum + target, 0) / targets.length;
  const variance = targets.reduce((sum, target) => sum + (target - mean) ** 2, 0) / targets.length;
  return { mean, deviation: Math.sqrt(variance) || 1 };
}
