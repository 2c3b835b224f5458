// A model during its training: tfjs's model.json and weights, with the optimizer's in their usual group, and where
// the run stands as metadata. Anything that loads models loads it.

import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { folderHandler } from './folderHandler.js';
import { type ModelFile, readModelJson } from './modelJson.js';
import { readWeights } from './readWeights.js';
import type { NamedTensor } from './savedMoments.js';
import type { Progress } from './progress.js';

/** Where a run stands, besides weights and moments. All randomness follows from the seed and this. */
export interface TrainingState {
  /** Epochs that are complete. */
  history: Progress[];
  /** The epoch that is under way, if some of its batches are done. */
  current?: Progress;
  /** Number of training cases. */
  cases: number;
  /** From which its random numbers come; config.json may hold one that the caller derived it from. */
  seed: number;
}

const KEY = 'primalAttentionTraining';
const OPTIMIZER = 'optimizer';

/** What `model.save` would write. */
async function artifactsOf(model: LayersModel): Promise<tf.io.ModelArtifacts> {
  let artifacts: tf.io.ModelArtifacts;
  const handler = tf.io.withSaveHandler((found) => {
    artifacts = found;
    return Promise.resolve({ modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(found) });
  });
  await model.save(handler);
  return artifacts!;
}

/**
 * Names of moments, `NAME/m`, with those of a model's weights in a file for those of its variables, or the other way round: a
 * variable is called otherwise in another process, or in another model made alike.
 */
function renamed(model: LayersModel, weights: readonly NamedTensor[], direction: 'toFile' | 'toVariables') {
  const names = new Map(
    model.weights.map(({ originalName, name }) =>
      direction === 'toFile' ? [name, originalName] : [originalName, name],
    ),
  );
  return weights.map(({ name, tensor }) => {
    const at = name.lastIndexOf('/');
    const known = names.get(name.slice(0, at));
    return { name: known === undefined ? name : `${known}${name.slice(at)}`, tensor };
  });
}

/** The optimizer's step count and moments. */
async function encodeOptimizer(model: LayersModel, optimizer: tf.Optimizer) {
  const weights = await optimizer.getWeights();
  try {
    return await tf.io.encodeWeights(renamed(model, weights, 'toFile'), OPTIMIZER);
  } finally {
    // Numbers of steps are made for the caller; variables are the optimizer's own.
    tf.dispose(weights.flatMap(({ tensor }) => (tensor instanceof tf.Variable ? [] : [tensor])));
  }
}

/**
 * Saves a model and all that its training needs to continue; at every moment the folder holds the old checkpoint or the new
 * one. Node only.
 *
 * @param folder made if it does not exist
 * @param model the model
 * @param optimizer what trains it
 * @param state where the run stands
 * @throws the file system's errors; the old checkpoint stays
 */
export async function saveCheckpoint(
  folder: string,
  model: LayersModel,
  optimizer: tf.Optimizer,
  state: TrainingState,
): Promise<void> {
  const artifacts = await artifactsOf(model);
  const moments = await encodeOptimizer(model, optimizer);
  await folderHandler(folder).save!({
    ...artifacts,
    weightSpecs: [...artifacts.weightSpecs!, ...moments.specs],
    weightData: [artifacts.weightData as ArrayBuffer, moments.data],
    userDefinedMetadata: { ...artifacts.userDefinedMetadata, [KEY]: state },
  });
}

/**
 * @param folder where saveCheckpoint wrote, or will
 * @returns where the run stands, with a checkpoint that is whole; undefined if there is no model at all
 * @throws DamagedError if the checkpoint is not what was written; Error if there is a model, but not one in training; the
 *   file system's errors
 */
export async function readState(folder: string): Promise<TrainingState | undefined> {
  let json: ModelFile;
  try {
    json = await readModelJson(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const state = (json.userDefinedMetadata as Record<string, TrainingState> | undefined)?.[KEY];
  if (!state) throw new Error(`${folder}: the model is not a checkpoint; it must be one that fit saved`);
  await readWeights(folder, json.weightsManifest);
  return state;
}

/** Gives a model the tensors, one for each of its weights. */
function setWeights(folder: string, model: LayersModel, tensors: readonly tf.Tensor[]): void {
  const fits =
    tensors.length === model.weights.length &&
    model.weights.every((weight, i) => tf.util.arraysEqual(weight.read().shape, tensors[i].shape));
  if (!fits) throw new Error(`${folder}: the weights do not fit the model; it must be the one that was saved`);
  model.weights.forEach((weight, i) => weight.write(tensors[i]));
}

/**
 * Gives a model the weights that were saved, and the optimizer its step count and moments.
 *
 * @param folder where saveCheckpoint or save wrote
 * @param model made as the one that was saved
 * @param optimizer of the same kind; without one only the weights come back
 * @throws Error if the weights do not fit the model; the file system's errors
 */
export async function restoreCheckpoint(folder: string, model: LayersModel, optimizer?: tf.Optimizer): Promise<void> {
  const { weightData, weightSpecs } = await folderHandler(folder).load!();
  const tensors = tf.io.decodeWeights(tf.io.CompositeArrayBuffer.join(weightData), weightSpecs!);
  const [moments, weights] = [true, false].map((ofOptimizer) =>
    weightSpecs!
      .filter(({ group }) => (group === OPTIMIZER) === ofOptimizer)
      .map(({ name }) => ({ name, tensor: tensors[name] })),
  );
  try {
    setWeights(
      folder,
      model,
      weights.map(({ tensor }) => tensor),
    );
    await optimizer?.setWeights(renamed(model, moments, 'toVariables'));
  } finally {
    tf.dispose(tensors);
  }
}
