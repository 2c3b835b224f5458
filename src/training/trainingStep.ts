import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, model as makeModel } from '@tensorflow/tfjs-layers';
import type { Batch } from '../data/batches.js';
import { sharesOf, softmaxCrossEntropy, type SoftmaxCrossEntropyOptions } from '../ops/softmaxCrossEntropy.js';
import { argmax } from './argmax.js';
import { toTensors } from './classifierInputs.js';
import { crossEntropy } from './crossEntropy.js';

/** How a batch did, before the step that it brought about. */
export interface StepResult {
  /** Weighted mean over the batch, with regularisation if layers have it. */
  loss: number;
  /** 0 to 1 */
  accuracy: number;
}

/** What the loss is; see softmaxCrossEntropy. */
export interface LossOptions {
  /** Part of each label that is spread evenly over all classes; default 0. */
  labelSmoothing?: number;
  /** What a case of each class counts in the mean over a batch; default: all the same. */
  classWeights?: readonly number[];
}

type Loss = (outputs: tf.Tensor, labels: tf.Tensor, options: SoftmaxCrossEntropyOptions) => tf.Scalar;

/** softmaxCrossEntropy of probabilities. */
const weightedCrossEntropy: Loss = (probabilities, labels, { labelSmoothing = 0, weights }) => {
  const smooth = tf.add(tf.mul(labels, 1 - labelSmoothing), labelSmoothing / labels.shape[1]!);
  const losses = crossEntropy(smooth, probabilities);
  if (weights === undefined) return tf.mean(losses);
  return tf.sum(tf.mul(losses, sharesOf(weights)));
};

/**
 * What is trained, and its loss. A model that ends in a softmax is trained up to it, on its logits: that is exact for every
 * logit, and quicker. Its layers are the same.
 */
function trainedPart(model: LayersModel): { part: LayersModel; loss: Loss } {
  const [last] = model.outputs.map(({ sourceLayer }) => sourceLayer);
  if (last.getClassName() !== 'Softmax') return { part: model, loss: weightedCrossEntropy };
  return { part: makeModel({ inputs: model.inputs, outputs: last.input }), loss: softmaxCrossEntropy };
}

/** Part of the rows whose largest number stands at their label. */
function accuracyOf(outputs: tf.TypedArray, labels: ArrayLike<number>): number {
  const classes = outputs.length / labels.length;
  let right = 0;
  for (let b = 0; b < labels.length; b++) {
    if (argmax(outputs.subarray(b * classes, (b + 1) * classes)) === labels[b]) right++;
  }
  return right / labels.length;
}

/**
 * Makes the function that does one step of training.
 *
 * @param model a classifier with one output, [B, classes]
 * @param optimizer steps the model's trainable weights
 * @param options see LossOptions
 */
export function trainingStep(
  model: LayersModel,
  optimizer: tf.Optimizer,
  { labelSmoothing, classWeights }: LossOptions = {},
): (batch: Batch) => StepResult {
  const { part, loss: lossOf } = trainedPart(model);
  const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const classes = model.outputs[0].shape[1]!;
  return (batch) =>
    tf.tidy(() => {
      const { inputs, labels } = toTensors(batch, classes);
      const weights = classWeights && Array.from(batch.labels, (label) => classWeights[label]);
      let accuracy = 0;
      const cost = () => {
        const outputs = part.call(inputs, { training: true });
        const output = Array.isArray(outputs) ? outputs[0] : outputs;
        accuracy = accuracyOf(output.dataSync(), batch.labels);
        const loss = lossOf(output, labels, { labelSmoothing, weights });
        return part.calculateLosses().reduce((sum, penalty) => tf.add(sum, penalty), loss);
      };
      const loss = optimizer.minimize(cost, true, variables)!.dataSync()[0];
      return { loss, accuracy };
    });
}
