import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { formatValue } from '../checks/values.js';
import { type Batch, batches } from '../data/batches.js';
import { caseCount } from '../data/caseCount.js';
import type { BatchInput } from '../data/kinds/kindTraits.js';
import type { Cases } from '../data/labelledData.js';
import { epochSeed, permutation } from '../random.js';
import { reseed } from '../layers/reseed.js';
import type { FitSettings } from './fitOptions.js';
import type { MomentOptimizer } from './momentOptimizer.js';
import type { Progress, TrainingScore } from './progress.js';
import { learningRateFactor } from './schedules.js';
import type { Task } from './tasks/task.js';
import type { trainingStep } from './trainingStep.js';

/** A run of fit. */
export interface Run {
  model: LayersModel;
  data: Cases;
  /** Positions that the model pads to; undefined if it takes any. */
  length: number | undefined;
  task: Task;
  settings: FitSettings;
  optimizer: tf.Optimizer;
  /** The optimizer, where fit made it, and sets its learning rate. */
  own: MomentOptimizer | undefined;
  step: ReturnType<typeof trainingStep>;
  /** Called between batches, see turns. */
  turn: () => Promise<void>;
}

/** Progress with a batch more; means go on by the number of cases. */
function advance(progress: Progress, score: TrainingScore, size: number, before: number): void {
  progress.batch++;
  for (const name of Object.keys(score) as (keyof TrainingScore)[]) {
    progress[name] = progress[name]! + ((score[name]! - progress[name]!) * size) / (before + size);
  }
}

/** @throws Error unless an augmentation gave a batch of the size and the shapes of its own */
function checkAugmented(given: Batch, batch: Batch): void {
  if (batch === given) return;
  const fits = ({ values, shape }: BatchInput, as: BatchInput) =>
    values instanceof Float32Array && values.length === as.values.length && shape?.join() === as.shape.join();
  const isBatch =
    Array.isArray(batch?.inputs) &&
    batch.inputs.length === given.inputs.length &&
    given.inputs.every((as, i) => fits(batch.inputs[i] ?? {}, as)) &&
    batch.size === given.size &&
    (['labels', 'targets'] as const).every((name) => batch[name]?.length === given[name]?.length);
  if (isBatch) return;
  throw new Error(
    `fit: augmentation returned ${formatValue(batch)}; it must be a batch with inputs, labels and sizes like those of the one it was given`,
  );
}

/**
 * Trains from batch `progress.batch` of an epoch to its end, or to the batch in which settings.signal is aborted.
 *
 * All randomness depends on the seed, the epoch and the batch only, not on what was before: a run can be resumed at
 * any batch.
 *
 * @param run what is trained, and how
 * @param progress where the epoch stands; is brought up to date
 * @throws Error if the loss is no longer finite, or a step or callback fails; all is as after the last step then
 */
export async function trainEpoch(run: Run, progress: Progress): Promise<void> {
  const { model, data, length, settings, own } = run;
  const { batchSize, seed, augmentation, signal } = settings;
  const { epoch, batchesPerEpoch } = progress;
  const order = permutation(caseCount(data), epochSeed(seed, epoch, 'order'));
  let seen = progress.batch * batchSize;
  const start = performance.now() - 1000 * progress.seconds;
  for (const batch of batches(data, { batchSize, order: order.subarray(seen), length })) {
    if (signal?.aborted) return;
    const index = progress.batch;
    if (own) {
      const done = (epoch - 1) * batchesPerEpoch + index;
      own.learningRate = settings.learningRate * learningRateFactor(settings, done, batchesPerEpoch);
      progress.learningRate = own.learningRate;
    }
    reseed(model, epochSeed(seed, epoch, 'dropout', index));
    const augmented = augmentation ? augmentation(batch, epochSeed(seed, epoch, 'augmentation', index)) : batch;
    checkAugmented(batch, augmented);
    const result = run.step(augmented);
    if (!Number.isFinite(result.loss)) {
      throw new Error(
        `fit: the loss was ${result.loss} in epoch ${epoch}, batch ${index + 1}, which made no step; try a smaller learning rate`,
      );
    }
    advance(progress, result, batch.size, seen);
    seen += batch.size;
    progress.seconds = (performance.now() - start) / 1000;
    progress.samplesPerSecond = seen / progress.seconds;
    settings.onBatchEnd?.({ ...progress });
    await run.turn();
  }
}
