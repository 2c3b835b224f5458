import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { LabelledData } from '../data/labelledData.js';
import { type AttentionCosts, attentionCosts } from './attentionCosts.js';
import { type AttentionMap, attentionMaps } from './attentionMaps.js';
import { attentionSupport, type HeadSupport } from './attentionSupport.js';
import { type HeadOverlap, headOverlap } from './headOverlap.js';
import { type HeadRedundancy, headRedundancy } from './headRedundancy.js';

export interface InspectOptions {
  /** Indices of the cases that are averaged over. */
  cases: readonly number[];
  /** Indices of the cases whose maps are shown. */
  shown: readonly number[];
  /** Share of the weight that the support carries. */
  share: number;
  /** Cases in the batch whose costs are reported. */
  batch: number;
}

/** What is known about a model's attention. */
export interface ModelInspection {
  /** The model's name among others. */
  label: string;
  parameters: number;
  redundancy: HeadRedundancy;
  overlap: HeadOverlap;
  support: HeadSupport[];
  costs: AttentionCosts;
  maps: AttentionMap[];
}

/**
 * Measures all that the command `inspect` shows.
 *
 * @param label the model's name among others
 * @param model a trained model made of this package's layers
 * @param data standardised as the model's training data was
 * @param options see InspectOptions
 * @throws Error as headRedundancy, headOverlap, attentionSupport, attentionCosts and attentionMaps
 */
export async function inspectModel(
  label: string,
  model: LayersModel,
  data: LabelledData,
  { cases, shown, share, batch }: InspectOptions,
): Promise<ModelInspection> {
  return {
    label,
    parameters: model.countParams(),
    redundancy: headRedundancy(model, data, { cases }),
    overlap: headOverlap(model, data, { cases }),
    support: attentionSupport(model, data, { cases, share }),
    costs: await attentionCosts(model, { batch }),
    maps: attentionMaps(model, data, shown),
  };
}
