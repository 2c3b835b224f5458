import type { LayersModel } from '@tensorflow/tfjs-layers';
import { folderHandler } from './folderHandler.js';

/**
 * Saves a model, with its user-defined metadata, as model.json and weights.bin; if writing fails, an older model in the
 * folder stays. Node only; in a browser use `model.save`.
 *
 * @param model any tfjs layers model
 * @param folder made if it does not exist; a model in it is replaced
 * @throws the file system's errors
 */
export async function save(model: LayersModel, folder: string): Promise<void> {
  await model.save(folderHandler(folder));
}
