import type { LayersModel } from '@tensorflow/tfjs-layers';
import { traitsOf } from '../data/kinds/traitsOf.js';
import { type ChannelStatistics, type DataKind, kindOf, type LabelledData } from '../data/labelledData.js';

/** What a trained classifier needs besides its weights. It travels in model.json. */
export interface ClassifierMetadata {
  /** Name of the data set. */
  data: string;
  /** Form of attention, as the command line names it. */
  form: string;
  /** What its cases are. */
  kind: DataKind;
  classNames: string[];
  /** Of the training part: new series or images are standardised with them. null for tokens. */
  statistics: ChannelStatistics | null;
  /** Names of the tokens, in order; only for tokens. */
  vocabulary?: string[];
}

const KEY = 'primalAttention';

/**
 * The metadata of a classifier.
 *
 * @param train the data that it is trained on
 * @param rest what the data does not tell
 */
export function metadataOf(
  train: LabelledData,
  rest: Pick<ClassifierMetadata, 'data' | 'form' | 'statistics'>,
): ClassifierMetadata {
  return { ...rest, kind: kindOf(train), classNames: train.classNames, ...traitsOf(train).metadata(train) };
}

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
 * @throws Error if there is no metadata, or that of an earlier version
 */
export function getMetadata(model: LayersModel): ClassifierMetadata {
  const all = model.getUserDefinedMetadata() as Record<string, ClassifierMetadata> | undefined;
  const metadata = all?.[KEY];
  if (!metadata) {
    throw new Error('the model has no metadata of a classifier; it must be one that the train command saved');
  }
  if (!metadata.kind)
    throw new Error('the model is of an earlier version, without the kind of its data; train it again');
  return metadata;
}
