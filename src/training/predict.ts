import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { batches } from '../data/batches.js';
import type { LabelledData } from '../data/labelledData.js';
import { checkInteger } from '../checks/values.js';
import { inputLength, inputTensors } from './modelInputs.js';

/** How predict goes through the data. */
export interface PredictOptions {
  /** Cases at a time, default 64; it does not change the result. */
  batchSize?: number;
}

/** What predict does, in the name of `owner`. */
export function outputsOf(
  owner: string,
  model: LayersModel,
  data: LabelledData,
  { batchSize = 64 }: PredictOptions,
): number[][] {
  checkInteger(owner, 'batchSize', batchSize, 1, Infinity);
  const length = inputLength(owner, model, data);
  const rows: number[][] = [];
  for (const batch of batches(data, { batchSize, length })) {
    rows.push(...tf.tidy(() => (model.predictOnBatch(inputTensors(batch)) as tf.Tensor2D).arraySync()));
  }
  return rows;
}

/**
 * What a model says of cases, without dropout: for a classifier, the probabilities of the classes. Labels are not read.
 *
 * @param model a classifier, as timeSeriesClassifier makes it
 * @param data data standardised with the training part's statistics
 * @param options see PredictOptions
 * @returns [cases][outputs], for a classifier [cases][classes]
 * @throws Error if model and data do not fit
 */
export function predict(model: LayersModel, data: LabelledData, options: PredictOptions = {}): number[][] {
  return outputsOf('predict', model, data, options);
}
