import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { LabelledData } from '../data/labelledData.js';
import { standardize } from '../data/standardize.js';
import { load } from '../training/load.js';
import { type ClassifierMetadata, getMetadata } from '../training/metadata.js';

/** A saved classifier, and what it needs besides its weights. */
export interface SavedClassifier {
  model: LayersModel;
  metadata: ClassifierMetadata;
  /** Most positions of series or tokens; undefined if it takes any number, or images. */
  length: number | undefined;
  /** Gives data the form in which the model was trained on it. */
  prepare: <Data extends LabelledData>(data: Data) => Data;
}

/**
 * @param folder what `train` saved
 * @throws the file system's errors; Error if the folder holds no classifier
 */
export async function loadClassifier(folder: string): Promise<SavedClassifier> {
  const model = await load(folder);
  const metadata = getMetadata(model);
  const [, length] = metadata.kind === 'images' ? [] : model.inputs[0].shape;
  return { model, metadata, length: length ?? undefined, prepare: (data) => standardize(data, metadata.statistics) };
}
