import type { Dataset } from '../data/labelledData.js';
import { bestEpoch } from '../training/earlyStopping.js';
import type { Progress, ValidationScore } from '../training/progress.js';
import { save } from '../training/save.js';
import { fitRun } from './fitRun.js';
import { prepareRun } from './prepareRun.js';
import type { RunConfig } from './runConfig.js';

/** How a model did on a part that it was not trained on. Accuracy is from 0 to 1. */
export interface EpochEvaluation {
  accuracy: number;
  loss: number;
}

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

const evaluationOf = ({ accuracy, loss }: ValidationScore): EpochEvaluation => ({ accuracy: accuracy!, loss });

/** A training of a run, with the part that `stage` does not train on evaluated after each epoch. */
async function train(
  stage: Stage,
  dataset: Dataset,
  config: RunConfig,
  onProgress: (progress: RunProgress) => void,
  saving?: { epoch: number; folder: string },
): Promise<{ history: Progress[]; curve: CurvePoint[]; parameters: number }> {
  const run = prepareRun(dataset, stage === 'validation' ? config : { ...config, validation: 0 });
  const { model, parts } = run;
  try {
    const history = await fitRun(run, parts.validation ?? parts.test, {
      onEpochEnd: async ({ epoch, validation }) => {
        onProgress({ stage, epoch, accuracy: validation!.accuracy! });
        if (epoch === saving?.epoch) await save(model, saving.folder);
      },
    });
    const curve = history.map(({ loss, accuracy, validation }) => ({
      ...{ loss, accuracy: accuracy! },
      evaluation: evaluationOf(validation!),
    }));
    return { history, curve, parameters: model.countParams() };
  } finally {
    model.dispose();
  }
}

/**
 * One run of a comparison: a form of attention on a data set from one seed. Two trainings with equal initial weights:
 *
 * 1. With validation, on the training part without a stratified share, which is evaluated after each epoch. It chooses
 *    the number of epochs: that of the highest accuracy; of several, the one with the lowest loss; of those, the first.
 *    Statistics for the standardisation are those of the smaller part.
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
  const held = config.validation > 0 ? await train('validation', dataset, config, onProgress) : undefined;
  const best = held && bestEpoch(held.history, 'accuracy');
  const chosen = best ? { epoch: best.epoch, ...evaluationOf(best.validation!) } : null;
  const saving = { epoch: chosen?.epoch ?? config.epochs, folder };
  const { history, curve, parameters } = await train('training', dataset, config, onProgress, saving);
  const tested = curve.map(({ evaluation }) => evaluation.accuracy);
  return {
    parameters,
    seconds: history.reduce((sum, { seconds }) => sum + seconds, 0),
    testAccuracy: {
      last: tested[tested.length - 1],
      validation: chosen && tested[chosen.epoch - 1],
      best: Math.max(...tested),
    },
    chosen,
    curves: { training: curve, validation: held?.curve ?? null },
  };
}
