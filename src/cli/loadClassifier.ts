import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { LabelledData } from '../data/labelledData.js';
import { standardize } from '../data/standardize.js';
import { load } from '../training/load.js';
import type { ModelMetadata } from '../data/modelMetadata.js';
import { getMetadata } from '../training/metadata.js';
import type { Task } from '../training/tasks/task.js';
import { taskOf } from '../training/tasks/taskOf.js';

/** A saved model, and what it needs besides its weights. */
export interface SavedClassifier {
  model: LayersModel;
  metadata: ModelMetadata;
  task: Task;
  /** Most positions of series or tokens; undefined if it takes any number, or images. */
  length: number | undefined;
  /** Gives data the form in which the model was trained on it. */
  prepare: <Data extends LabelledData>(data: Data) => Data;
}

/**
 * @param folder what `train` saved
 * @throws the file system's errors; Error if the folder holds no model of `train`'s
 */
export async function loadClassifier(folder: string): Promise<SavedClassifier> {
  const model = await load(folder);
  const metadata = getMetadata(model);
  const task = taskOf('load', metadata);
  const [, length] = metadata.kind === 'images' ? [] : model.inputs[0].shape;
  return {
    ...{ model, metadata, task, length: length ?? undefined },
    prepare: (data) => task.scaled(standardize(data, metadata.statistics), metadata),
  };
}
