import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, model as makeModel } from '@tensorflow/tfjs-layers';
import { sharesOf, softmaxCrossEntropy, type SoftmaxCrossEntropyOptions } from '../../ops/softmaxCrossEntropy.js';
import { checkInteger } from '../../checks/values.js';
import { argmax } from '../argmax.js';
import { crossEntropy } from '../crossEntropy.js';
import type { LossOptions, Objective } from './task.js';

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
 * logit, and quicker.
 */
function trainedPart(model: LayersModel): { part: LayersModel; lossOf: Loss } {
  const [last] = model.outputs.map(({ sourceLayer }) => sourceLayer);
  if (last.getClassName() !== 'Softmax') return { part: model, lossOf: weightedCrossEntropy };
  return { part: makeModel({ inputs: model.inputs, outputs: last.input }), lossOf: softmaxCrossEntropy };
}

/** Class indices as rows of a one and zeros: [B, classes], float32. What an augmentation made of labels may be anything. */
function oneHot(labels: ArrayLike<number>, classes: number): tf.Tensor2D {
  for (let b = 0; b < labels.length; b++)
    checkInteger('fit', `the label of case ${b + 1} of a batch`, labels[b], 0, classes - 1);
  const rows = new Float32Array(labels.length * classes);
  for (let b = 0; b < labels.length; b++) rows[b * classes + labels[b]] = 1;
  return tf.tensor2d(rows, [labels.length, classes]);
}

/**
 * The cross-entropy of a classifier, and its accuracy.
 *
 * @param model a classifier with one output, [B, classes]
 * @param options see LossOptions
 */
export function classificationObjective(
  model: LayersModel,
  { labelSmoothing, classWeights }: LossOptions = {},
): Objective {
  const { part, lossOf } = trainedPart(model);
  const classes = model.outputs[0].shape[1]!;
  return {
    part,
    loss(output, { labels }) {
      const targets = oneHot(labels, classes);
      const weights = classWeights && Array.from(labels, (label) => classWeights[label]);
      return lossOf(output, targets, { labelSmoothing, weights });
    },
    scores(output, { labels }) {
      const values = output.dataSync();
      const right = labels.filter((label, b) => argmax(values.subarray(b * classes, (b + 1) * classes)) === label);
      return { accuracy: right.length / labels.length };
    },
  };
}
