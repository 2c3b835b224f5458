import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Batch } from '../data/batches.js';
import { inputTensors } from './modelInputs.js';
import type { TrainingScore } from './progress.js';
import type { Objective } from './tasks/task.js';

/**
 * Makes the function that does one step of training.
 *
 * @param model a model with one output
 * @param optimizer steps the model's trainable weights
 * @param objective what is minimised, with the penalties of layers
 * @returns a function that does the step and says how the batch did before it
 */
export function trainingStep(
  model: LayersModel,
  optimizer: tf.Optimizer,
  objective: Objective,
): (batch: Batch) => TrainingScore {
  const { part } = objective;
  const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  return (batch) =>
    tf.tidy(() => {
      const inputs = inputTensors(batch);
      let scores: Omit<TrainingScore, 'loss'>;
      const cost = () => {
        const outputs = part.call(inputs, { training: true });
        const output = Array.isArray(outputs) ? outputs[0] : outputs;
        scores = objective.scores(output, batch);
        return part.calculateLosses().reduce((sum, penalty) => tf.add(sum, penalty), objective.loss(output, batch));
      };
      const loss = optimizer.minimize(cost, true, variables)!.dataSync()[0];
      return { loss, ...scores! };
    });
}
