import type { LayersModel } from '@tensorflow/tfjs-layers';
import { channelStatistics } from '../data/channelStatistics.js';
import type { Dataset, LabelledData } from '../data/labelledData.js';
import { stratifiedSplit } from '../data/split.js';
import { standardize } from '../data/standardize.js';
import { mixSeed } from '../random.js';
import { evaluate } from '../training/evaluate.js';
import { fit } from '../training/fit.js';
import { metadataOf, setMetadata } from '../training/metadata.js';
import { save } from '../training/save.js';
import { chosenEpoch, type EpochEvaluation } from './chosenEpoch.js';
import { classifierFor } from './classifierFor.js';
import type { RunConfig } from './runConfig.js';

/** An epoch of a training: mean loss and accuracy over its batches, with dropout, and what the model did after it. */
export interface CurvePoint {
  loss: number;
  accuracy: number;
  /** On the part that the model was not trained on: the test part, or the held-out one. */
  evaluation: EpochEvaluation;
}

/** The two trainings of a run. */
export type Stage = 'validation' | 'training';

export interface RunProgress {
  stage: Stage;
  /** From 1. */
  epoch: number;
  /** Accuracy on the part that the stage does not train on. */
  accuracy: number;
}

/** What a run found. Accuracies are from 0 to 1. */
export interface RunResult {
  parameters: number;
  /** Seconds of training on the whole training part, without evaluation. */
  seconds: number;
  /** Of the model trained on the whole training part, on the test part. */
  testAccuracy: {
    /** After the last epoch. */
    last: number;
    /** After the epoch that the validation chose; null without validation. */
    validation: number | null;
    /** The highest of all epochs. Biased upwards, as the test part itself chose the epoch. */
    best: number;
  };
  /** What the held-out part chose: an epoch, and how the model trained without it did on it then. */
  chosen: ({ epoch: number } & EpochEvaluation) | null;
  curves: { training: CurvePoint[]; validation: CurvePoint[] | null };
}

interface Training {
  model: LayersModel;
  curve: CurvePoint[];
  seconds: number;
}

/** Trains the run's model on `train`, and evaluates it on `other` after each epoch; the caller disposes the model. */
async function trainOn(
  dataset: Dataset,
  { train, other }: { train: LabelledData; other: LabelledData },
  config: RunConfig,
  onEpoch: (epoch: number, evaluation: EpochEvaluation, model: LayersModel) => Promise<void> | void,
): Promise<Training> {
  const { form, seed, epochs, batchSize, learningRate, schedule } = config;
  const { width, feedForward, heads, layers, dropout } = config;
  const model = classifierFor(dataset, form, { width, feedForward, heads, layers, dropout }, mixSeed(seed, 0));
  const curve: CurvePoint[] = [];
  let seconds = 0;
  try {
    await fit(model, train, {
      ...{ epochs, batchSize, learningRate, schedule },
      seed: mixSeed(seed, 1),
      onEpochEnd: async ({ epoch, loss, accuracy, seconds: ofEpoch }) => {
        seconds += ofEpoch;
        const evaluated = evaluate(model, other);
        const evaluation = { accuracy: evaluated.accuracy, loss: evaluated.loss };
        curve.push({ loss, accuracy, evaluation });
        await onEpoch(epoch, evaluation, model);
      },
    });
  } catch (error) {
    model.dispose();
    throw error;
  }
  return { model, curve, seconds };
}

/**
 * One run: a form of attention on a data set from one seed. Two trainings with equal initial weights:
 *
 * 1. With validation, on the training part without a stratified share, which is evaluated after each epoch. It chooses
 *    the number of epochs (see chosenEpoch). Statistics for the standardisation are those of the smaller part.
 * 2. On the whole training part, with the test part evaluated after each epoch. Its model after the chosen epoch (the
 *    last one without validation) is saved.
 *
 * @param dataset not standardised
 * @param config see RunConfig
 * @param folder where the model is saved, with its metadata
 * @param onProgress hears of each epoch
 * @throws Error if a training fails, or the training part cannot be split
 */
export async function trainRun(
  dataset: Dataset,
  config: RunConfig,
  folder: string,
  onProgress: (progress: RunProgress) => void,
): Promise<RunResult> {
  const { train: all, test } = dataset;
  const follow =
    (stage: Stage) =>
    (epoch: number, { accuracy }: EpochEvaluation) =>
      onProgress({ stage, epoch, accuracy });

  let validation: CurvePoint[] | null = null;
  if (config.validation > 0) {
    const parts = stratifiedSplit(all, config.validation, mixSeed(config.seed, 2));
    const statistics = channelStatistics(parts.train);
    const [train, other] = [parts.train, parts.validation].map((part) => standardize(part, statistics));
    const held = await trainOn(dataset, { train, other }, config, follow('validation'));
    held.model.dispose();
    validation = held.curve;
  }
  const epoch = validation && chosenEpoch(validation.map(({ evaluation }) => evaluation));
  const chosen = validation && epoch ? { epoch, ...validation[epoch - 1].evaluation } : null;

  const statistics = channelStatistics(all);
  const [train, other] = [all, test].map((part) => standardize(part, statistics));
  const keep = chosen?.epoch ?? config.epochs;
  const full = await trainOn(dataset, { train, other }, config, async (epoch, evaluation, model) => {
    follow('training')(epoch, evaluation);
    if (epoch !== keep) return;
    setMetadata(model, metadataOf(all, { data: config.data, form: config.form, statistics }));
    await save(model, folder);
  });
  const parameters = full.model.countParams();
  full.model.dispose();

  const tested = full.curve.map(({ evaluation }) => evaluation.accuracy);
  return {
    parameters,
    seconds: full.seconds,
    testAccuracy: {
      last: tested[tested.length - 1],
      validation: chosen && tested[chosen.epoch - 1],
      best: Math.max(...tested),
    },
    chosen,
    curves: { training: full.curve, validation },
  };
}
