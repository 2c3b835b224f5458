// Our classifier, its batch and its step. The one place that knows how a model is trained.

import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { adamW, crossEntropy, timeSeriesClassifier } from '../../src/index.js';
import { batchOf, initialValue, LEARNING_RATE, WEIGHT_DECAY } from './data.js';
import { attentionOf, CHANNELS, CLASSES, type FormName, type StepModel } from './models.js';

const JOINED = 'query_key_value';

/** The initial value of a weight; projections that our layer joins are those of tfjs's model side by side. */
function valueOf(name: string, shape: number[]): tf.Tensor {
  if (!name.includes(JOINED)) return tf.tensor(initialValue(name, shape), shape);
  const part = [...shape.slice(0, -1), shape[shape.length - 1] / 3];
  const parts = JOINED.split('_').map((of) => tf.tensor(initialValue(name.replace(JOINED, of), part), part));
  return tf.concat(parts, shape.length - 1);
}

function setWeights(classifier: LayersModel): void {
  for (const weight of classifier.trainableWeights) {
    // A second model in the same process has names with a number behind them.
    const name = weight.name.replace(/_\d+$/, '');
    tf.tidy(() => void weight.write(valueOf(name, weight.shape as number[])));
  }
}

/** One training step, with its loss. */
export interface Step {
  step: () => Promise<number>;
  dispose: () => void;
}

/** A classifier of one form with its batch; a step is forward, backward and AdamW, as pa.fit makes it. */
export function stepOf(model: StepModel, form: FormName): Step {
  const { batch, length, width, feedForward, heads, layers } = model;
  const classifier = timeSeriesClassifier({
    ...{ channels: CHANNELS, classes: CLASSES, length, width, feedForward, heads, layers },
    ...{ dropout: 0, normalization: 'batch', head: 'flatten', attention: attentionOf(form, model) },
  });
  setWeights(classifier);
  const optimizer = adamW({ learningRate: LEARNING_RATE, weightDecay: WEIGHT_DECAY });
  classifier.compile({ optimizer, loss: crossEntropy, metrics: ['accuracy'] });
  const data = batchOf(model);
  const inputs = [tf.tensor3d(data.series, [batch, length, CHANNELS]), tf.tensor2d(data.lengths, [batch, 1])];
  const labels = tf.tensor2d(data.labels, [batch, CLASSES]);
  return {
    step: async () => ((await classifier.trainOnBatch(inputs, labels)) as number[])[0],
    dispose: () => {
      classifier.dispose();
      optimizer.dispose();
      tf.dispose([inputs, labels]);
    },
  };
}
