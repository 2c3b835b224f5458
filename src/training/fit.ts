import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { batches } from '../data/batches.js';
import type { LabelledData } from '../data/labelledData.js';
import { mixSeed, permutation } from '../random.js';
import { reseed } from '../layers/reseed.js';
import { checkChoice, checkInteger } from '../ops/checks.js';
import { inputLength } from './classifierInputs.js';
import { crossEntropy } from './crossEntropy.js';
import { rAdam } from './rAdam.js';
import { type Schedule, scheduleNames, schedules } from './schedules.js';
import { trainingStep } from './trainingStep.js';

/** Where training stands. Loss and accuracy are means over the epoch so far, with dropout, as Keras shows them. */
export interface Progress {
  /** From 1. */
  epoch: number;
  epochs: number;
  /** Batches done in this epoch. */
  batch: number;
  batchesPerEpoch: number;
  loss: number;
  accuracy: number;
  /** Seconds since the epoch began. */
  seconds: number;
}

export interface FitOptions {
  /** Default 40. */
  epochs?: number;
  /** Default 16. */
  batchSize?: number;
  /** Default 1e-3; only without `optimizer`. */
  learningRate?: number;
  /** Course of the learning rate, see schedules. Default 'cosine'; only without `optimizer`. */
  schedule?: Schedule;
  /** Default: RAdam at the learning rate, gradients clipped to a global norm of 4. */
  optimizer?: tf.Optimizer;
  /** Order of the cases and dropout: with the same initial weights, the same seed gives the same run. */
  seed?: number;
  onBatchEnd?: (progress: Progress) => void;
  onEpochEnd?: (progress: Progress) => void | Promise<void>;
}

export const fitDefaults = { epochs: 40, batchSize: 16, learningRate: 1e-3, schedule: 'cosine', clipNorm: 4 } as const;

/** Milliseconds of work after which timers, signals and the page get a turn. */
const TURN = 100;

/**
 * Trains a classifier. The model is compiled with the optimizer, crossEntropy and accuracy. An optimizer that
 * fit made frees its moments at the end.
 *
 * @param model a classifier, as timeSeriesClassifier makes it
 * @param data standardised training data, see standardize
 * @param options see FitOptions
 * @returns the progress at the end of each epoch
 * @throws Error if model and data do not fit, an option is out of range, or the loss is no longer finite
 */
export async function fit(model: LayersModel, data: LabelledData, options: FitOptions = {}): Promise<Progress[]> {
  const { epochs = fitDefaults.epochs, batchSize = fitDefaults.batchSize } = options;
  const { learningRate = fitDefaults.learningRate, schedule = fitDefaults.schedule } = options;
  const { seed = Math.floor(Math.random() * 2 ** 32) } = options;
  checkInteger('fit', 'epochs', epochs, 1, Infinity);
  checkInteger('fit', 'batchSize', batchSize, 1, Infinity);
  checkChoice('fit', 'schedule', schedule, scheduleNames);
  if (options.optimizer && (options.learningRate !== undefined || options.schedule !== undefined)) {
    throw new Error('fit: learningRate or schedule was given with an optimizer, which has its own; give one of them');
  }
  const length = inputLength('fit', model, data);
  const cases = data.labels.length;
  const batchesPerEpoch = Math.ceil(cases / batchSize);
  const own = rAdam({ learningRate, globalClipnorm: fitDefaults.clipNorm });
  const optimizer = options.optimizer ?? own; // an unused one holds no memory
  model.compile({ optimizer, loss: crossEntropy, metrics: ['accuracy'] });
  const step = trainingStep(model, optimizer);

  const history: Progress[] = [];
  let turn = performance.now();
  try {
    for (let epoch = 1; epoch <= epochs; epoch++) {
      // Both depend on the epoch only, not on what was before, so that a run can be taken up again.
      const order = permutation(cases, mixSeed(seed, epoch, 0));
      reseed(model, mixSeed(seed, epoch, 1));
      const start = performance.now();
      const progress: Progress = { epoch, epochs, batch: 0, batchesPerEpoch, loss: 0, accuracy: 0, seconds: 0 };
      let seen = 0;
      for (const batch of batches(data, { batchSize, order, length })) {
        const done = (epoch - 1 + progress.batch / batchesPerEpoch) / epochs;
        own.learningRate = learningRate * schedules[schedule](done);
        const { loss, accuracy } = step(batch);
        if (!Number.isFinite(loss)) {
          throw new Error(`fit: the loss was ${loss} in epoch ${epoch}; try a smaller learning rate`);
        }
        seen += batch.size;
        progress.batch++;
        progress.loss += ((loss - progress.loss) * batch.size) / seen;
        progress.accuracy += ((accuracy - progress.accuracy) * batch.size) / seen;
        progress.seconds = (performance.now() - start) / 1000;
        options.onBatchEnd?.({ ...progress });
        if (performance.now() - turn > TURN) {
          await tf.nextFrame();
          turn = performance.now();
        }
      }
      history.push({ ...progress });
      await options.onEpochEnd?.({ ...progress });
    }
  } finally {
    own.dispose();
  }
  return history;
}
