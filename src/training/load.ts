import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers';
// These register the layers that a saved model names.
import '../models/timeSeriesClassifier.js';
import '../models/tokenClassifier.js';
import '../models/visionTransformer.js';
import { folderHandler } from './folderHandler.js';

/**
 * Loads what save wrote. Node only; in a browser use `tf.loadLayersModel`.
 *
 * @param folder holds model.json and the weight files that it names
 * @returns the model, not compiled, with its user-defined metadata
 * @throws the file system's errors; Error if the files are no model, or their weights do not fit it
 */
export async function load(folder: string): Promise<LayersModel> {
  return loadLayersModel(folderHandler(folder));
}
