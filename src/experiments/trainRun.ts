import type { LayersModel } from '@tensorflow/tfjs-layers';
import { headOverlap } from '../analysis/headOverlap.js';
import { headRedundancy } from '../analysis/headRedundancy.js';
import { attentionLayers } from '../analysis/observeAttention.js';
import type { Dataset, LabelledData } from '../data/labelledData.js';
import { spreadIndices } from '../data/spreadIndices.js';
import { pickProperties } from '../pickProperties.js';
import { evaluate } from '../training/evaluate.js';
import { bestOf } from '../training/isBetter.js';
import type { Progress, TrainingScore } from '../training/progress.js';
import { save } from '../training/save.js';
import { type ComparedScore, comparedScores } from '../training/tasks/comparedScores.js';
import { taskOf } from '../training/tasks/taskOf.js';
import { fitRun } from './fitRun.js';
import { prepareRun } from './prepareRun.js';
import type { RunConfig } from './runConfig.js';

/** How a model did on a part that it was not trained on: the loss, and the scores by which its task is compared. */
export type RunScores = { loss: number } & Partial<Record<ComparedScore, number>>;

/** An epoch of a training: means over its batches, with dropout, and what the model did after it. */
export interface CurvePoint extends TrainingScore {
  /** On the part that the model was not trained on: the test part, or the held-out one. */
  evaluation: RunScores;
}

/** The two trainings of a run. */
export type Stage = 'validation' | 'training';

export interface RunProgress {
  stage: Stage;
  /** From 1. */
  epoch: number;
  /** What comparisons of the task are about, on the part that the stage does not train on. */
  score: number;
}

/** How different the heads of a model are, see headRedundancy and headOverlap. */
export interface RunHeads {
  /** Mean distance of their outputs, relative to the outputs' norm. */
  distance: number;
  /** Mean overlap of what they attend to. */
  overlap: number;
}

/** What a run found. */
export interface RunResult {
  parameters: number;
  /** Seconds of training on the whole training part, without evaluation. */
  seconds: number;
  /** Of the model trained on the whole training part, on the test part. */
  test: {
    /** After the last epoch. */
    last: RunScores;
    /** After the epoch that the validation chose; null without validation. */
    validation: RunScores | null;
    /** Of the best of all epochs. Biased, as the test part itself chose the epoch. */
    best: RunScores;
  };
  /** What the held-out part chose: an epoch, and how the model did on it then. */
  chosen: ({ epoch: number } & RunScores) | null;
  curves: { training: CurvePoint[]; validation: CurvePoint[] | null };
  /** Of the model after the last epoch, if it was asked for and has heads to compare. */
  heads?: RunHeads;
}

/** A training: what it found, and how the model did after each epoch. */
interface Trained {
  history: Progress[];
  /** On the part that fit evaluates. */
  scored: RunScores[];
  /** On the test part, where that is another one. */
  tested: RunScores[];
  parameters: number;
  heads?: RunHeads;
}

function headsOf(model: LayersModel, test: LabelledData, headCases: number): RunHeads | undefined {
  if (headCases === 0) return undefined;
  const hasHeads = attentionLayers('compare', model).some(({ attention }) => attention.numHeads > 1);
  if (!hasHeads) return undefined;
  const cases = spreadIndices(headCases, test.labels.length);
  const { relative } = headRedundancy(model, test, { cases });
  return { distance: relative.mean, overlap: headOverlap(model, test, { cases }).overlap.mean };
}

/** A training of a run. `saves` says whether the model is to be saved after an epoch, of those so far. */
async function train(
  stage: Stage,
  dataset: Dataset,
  config: RunConfig,
  onProgress: (progress: RunProgress) => void,
  saving?: { folder: string; saves: (scored: readonly RunScores[]) => boolean },
): Promise<Trained> {
  const run = prepareRun(dataset, stage === 'validation' ? config : { ...config, validation: 0 });
  const { model, parts, task } = run;
  const names = ['loss', ...comparedScores(task)] as const;
  const [main] = comparedScores(task);
  const [scored, tested]: [RunScores[], RunScores[]] = [[], []];
  try {
    const history = await fitRun(run, parts.validation ?? parts.test, {
      onEpochEnd: async ({ epoch, validation }) => {
        scored.push(pickProperties(validation!, names));
        if (parts.validation && stage === 'training') tested.push(pickProperties(evaluate(model, parts.test), names));
        onProgress({ stage, epoch, score: validation![main]! });
        if (saving?.saves(scored)) await save(model, saving.folder);
      },
    });
    const heads = saving && headsOf(model, parts.test, config.headCases);
    return { history, scored, tested, parameters: model.countParams(), ...(heads && { heads }) };
  } finally {
    model.dispose();
  }
}

const curveOf = (history: readonly Progress[], evaluations: readonly RunScores[]): CurvePoint[] =>
  history.map((progress, index) => ({
    ...pickProperties(progress, ['loss', 'accuracy']),
    evaluation: evaluations[index],
  }));

/** The first of the best epochs, from 0. */
const bestIndex = (monitor: ComparedScore, evaluations: readonly RunScores[]): number =>
  evaluations.indexOf(bestOf(monitor, evaluations)!);

/**
 * One run of a comparison: a form of attention on a data set from one seed. Two trainings with equal initial weights:
 *
 * 1. With validation, on the training part without a share of it (stratified, of classes), which is evaluated after each epoch.
 *    It chooses the number of epochs: that of the best score that the task is compared by; of several, the one with the lowest
 *    loss; of those, the first. Statistics for the standardisation are those of the smaller part.
 * 2. On the whole training part, with the test part evaluated after each epoch. Its model after the chosen epoch (the
 *    last one without validation) is saved.
 *
 * Data with a validation part of its own, as windows to forecast have it, is trained on once, with both parts evaluated.
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
  const [main] = comparedScores(taskOf('trainRun', config));
  const own = dataset.validation !== undefined;
  const before = !own && config.validation > 0 ? await train('validation', dataset, config, onProgress) : undefined;
  const saves = (scored: readonly RunScores[]) =>
    (own ? bestIndex(main, scored) : before ? bestIndex(main, before.scored) : config.epochs - 1) === scored.length - 1;
  const trained = await train('training', dataset, config, onProgress, { folder, saves });
  const { history, parameters, heads } = trained;
  const tested = own ? trained.tested : trained.scored;
  const held = own ? trained : before;
  const chosen = held && bestIndex(main, held.scored);
  return {
    parameters,
    seconds: history.reduce((sum, { seconds }) => sum + seconds, 0),
    test: {
      last: tested[tested.length - 1],
      validation: chosen === undefined ? null : tested[chosen],
      best: bestOf(main, tested)!,
    },
    chosen: chosen === undefined ? null : { epoch: chosen + 1, ...held!.scored[chosen] },
    curves: { training: curveOf(history, tested), validation: held ? curveOf(held.history, held.scored) : null },
    ...(heads && { heads }),
  };
}
