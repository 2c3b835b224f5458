import type { LayersModel } from '@tensorflow/tfjs-layers';
import { type Dataset, kindOf } from '../data/labelledData.js';
import { runSeed } from '../random.js';
import { metadataOf, setMetadata } from '../training/metadata.js';
import { classifierFor } from './classifierFor.js';
import { withSizes } from './classifierSizes.js';
import { type RunParts, runParts } from './runParts.js';
import type { RunPlan } from './runPlan.js';

/** A run before its training. The caller disposes the model. */
export interface PreparedRun {
  /** With all sizes of the classifier. */
  plan: RunPlan;
  parts: RunParts;
  /** With its metadata, so that what is saved can be used. */
  model: LayersModel;
}

/**
 * Splits and standardises the data, and builds the classifier.
 *
 * @param dataset not standardised
 * @param plan see RunPlan
 * @throws Error if the training part cannot be split, or an option of the classifier is not valid; UnknownNameError for a
 *   form that does not exist
 */
export function prepareRun(dataset: Dataset, plan: RunPlan): PreparedRun {
  const { name, train } = dataset;
  const { form, seed } = plan;
  const parts = runParts(dataset, plan);
  const model = classifierFor(dataset, form, plan, runSeed(seed, 'weights'));
  setMetadata(model, metadataOf(parts.train, { data: name, form, statistics: parts.statistics }));
  return { plan: { ...plan, ...withSizes(kindOf(train), plan) }, parts, model };
}
