import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { batches } from '../data/batches.js';
import type { LabelledData } from '../data/labelledData.js';
import { checkInteger } from '../ops/checks.js';
import { inputLength, toTensors } from './classifierInputs.js';

/** How well a classifier does. */
export interface Evaluation {
  /** Part of the cases whose most probable class is the right one, 0 to 1. */
  accuracy: number;
  /** Mean of -log(probability of the right class). */
  loss: number;
  /** Most probable class of each case, as an index. */
  predicted: number[];
}

/**
 * Evaluates a classifier, without dropout.
 *
 * @param model a classifier, as timeSeriesClassifier makes it
 * @param data data standardised with the training part's statistics
 * @param options batchSize: cases at a time, default 64; it does not change the result
 * @throws Error if model and data do not fit
 */
export function evaluate(model: LayersModel, data: LabelledData, { batchSize = 64 } = {}): Evaluation {
  checkInteger('evaluate', 'batchSize', batchSize, 1, Infinity);
  const length = inputLength('evaluate', model, data);
  const classes = model.outputs[0].shape[1]!;
  const predicted: number[] = [];
  let loss = 0;
  for (const batch of batches(data, { batchSize, length })) {
    const probabilities = tf.tidy(() => {
      const { inputs } = toTensors(batch, classes);
      return (model.predictOnBatch(inputs) as tf.Tensor2D).arraySync();
    });
    for (const row of probabilities) {
      loss -= Math.log(row[data.labels[predicted.length]] + 1e-30);
      predicted.push(row.indexOf(Math.max(...row)));
    }
  }
  const correct = predicted.filter((label, index) => label === data.labels[index]).length;
  return { accuracy: correct / predicted.length, loss: loss / predicted.length, predicted };
}
