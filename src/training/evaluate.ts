import type { LayersModel } from '@tensorflow/tfjs-layers';
import { caseCount } from '../data/caseCount.js';
import type { LabelledData } from '../data/labelledData.js';
import type { Evaluation } from './evaluation.js';
import { outputsOf, type PredictOptions } from './predict.js';
import { taskOf } from './tasks/taskOf.js';

/**
 * Evaluates a model, without dropout.
 *
 * @param model a classifier, as timeSeriesClassifier makes it
 * @param data data standardised with the training part's statistics; at least one case
 * @param options see PredictOptions
 * @throws Error if model and data do not fit, there is no case, or one has no label
 */
export function evaluate(model: LayersModel, data: LabelledData, options: PredictOptions = {}): Evaluation {
  if (caseCount(data) === 0) throw new Error('evaluate: the data had no case; it must have at least one');
  const task = taskOf('evaluate', data);
  task.checkTargets('evaluate', data);
  return task.evaluate(outputsOf('evaluate', model, data, options), data);
}
