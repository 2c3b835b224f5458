import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, model as makeModel } from '@tensorflow/tfjs-layers';
import type { Batch } from '../data/batches.js';
import { softmaxCrossEntropy } from '../ops/softmaxCrossEntropy.js';
import { toTensors } from './classifierInputs.js';
import { crossEntropy } from './crossEntropy.js';

/** How a batch did, before the step that it brought about. */
export interface StepResult {
  /** Mean over the batch, with regularisation if layers have it. */
  loss: number;
  /** 0 to 1 */
  accuracy: number;
}

type Loss = (labels: tf.Tensor, outputs: tf.Tensor) => tf.Scalar;

/**
 * What is trained, and its loss. A model that ends in a softmax is trained up to it, on its logits: that is exact for every
 * logit, and quicker. Its layers are the same.
 */
function trainedPart(model: LayersModel): { part: LayersModel; loss: Loss } {
  const [last] = model.outputs.map(({ sourceLayer }) => sourceLayer);
  if (last.getClassName() !== 'Softmax') {
    return { part: model, loss: (labels, outputs) => tf.mean(crossEntropy(labels, outputs)) };
  }
  const part = makeModel({ inputs: model.inputs, outputs: last.input });
  return { part, loss: (labels, logits) => softmaxCrossEntropy(logits, labels) };
}

/** Part of the rows whose largest number stands at their label. */
function accuracyOf(outputs: ArrayLike<number>, labels: ArrayLike<number>): number {
  const classes = outputs.length / labels.length;
  let right = 0;
  for (let b = 0; b < labels.length; b++) {
    let best = 0;
    for (let c = 1; c < classes; c++) if (outputs[b * classes + c] > outputs[b * classes + best]) best = c;
    if (best === labels[b]) right++;
  }
  return right / labels.length;
}

/**
 * Makes the function that does one step of training.
 *
 * @param model a classifier with one output, [B, classes]
 * @param optimizer steps the model's trainable weights
 */
export function trainingStep(model: LayersModel, optimizer: tf.Optimizer): (batch: Batch) => StepResult {
  const { part, loss: lossOf } = trainedPart(model);
  const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const classes = model.outputs[0].shape[1]!;
  return (batch) =>
    tf.tidy(() => {
      const { inputs, labels } = toTensors(batch, classes);
      let accuracy = 0;
      const cost = () => {
        const outputs = part.call(inputs, { training: true });
        const output = Array.isArray(outputs) ? outputs[0] : outputs;
        accuracy = accuracyOf(output.dataSync(), batch.labels);
        return part.calculateLosses().reduce((sum, penalty) => tf.add(sum, penalty), lossOf(labels, output));
      };
      const loss = optimizer.minimize(cost, true, variables)!.dataSync()[0];
      return { loss, accuracy };
    });
}
