import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { ChannelStatistics } from '../data/standardize.js';

/** What a trained classifier needs besides its weights. It travels in model.json. */
export interface ClassifierMetadata {
  /** Name of the data set. */
  data: string;
  /** Form of attention, as the command line names it. */
  form: string;
  classNames: string[];
  /** Of the training part: new data is standardised with them. null for tokens. */
  statistics: ChannelStatistics | null;
}

const KEY = 'primalAttention';

/**
 * Attaches metadata to a model; `save` keeps it.
 *
 * @param model the model; other user-defined metadata stays
 * @param metadata plain values
 */
export function setMetadata(model: LayersModel, metadata: ClassifierMetadata): void {
  model.setUserDefinedMetadata({ ...model.getUserDefinedMetadata(), [KEY]: metadata });
}

/**
 * @param model a model that setMetadata has seen, perhaps before it was saved
 * @throws Error if there is no metadata
 */
export function getMetadata(model: LayersModel): ClassifierMetadata {
  const all = model.getUserDefinedMetadata() as Record<string, ClassifierMetadata> | undefined;
  const metadata = all?.[KEY];
  if (!metadata)
    throw new Error('the model has no metadata of a classifier; it must be one that the train command saved');
  return metadata;
}
