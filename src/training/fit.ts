import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { LabelledData } from '../data/labelledData.js';
import { inputLength } from './classifierInputs.js';
import { crossEntropy } from './crossEntropy.js';
import { bestEpoch, hasStalled } from './earlyStopping.js';
import { evaluate } from './evaluate.js';
import { type FitOptions, fitSettings, type FitSettings } from './fitOptions.js';
import { optimizers } from './optimizers.js';
import type { Progress, ValidationScore } from './progress.js';
import { type Run, trainEpoch } from './trainEpoch.js';
import { trainingStep } from './trainingStep.js';
import { turns } from './turns.js';
import { WeightsCopy } from './weightsCopy.js';

function score(model: LayersModel, validation: LabelledData): ValidationScore {
  const { loss, accuracy, macroF1 } = evaluate(model, validation);
  return { loss, accuracy, macroF1 };
}

/** The optimizer that the settings name; undefined if they hold one. */
function makeOptimizer({ optimizer, learningRate, weightDecay, momentum, clipNorm }: FitSettings) {
  if (optimizer instanceof tf.Optimizer) return undefined;
  return optimizers[optimizer]({ learningRate, weightDecay, momentum, globalClipnorm: clipNorm });
}

/** Trains epoch after epoch; see fit. */
async function trainEpochs(run: Run): Promise<Progress[]> {
  const { model, settings } = run;
  const { epochs, validation, monitor, patience, restoreBestWeights, signal } = settings;
  const batchesPerEpoch = Math.ceil(run.data.labels.length / settings.batchSize);
  const none = { batch: 0, loss: 0, accuracy: 0, seconds: 0, samplesPerSecond: 0 };
  const history: Progress[] = [];
  let best: WeightsCopy | undefined;
  while (history.length < epochs && !hasStalled(history, monitor, patience)) {
    const progress: Progress = { epoch: history.length + 1, epochs, batchesPerEpoch, ...none };
    await trainEpoch(run, progress);
    if (progress.batch < batchesPerEpoch) break;
    if (validation) progress.validation = score(model, validation);
    history.push({ ...progress });
    if (restoreBestWeights && bestEpoch(history, monitor) === history.at(-1)) best = new WeightsCopy(model);
    await settings.onEpochEnd?.({ ...progress });
    if (signal?.aborted) break;
  }
  best?.restore();
  return history;
}

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
  const settings = fitSettings(options, data);
  const length = inputLength('fit', model, data);
  if (settings.validation) inputLength('fit: validation', model, settings.validation);
  const own = makeOptimizer(settings);
  const optimizer = own ?? (settings.optimizer as tf.Optimizer);
  model.compile({ optimizer, loss: crossEntropy, metrics: ['accuracy'] });
  const step = trainingStep(model, optimizer, settings);
  try {
    return await trainEpochs({ model, data, length, settings, optimizer, own, step, turn: turns() });
  } finally {
    own?.dispose();
  }
}
