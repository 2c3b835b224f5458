import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { meanSquaredError } from '../meanSquaredError.js';
import type { Objective } from './task.js';

/**
 * The mean square error of a model that gives numbers.
 *
 * @param model its output is of batch.targets' size
 */
export function numbersObjective(model: LayersModel): Objective {
  return {
    part: model,
    loss(output, { targets, size }) {
      const rows = [size, targets!.length / size];
      return tf.mean(meanSquaredError(tf.tensor(targets!, rows), tf.reshape(output, rows)));
    },
    scores: () => ({}),
  };
}
