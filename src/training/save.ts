import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { path } from '../checks/rules.js';
import { check, checkChoice, checkOptions } from '../checks/values.js';
import { folderHandler } from './folderHandler.js';
import { trainingConfigOf } from './trainingConfig.js';
import { storeWeights, type WeightStorage, weightStorages } from './storeWeights.js';

/** Options of `save`. */
export interface SaveOptions {
  /**
   * How weights are stored: 'float32', the default; 'float16', in half the bytes; 'uint8', matrices in 256 steps each, in a
   * quarter. `load`, tfjs and the predict runtime read all of them; a model that is to be trained on should keep float32.
   */
  weights?: WeightStorage;
}

/**
 * Saves a model, with its user-defined metadata, as model.json and weights.bin; if writing fails, an older model in the
 * folder stays. Of a model that is compiled, loss, metrics and the optimizer's settings are kept too where they have names,
 * not its moments. Node only; in a browser use `model.save`.
 *
 * @param model any tfjs layers model
 * @param folder made if it does not exist; a model in it is replaced
 * @param options see SaveOptions
 * @throws Error that names an option, or a weight that float16 cannot hold; the file system's errors
 */
export async function save(model: LayersModel, folder: string, options: SaveOptions = {}): Promise<void> {
  checkOptions('save', options, ['weights'] satisfies (keyof SaveOptions)[]);
  const { weights = 'float32' } = options;
  checkChoice('save', 'weights', weights, weightStorages);
  check('save', 'folder', folder, path);
  const handler = folderHandler(folder);
  const trainingConfig = trainingConfigOf(model);
  const storing = tf.io.withSaveHandler((saved) => {
    const artifacts = trainingConfig ? { ...saved, trainingConfig } : saved;
    if (weights === 'float32') return handler.save!(artifacts);
    const { weightSpecs = [], weightData } = artifacts;
    const data = tf.io.CompositeArrayBuffer.join(weightData);
    return handler.save!({ ...artifacts, ...storeWeights(weightSpecs, data, weights) });
  });
  await model.save(storing);
}
