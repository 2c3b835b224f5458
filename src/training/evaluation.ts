import type { ValidationScore } from './progress.js';

/** How well a classifier does. */
export interface Evaluation extends ValidationScore {
  /** Part of the cases whose most probable class is the right one, 0 to 1. */
  accuracy: number;
  /** Mean of -log(probability of the right class). */
  loss: number;
  /** Mean of the classes' F1, 0 to 1; classes that neither occur nor were predicted do not count. */
  macroF1: number;
  /** [right class][predicted class]: numbers of cases. */
  confusion: number[][];
  /** Most probable class of each case, as an index. */
  predicted: number[];
}

/** How well a regressor does. */
export interface RegressionEvaluation extends ValidationScore {
  /** Mean square of the errors, in the scale of the model's outputs. */
  loss: number;
  /** Root of the mean square of the errors, in the units of the targets. */
  rmse: number;
  /** Mean of the errors' absolute values, in the units of the targets. */
  mae: number;
  /** 1 - sum of squares of the errors / that of the targets about their mean; NaN where these are all equal. */
  r2: number;
  /** What the model gave for each case, in the units of the targets. */
  predicted: number[];
  /** What was right. */
  targets: number[];
}

/** Errors of standardised numbers. */
export interface ForecastErrors {
  /** Mean square. */
  mse: number;
  /** Mean of the absolute values. */
  mae: number;
}

/** How well a forecaster does, on numbers as the model was given them: standardised. */
export interface ForecastEvaluation extends ValidationScore, ForecastErrors {
  /** The mean square error. */
  loss: number;
  mse: number;
  mae: number;
  /** By position ahead. */
  steps: ForecastErrors[];
  channels: ({ name: string } & ForecastErrors)[];
}

/** What evaluate gives for any task. */
export type AnyEvaluation = Evaluation | RegressionEvaluation | ForecastEvaluation;

/** How a model did on a part of the data. */
export interface EvaluatedPart<Of extends AnyEvaluation = AnyEvaluation> {
  /** What the part is, for people: 'test part'. */
  title: string;
  evaluation: Of extends Evaluation ? Omit<Of, 'predicted'> : Of;
}
