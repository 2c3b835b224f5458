import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Batch } from '../data/batches.js';
import { MomentOptimizer } from './momentOptimizer.js';
import { inputTensors } from './modelInputs.js';
import type { TrainingScore } from './progress.js';
import type { Objective } from './tasks/task.js';

/** Keeps what tensors hold now; the function brings it back. The data is shared until one of them changes. */
function snapshot(weights: readonly tf.Variable[]): { restore(): void; dispose(): void } {
  const copies = tf.tidy(() => weights.map((weight) => tf.clone(weight))).map((copy) => tf.keep(copy));
  return {
    restore: () => weights.forEach((weight, i) => weight.assign(copies[i])),
    dispose: () => tf.dispose(copies),
  };
}

/** Whether all gradients are finite. */
function areFinite(gradients: tf.NamedTensorMap): boolean {
  return tf.tidy(
    () => Object.values(gradients).every((gradient) => tf.sum(tf.mul(gradient, 0)).dataSync()[0] === 0), // NaN else
  );
}

/** A step of an optimizer that is not ours, which may fail half way. */
function applyWhole(optimizer: tf.Optimizer, gradients: tf.NamedTensorMap, variables: readonly tf.Variable[]): void {
  if (!areFinite(gradients)) {
    throw new Error('the gradients were not finite; the data or the weights are not finite, or too large');
  }
  const before = snapshot(variables);
  try {
    optimizer.applyGradients(variables.map(({ name }) => ({ name, tensor: gradients[name] })));
  } catch (error) {
    before.restore();
    throw error;
  } finally {
    before.dispose();
  }
}

/**
 * Makes the function that does one step of training. A step is done as a whole or not at all: where it throws, or the loss is
 * not finite, weights, running statistics and moments are as before it.
 *
 * @param model a model with one output
 * @param optimizer steps the model's trainable weights
 * @param objective what is minimised, with the penalties of layers
 * @returns a function that does the step and says how the batch did before it; where the loss is not finite, no step is done
 */
export function trainingStep(
  model: LayersModel,
  optimizer: tf.Optimizer,
  objective: Objective,
): (batch: Batch) => TrainingScore {
  const { part } = objective;
  const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const others = model.weights
    .map((weight) => weight.read() as tf.Variable)
    .filter((weight) => !variables.includes(weight));

  function step(batch: Batch): TrainingScore {
    const inputs = inputTensors(batch, part.inputs.length);
    let scores: Omit<TrainingScore, 'loss'>;
    const cost = () => {
      const outputs = part.call(inputs, { training: true });
      const output = Array.isArray(outputs) ? outputs[0] : outputs;
      scores = objective.scores(output, batch);
      return part.calculateLosses().reduce((sum, penalty) => tf.add(sum, penalty), objective.loss(output, batch));
    };
    const { value, grads } = optimizer.computeGradients(cost, variables);
    const loss = value.dataSync()[0];
    if (!Number.isFinite(loss)) return { loss, ...scores! };
    // Ours looks at gradients before it changes anything, and does so in place.
    if (optimizer instanceof MomentOptimizer) {
      optimizer.applyGradients(variables.map(({ name }) => ({ name, tensor: grads[name] })));
    } else applyWhole(optimizer, grads, variables);
    return { loss, ...scores! };
  }

  return (batch) => {
    const before = snapshot(others);
    let done = false;
    try {
      const score = tf.tidy(() => ({ ...step(batch) }));
      done = Number.isFinite(score.loss);
      return score;
    } finally {
      if (!done) before.restore();
      before.dispose();
    }
  };
}
