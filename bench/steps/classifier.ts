// Our classifier, its batch and its step. The one place that knows how a model is trained.

import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { adamW, crossEntropy, timeSeriesClassifier } from '../../src/index.js';
import { batchOf, initialValue, LEARNING_RATE, WEIGHT_DECAY } from './data.js';
import { attentionOf, CHANNELS, CLASSES, type FormName, type StepModel, weightShapes } from './models.js';

function setWeights(classifier: LayersModel, model: StepModel): void {
  const shapes = weightShapes(model);
  for (const weight of classifier.trainableWeights) {
    // A second model in the same process has names with a number behind them.
    const name = weight.name.replace(/_\d+$/, '');
    if (!(name in shapes)) throw new Error(`bench/steps/models.ts does not know the weight '${weight.name}'`);
    tf.tidy(() => void weight.write(tf.tensor(initialValue(name, shapes[name]), shapes[name])));
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
  setWeights(classifier, model);
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
