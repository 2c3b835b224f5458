// Our classifier and its step. The one place that knows how a model is trained.

import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { modelFlops } from '../../src/analysis/modelFlops.js';
import { adamW, timeSeriesClassifier } from '../../src/index.js';
import type { Batch } from '../../src/data/batches.js';
import { classification } from '../../src/training/tasks/classification.js';
import { trainingStep } from '../../src/training/trainingStep.js';
import { initialValue, LEARNING_RATE, WEIGHT_DECAY } from './data.js';
import { attentionOf, CHANNELS, CLASSES, type FormName, type StepModel, weightShapes } from './models.js';

/** Columns `from` to before `to` of x [..., columns]. */
const columnsOf = (x: Float32Array, columns: number, from: number, to: number) =>
  x.filter((_, index) => index % columns >= from && index % columns < to);

/** Arrays of as many rows, side by side. */
function sideBySide(parts: readonly Float32Array[], rows: number): Float32Array {
  const widths = parts.map(({ length }) => length / rows);
  const row = (i: number) =>
    parts.flatMap((part, index) => [...part.subarray(i * widths[index], (i + 1) * widths[index])]);
  return Float32Array.from(Array.from({ length: rows }, (_, i) => row(i)).flat());
}

/** Initial values of one of our weights, from those on paper: projections of heads may be several of them in one. */
function valuesOf(name: string, shape: number[], model: StepModel): Float32Array {
  const shapes = weightShapes(model);
  if (name in shapes) return initialValue(name, shapes[name]);
  const [, path, sources, run, part] = /^(.*)\/(query_key_value|key_value)(?:_(\d))?\/(kernel|bias)$/.exec(name) ?? [];
  if (!path) throw new Error(`bench/steps/models.ts does not know the weight '${name}'`);
  // Half of the heads have one scale, half another, where scales differ.
  const { width } = model;
  const [from, to] = run === undefined ? [0, width] : [(Number(run) * width) / 2, ((Number(run) + 1) * width) / 2];
  const parts = sources.split('_').map((source) => {
    const own = `${path}/${source}/${part}`;
    return columnsOf(initialValue(own, shapes[own]), width, from, to);
  });
  return sideBySide(parts, part === 'kernel' ? shape[0] : 1);
}

function setWeights(classifier: LayersModel, model: StepModel): void {
  for (const weight of classifier.trainableWeights) {
    const shape = weight.shape as number[];
    const values = valuesOf(weight.originalName, shape, model);
    tf.tidy(() => void weight.write(tf.tensor(values, shape)));
  }
}

/** One training step, with the loss before it. */
export interface Step {
  step: (batch: Batch) => number;
  /** Floating-point operations. */
  flops: number;
  dispose: () => void;
}

/** A classifier of one form; a step is forward, backward and AdamW, as pa.fit makes it. */
export function stepOf(model: StepModel, form: FormName): Step {
  const { length, width, feedForward, heads, layers } = model;
  const classifier = timeSeriesClassifier({
    ...{ channels: CHANNELS, classes: CLASSES, length, width, feedForward, heads, layers },
    ...{ dropout: 0, normalization: 'batch', head: 'flatten', attention: attentionOf(form, model) },
  });
  setWeights(classifier, model);
  const optimizer = adamW({ learningRate: LEARNING_RATE, weightDecay: WEIGHT_DECAY });
  const step = trainingStep(classifier, optimizer, classification.objective(classifier));
  return {
    step: (batch) => step(batch).loss,
    flops: modelFlops(classifier, { batch: model.batch }).trainingStep,
    dispose: () => {
      classifier.dispose();
      optimizer.dispose();
    },
  };
}
