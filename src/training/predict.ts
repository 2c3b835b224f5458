import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { checkInteger, checkOptions } from '../checks/values.js';
import { batches } from '../data/batches.js';
import type { Cases } from '../data/labelledData.js';
import { checkModel, inputLength, inputTensors } from './modelInputs.js';
import { taskOf } from './tasks/taskOf.js';

/** How predict goes through the data. */
export interface PredictOptions {
  /** Cases at a time, default 64; it does not change the result. */
  batchSize?: number;
}

/** @returns `batchSize`, by default 64 */
function batchSizeOf(owner: string, options: PredictOptions): number {
  checkOptions(owner, options, ['batchSize'] satisfies (keyof PredictOptions)[]);
  return checkInteger(owner, 'batchSize', options.batchSize ?? 64, 1, Infinity);
}

/** @throws Error if an output is not finite; `done` cases are before these */
function checkOutputs(owner: string, rows: readonly number[][], done: number): void {
  rows.forEach((row, b) => {
    const wrong = row.find((value) => !Number.isFinite(value));
    if (wrong === undefined) return;
    throw new Error(
      `${owner}: the model's output for case ${done + b + 1} was ${wrong}; it must be finite: the model's weights are not, ` +
        'or too large',
    );
  });
}

/**
 * What predict does, in the name of `owner`.
 *
 * @param data fits the model, see inputLength
 * @param length that of the model
 */
export function outputsOf(
  owner: string,
  model: LayersModel,
  data: Cases,
  { length, options }: { length: number | undefined; options: PredictOptions },
): number[][] {
  const rows: number[][] = [];
  for (const batch of batches(data, { batchSize: batchSizeOf(owner, options), length })) {
    const outputs = tf.tidy(() => {
      const found = model.predictOnBatch(inputTensors(batch, model.inputs.length)) as tf.Tensor;
      return tf.reshape<tf.Rank.R2>(found, [batch.size, -1]).arraySync();
    });
    checkOutputs(owner, outputs, rows.length);
    rows.push(...outputs);
  }
  return rows;
}

/**
 * What a model says of cases, without dropout: for a classifier, the probabilities of the classes; for a regressor,
 * (target - mean) / deviation of its training part, if it was trained so. Labels are not read, and
 * need not be there; names of classes neither, but where there are some, they must be as many as the model's outputs.
 *
 * @param model made as timeSeriesClassifier makes it
 * @param data data standardised with the training part's statistics
 * @param options see PredictOptions
 * @returns [cases][outputs], for a classifier [cases][classes]
 * @throws Error if model and data do not fit; if a case, which is named, counted from 1, has no positions, other numbers than
 *   its length and channels say, one that is not finite, or a token outside the vocabulary; if an output is not finite
 */
export function predict(model: LayersModel, data: Cases, options: PredictOptions = {}): number[][] {
  const owner = 'predict';
  checkModel(owner, model);
  const length = inputLength(owner, model, data);
  if (data.classNames?.length) taskOf(owner, data).checkOutputs(owner, model, data);
  return outputsOf(owner, model, data, { length, options });
}
