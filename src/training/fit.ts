import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { caseCount } from '../data/caseCount.js';
import type { Cases } from '../data/labelledData.js';
import type { TrainingState } from './checkpoint.js';
import { bestEpoch, hasStalled } from './earlyStopping.js';
import { evaluate } from './evaluate.js';
import { type FitOptions, fitSettings, type FitSettings } from './fitOptions.js';
import { lossOptionsOf, monitorOf } from './taskOptions.js';
import { folderConfig, readFolderConfig } from './folderConfig.js';
import { checkLabelledPart } from './labelledPart.js';
import { optimizers } from './optimizers.js';
import type { Progress } from './progress.js';
import { RunFolder } from './runFolder.js';
import { scoresOf } from './scores.js';
import { type Run, trainEpoch } from './trainEpoch.js';
import { trainingStep } from './trainingStep.js';
import { turns } from './turns.js';
import { WeightsCopy } from './weightsCopy.js';

/** The optimizer that the settings name; undefined if they hold one. */
function makeOptimizer({ optimizer, learningRate, weightDecay, momentum, clipNorm }: FitSettings) {
  if (optimizer instanceof tf.Optimizer) return undefined;
  return optimizers[optimizer]({ learningRate, weightDecay, momentum, globalClipnorm: clipNorm });
}

/** Trains epoch after epoch, from where `state` stands; see fit. */
async function trainEpochs(run: Run, folder?: RunFolder, state?: TrainingState): Promise<Progress[]> {
  const { model, optimizer, settings, task } = run;
  const { epochs, validation, patience, restoreBestWeights, signal } = settings;
  const monitor = monitorOf('fit', task, settings.monitor);
  const cases = caseCount(run.data);
  const constants = { cases, seed: settings.seed };
  const batchesPerEpoch = Math.ceil(cases / settings.batchSize);
  const history = [...(state?.history ?? [])];
  let current = state?.current;
  let best: WeightsCopy | undefined;
  while (history.length < epochs && !hasStalled(history, monitor, patience)) {
    const begun = current ?? { batch: 0, ...scoresOf(task.trainingScores, () => 0), seconds: 0, samplesPerSecond: 0 };
    const progress: Progress = { ...begun, epoch: history.length + 1, epochs, batchesPerEpoch };
    current = undefined;
    await trainEpoch(run, progress);
    if (progress.batch < batchesPerEpoch) {
      await folder?.keep(model, optimizer, { ...constants, history, current: progress }, false);
      break;
    }
    if (validation) {
      const evaluation = evaluate(model, validation);
      progress.validation = scoresOf(task.validationScores, (name) => evaluation[name]!);
    }
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
  // What is no object is refused with the other options.
  if (!(options as FitOptions | null)?.resume || !options.folder || options.seed !== undefined) return options;
  return { ...options, seed: (await readFolderConfig(options.folder))?.seed };
}

/**
 * Trains a model. It is compiled with the optimizer, and loss and metrics of its task: crossEntropy and accuracy for a
 * classifier, meanSquaredError for a regressor. An optimizer that fit made frees its moments at the end.
 *
 * @param model made for the data's task, as timeSeriesClassifier or timeSeriesRegressor makes it
 * @param data standardised training data, see standardize; its task follows from its fields: classNames with labels, or targets
 * @param options see FitOptions
 * @returns the progress at the end of each complete epoch, those of a run that was resumed too
 * @throws Error if model and data do not fit, a case has no label or target, or a number that is not finite, or an option is unknown or
 *   out of range: all data, and options, are looked at before anything changes. Error if the loss is no longer finite, memory
 *   runs out, a callback throws, or the run cannot be kept in `folder`, where another process may be at work: weights, running
 *   statistics and the caller's optimizer are as after the last step that was completed, and nothing is left on the heap
 */
export async function fit(model: LayersModel, data: Cases, options: FitOptions = {}): Promise<Progress[]> {
  const given = fitSettings(await withSeedOfRun(options));
  const { validation, folder: path, resume, onWarning } = given;
  const { task, length } = checkLabelledPart('fit', model, data);
  if (validation) checkLabelledPart('fit: validation', model, validation);
  const settings = { ...given, monitor: monitorOf('fit', task, given.monitor) };
  const lossOptions = lossOptionsOf('fit', task, settings, data);
  const cases = caseCount(data);
  const own = makeOptimizer(settings);
  const optimizer = own ?? (settings.optimizer as tf.Optimizer);
  const train = async () => {
    const opened =
      path === undefined ? undefined : await RunFolder.open(path, folderConfig(settings), { resume, cases, onWarning });
    if (opened?.state) await opened.folder.restoreLast(model, optimizer);
    model.compile({ optimizer, ...task.compileArgs });
    const step = trainingStep(model, optimizer, task.objective(model, lossOptions));
    const seed = opened?.state?.seed ?? settings.seed;
    const run = { model, data, task, length, settings: { ...settings, seed }, optimizer, own, step, turn: turns() };
    return trainEpochs(run, opened?.folder, opened?.state);
  };
  try {
    return await (path === undefined ? train() : RunFolder.use(path, train));
  } finally {
    own?.dispose();
  }
}
