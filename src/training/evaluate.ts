import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Cases, LabelledData } from '../data/labelledData.js';
import type { AnyEvaluation, Evaluation, ForecastEvaluation, RegressionEvaluation } from './evaluation.js';
import { checkLabelledPart } from './labelledPart.js';
import { outputsOf, type PredictOptions } from './predict.js';

/**
 * Evaluates a model, without dropout.
 *
 * @param model made for the data's task, as timeSeriesClassifier or timeSeriesRegressor makes it
 * @param data data standardised with the training part's statistics; at least one case; of regression with `targets`
 * @param options see PredictOptions
 * @returns the scores of the task, see Evaluation, RegressionEvaluation and ForecastEvaluation
 * @throws Error if there is no case; if one, which is named, has no label of a class or no target; as predict
 */
export function evaluate(
  model: LayersModel,
  data: Cases & { targets: number[] },
  options?: PredictOptions,
): RegressionEvaluation;
export function evaluate(
  model: LayersModel,
  data: Cases & { futures: Float32Array[] },
  options?: PredictOptions,
): ForecastEvaluation;
export function evaluate(model: LayersModel, data: LabelledData, options?: PredictOptions): Evaluation;
export function evaluate(model: LayersModel, data: Cases, options?: PredictOptions): AnyEvaluation;
export function evaluate(model: LayersModel, data: Cases, options: PredictOptions = {}): AnyEvaluation {
  const { task, length } = checkLabelledPart('evaluate', model, data);
  return task.evaluate(outputsOf('evaluate', model, data, { length, options }), data);
}
