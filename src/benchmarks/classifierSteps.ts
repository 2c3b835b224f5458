// Training steps of the classifiers, as the command `bench` measures them.

import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { modelFlops } from '../analysis/modelFlops.js';
import type { Batch } from '../data/batches.js';
import type { LayerAttentionOptions } from '../layers/multiHeadAttention.js';
import { attentionForm } from '../models/attentionForm.js';
import { timeSeriesClassifier } from '../models/timeSeriesClassifier.js';
import { tokenClassifier } from '../models/tokenClassifier.js';
import { visionTransformer } from '../models/visionTransformer.js';
import { uniform } from '../random.js';
import { adamW } from '../training/adamW.js';
import { classification } from '../training/tasks/classification.js';
import { trainingStep } from '../training/trainingStep.js';
import { FreshSteps, POOL_SIZE } from './freshSteps.js';

/** A classifier at a size that its kind of data often has. */
export interface BenchmarkClassifier {
  name: string;
  batch: number;
  heads: number;
  /** Positions that its attention sees. */
  positions: number;
  make: (attention: LayerAttentionOptions) => LayersModel;
}

const CLASSES = 10;
const VOCABULARY = 18;

/** Small, so that training on random labels stays near the initial weights; the time of a step is the same. */
const LEARNING_RATE = 1e-4;

/** Dropout is 0, so that steps do the same work each time. */
export const classifiers: readonly BenchmarkClassifier[] = [
  {
    ...{ name: 'series public', batch: 16, heads: 8, positions: 29 },
    make: (attention) =>
      timeSeriesClassifier({ preset: 'public', channels: 12, length: 29, classes: CLASSES, dropout: 0, attention }),
  },
  {
    ...{ name: 'series small', batch: 64, heads: 8, positions: 152 },
    make: (attention) =>
      timeSeriesClassifier({ preset: 'small', channels: 12, length: 152, classes: CLASSES, dropout: 0, attention }),
  },
  {
    ...{ name: 'images small', batch: 32, heads: 4, positions: 50 },
    make: (attention) =>
      visionTransformer({ height: 28, width: 28, channels: 1, classes: CLASSES, dropout: 0, attention }),
  },
  {
    ...{ name: 'tokens small', batch: 8, heads: 2, positions: 1024 },
    make: (attention) =>
      tokenClassifier({ vocabulary: VOCABULARY, length: 1024, classes: CLASSES, dropout: 0, attention }),
  },
];

/** Batches of random series, images or tokens, of full length; see FreshSteps. */
export function poolOf({ batch: size, make }: BenchmarkClassifier): Batch[] {
  const model = make({});
  const shapes = model.inputs.map(({ shape: [, ...sizes] }) => [size, ...(sizes as number[])]);
  model.dispose();
  const isTokens = shapes[0].length === 2;
  const next = uniform(1);
  const value = () => (isTokens ? Math.floor(VOCABULARY * next()) : 2 * next() - 1);
  return Array.from({ length: POOL_SIZE }, () => ({
    size,
    inputs: shapes.map((shape, index) => ({
      values: Float32Array.from({ length: tf.util.sizeFromShape(shape) }, index > 0 ? () => shapes[0][1] : value),
      shape,
    })),
    labels: new Float32Array(size),
  }));
}

/** Training of a classifier in one form of attention. */
export interface ClassifierSteps {
  fresh: FreshSteps;
  /** Floating-point operations of a step. */
  flops: number;
  dispose: () => void;
}

/**
 * Makes a classifier and its optimizer.
 *
 * @param classifier see `classifiers`
 * @param form of attention, as `--form` names it
 * @param pool see `poolOf`
 */
export function stepsOf(
  { batch, heads, positions, make }: BenchmarkClassifier,
  form: string,
  pool: readonly Batch[],
): ClassifierSteps {
  const model = make(attentionForm(form)({ heads, length: positions }));
  const optimizer = adamW({ learningRate: LEARNING_RATE });
  const step = trainingStep(model, optimizer, classification.objective(model));
  return {
    fresh: new FreshSteps((cases) => step(cases).loss, pool, CLASSES),
    flops: modelFlops(model, { batch }).trainingStep,
    dispose: () => {
      optimizer.dispose();
      model.dispose();
    },
  };
}
