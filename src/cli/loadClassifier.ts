import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { LabelledData } from '../data/labelledData.js';
import { standardize } from '../data/standardize.js';
import { load } from '../training/load.js';
import { type ClassifierMetadata, getMetadata } from '../training/metadata.js';

/** A saved classifier, and what it needs besides its weights. */
export interface SavedClassifier {
  model: LayersModel;
  metadata: ClassifierMetadata;
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
  return { model, metadata, prepare: (data) => standardize(data, metadata.statistics) };
}
