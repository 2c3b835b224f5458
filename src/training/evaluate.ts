import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { LabelledData } from '../data/labelledData.js';
import { argmax } from './argmax.js';
import { TINY } from './crossEntropy.js';
import { confusionMatrix, macroF1 } from './metrics.js';
import { type PredictOptions, probabilitiesOf } from './predict.js';

/** How well a classifier does. */
export interface Evaluation {
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

/**
 * Evaluates a classifier, without dropout.
 *
 * @param model a classifier, as timeSeriesClassifier makes it
 * @param data data standardised with the training part's statistics; at least one case
 * @param options see PredictOptions
 * @throws Error if model and data do not fit, or there is no case
 */
export function evaluate(model: LayersModel, data: LabelledData, options: PredictOptions = {}): Evaluation {
  const { labels, classNames } = data;
  if (labels.length === 0) throw new Error('evaluate: the data had no case; it must have at least one');
  const probabilities = probabilitiesOf('evaluate', model, data, options);
  const predicted = probabilities.map(argmax);
  const loss = probabilities.reduce((sum, row, index) => sum - Math.log(row[labels[index]] + TINY), 0);
  const confusion = confusionMatrix(labels, predicted, classNames.length);
  const right = predicted.filter((label, index) => label === labels[index]).length;
  return {
    accuracy: right / labels.length,
    loss: loss / labels.length,
    macroF1: macroF1(confusion),
    confusion,
    predicted,
  };
}
