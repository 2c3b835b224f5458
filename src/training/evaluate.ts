import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { LabelledData } from '../data/labelledData.js';
import type { Evaluation } from './evaluation.js';
import { checkLabelledPart } from './labelledPart.js';
import { outputsOf, type PredictOptions } from './predict.js';

/**
 * Evaluates a model, without dropout.
 *
 * @param model a classifier, as timeSeriesClassifier makes it
 * @param data data standardised with the training part's statistics; at least one case
 * @param options see PredictOptions
 * @throws Error if there is no case; if one, which is named, has no label of a class; as predict
 */
export function evaluate(model: LayersModel, data: LabelledData, options: PredictOptions = {}): Evaluation {
  const { task, length } = checkLabelledPart('evaluate', model, data);
  return task.evaluate(outputsOf('evaluate', model, data, { length, options }), data);
}
