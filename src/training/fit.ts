import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { LabelledData } from '../data/labelledData.js';
import { inputLength } from './classifierInputs.js';
import type { TrainingState } from './checkpoint.js';
import { classWeightsOf } from './classWeights.js';
import { crossEntropy } from './crossEntropy.js';
import { bestEpoch, hasStalled } from './earlyStopping.js';
import { evaluate } from './evaluate.js';
import { type FitOptions, fitSettings, type FitSettings } from './fitOptions.js';
import { folderConfig, readFolderConfig } from './folderConfig.js';
import { optimizers } from './optimizers.js';
import type { Progress, ValidationScore } from './progress.js';
import { RunFolder } from './runFolder.js';
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

/** Trains epoch after epoch, from where `state` stands; see fit. */
async function trainEpochs(run: Run, folder?: RunFolder, state?: TrainingState): Promise<Progress[]> {
  const { model, optimizer, settings } = run;
  const { epochs, validation, monitor, patience, restoreBestWeights, signal } = settings;
  const cases = run.data.labels.length;
  const constants = { cases, seed: settings.seed };
  const batchesPerEpoch = Math.ceil(cases / settings.batchSize);
  const history = [...(state?.history ?? [])];
  let current = state?.current;
  let best: WeightsCopy | undefined;
  while (history.length < epochs && !hasStalled(history, monitor, patience)) {
    const begun = current ?? { batch: 0, loss: 0, accuracy: 0, seconds: 0, samplesPerSecond: 0 };
    const progress: Progress = { ...begun, epoch: history.length + 1, epochs, batchesPerEpoch };
    current = undefined;
    await trainEpoch(run, progress);
    if (progress.batch < batchesPerEpoch) {
      await folder?.keep(model, optimizer, { ...constants, history, current: progress }, false);
      break;
    }
    if (validation) progress.validation = score(model, validation);
    history.push({ ...progress });
    const isBest = bestEpoch(history, monitor) === history[history.length - 1];
    await folder?.keep(model, optimizer, { ...constants, history }, isBest);
    if (restoreBestWeights && isBest && !folder) best = new WeightsCopy(model);
    await settings.onEpochEnd?.({ ...progress });
    if (signal?.aborted) break;
  }
  best?.restore();
  if (restoreBestWeights && bestEpoch(history, monitor)) await folder?.restoreBest(model);
  return history;
}

/** Options for a run that is resumed: without a seed, they get that of the run. */
async function withSeedOfRun(options: FitOptions): Promise<FitOptions> {
  if (!options.resume || !options.folder || options.seed !== undefined) return options;
  return { ...options, seed: (await readFolderConfig(options.folder))?.seed };
}

/**
 * Trains a classifier. The model is compiled with the optimizer, crossEntropy and accuracy. An optimizer that
 * fit made frees its moments at the end.
 *
 * @param model a classifier, as timeSeriesClassifier makes it
 * @param data standardised training data, see standardize
 * @param options see FitOptions
 * @returns the progress at the end of each complete epoch, those of a run that was resumed too
 * @throws Error if model and data do not fit, an option is out of range, the loss is no longer finite, or the run cannot
 *   be kept in `folder`
 */
export async function fit(model: LayersModel, data: LabelledData, options: FitOptions = {}): Promise<Progress[]> {
  const settings = fitSettings(await withSeedOfRun(options));
  const { validation, folder: path, resume, classWeights: weights, labelSmoothing } = settings;
  const { labels, classNames } = data;
  if (labels.length === 0) throw new Error('fit: data had no case; it must have at least one');
  const classWeights = weights && classWeightsOf('fit', weights, labels, classNames.length);
  const length = inputLength('fit', model, data);
  if (validation) inputLength('fit: validation', model, validation);
  const own = makeOptimizer(settings);
  const optimizer = own ?? (settings.optimizer as tf.Optimizer);
  try {
    const cases = labels.length;
    const opened =
      path === undefined ? undefined : await RunFolder.open(path, folderConfig(settings), { resume, cases });
    if (opened?.state) await opened.folder.restoreLast(model, optimizer);
    model.compile({ optimizer, loss: crossEntropy, metrics: ['accuracy'] });
    const step = trainingStep(model, optimizer, { labelSmoothing, classWeights });
    const seed = opened?.state?.seed ?? settings.seed;
    const run = { model, data, length, settings: { ...settings, seed }, optimizer, own, step, turn: turns() };
    return await trainEpochs(run, opened?.folder, opened?.state);
  } finally {
    own?.dispose();
  }
}
