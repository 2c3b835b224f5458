import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers';
import { path } from '../checks/rules.js';
import { check } from '../checks/values.js';
import { folderHandler } from './folderHandler.js';
import { MODEL } from './modelJson.js';

/** What tfjs says, unless it stumbled over what is not there. */
function reasonOf(error: unknown): string {
  const isInternal = error instanceof TypeError || error instanceof RangeError || !(error instanceof Error);
  return isInternal ? 'its layers or their settings are not what TensorFlow.js expects' : error.message;
}

/**
 * Loads what save wrote. Node only; in a browser use `tf.loadLayersModel`.
 *
 * @param folder holds model.json and the weight files that it names
 * @returns the model, with its user-defined metadata; compiled, with a new optimizer, if it was saved so
 * @throws the file system's errors; DamagedError if a file is not what was written; Error if the files are no model, or
 *   their weights do not fit it
 */
export async function load(folder: string): Promise<LayersModel> {
  check('load', 'folder', folder, path);
  const artifacts = await folderHandler(folder).load!();
  try {
    return await loadLayersModel({ load: () => Promise.resolve(artifacts) });
  } catch (error) {
    throw new Error(`${folder}/${MODEL}: not a model that can be built: ${reasonOf(error)}`, { cause: error });
  }
}
