import type { ReadOptions } from '../data/readOptions.js';
import type { ForecastSplit } from '../data/forecast/forecastSplits.js';
import type { TaskName } from '../data/modelMetadata.js';
import type { OptimizerName } from '../training/optimizers.js';
import type { TrainingOptions } from '../training/trainingOptions.js';
import type { ModelOptions } from './modelFor.js';

/** What a run trains, and how: all that its result depends on besides the cases of the data set. */
export interface RunPlan extends TrainingOptions, ModelOptions, ReadOptions {
  /** The data set as the run's record names it. */
  data: string;
  /** Name of a form of attention. */
  form: string;
  /** Of weights, training and held-out cases, see runSeed: the same seed gives the same run, for any number of threads. */
  seed: number;
  epochs: number;
  optimizer?: OptimizerName;
  /** Share of the training part that is held out; 0: nothing is. */
  validation: number;
  /** What the model is to learn; default: what the data has, classes or numbers. */
  task?: TaskName;
  /** To forecast: rows that the model is given, rows that it forecasts, and how the table is divided. */
  length?: number;
  horizon?: number;
  split?: ForecastSplit;
  /** Images: each is shifted at random by up to this many pixels. */
  shift?: number;
}

/** What of a plan says how a table is forecast, besides the model. */
export const forecastPlanNames = ['length', 'horizon', 'split'] as const satisfies readonly (keyof RunPlan)[];

/** Name of a run, for files and people: JapaneseVowels-bn+sh-0. */
export function runName({ data, form, seed }: Pick<RunPlan, 'data' | 'form' | 'seed'>): string {
  return `${data}-${form}-${seed}`;
}
