import type { LayersModel } from '@tensorflow/tfjs-layers';
import { type Dataset, kindOf, type LabelledData } from '../data/labelledData.js';
import { runSeed } from '../random.js';
import type { ModelMetadata } from '../data/modelMetadata.js';
import { metadataOf, setMetadata } from '../training/metadata.js';
import type { Task } from '../training/tasks/task.js';
import { taskOf } from '../training/tasks/taskOf.js';
import { modelFor } from './modelFor.js';
import { withSizes } from './classifierSizes.js';
import { type RunParts, runParts } from './runParts.js';
import type { RunPlan } from './runPlan.js';

/** A run before its training. The caller disposes the model. */
export interface PreparedRun {
  /** With all sizes of the model. */
  plan: RunPlan;
  task: Task;
  parts: RunParts;
  /** With its metadata, so that what is saved can be used. */
  model: LayersModel;
  metadata: ModelMetadata;
}

/**
 * Splits and standardises the data, and builds the model.
 *
 * @param dataset not standardised
 * @param plan see RunPlan
 * @throws Error if the training part cannot be split, or an option of the model is not valid; UnknownNameError for a
 *   form that does not exist
 */
export function prepareRun(dataset: Dataset, plan: RunPlan): PreparedRun {
  const { name, train } = dataset;
  const { form, seed } = plan;
  const task = taskOf('train', train);
  const parts = runParts(dataset, task, plan);
  const metadata = metadataOf(parts.train, { data: name, form, statistics: parts.statistics });
  const scaled = (part: LabelledData) => task.scaled(part, metadata);
  const model = modelFor(dataset, form, plan, runSeed(seed, 'weights'));
  setMetadata(model, metadata);
  return {
    plan: { ...plan, ...withSizes(kindOf(train), plan) },
    ...{ task, model, metadata },
    parts: {
      ...parts,
      train: scaled(parts.train),
      ...(parts.validation && { validation: scaled(parts.validation) }),
      test: scaled(parts.test),
    },
  };
}
