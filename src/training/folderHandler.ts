import * as tf from '@tensorflow/tfjs-core';
import { writeTogether } from '../files/writeTogether.js';

const MODEL = 'model.json';
/** Names that weights take in turn: new ones never overwrite those that model.json names. */
const WEIGHTS = ['weights.bin', 'weights.2.bin'];

/**
 * Reads model.json without the weights. Node only.
 *
 * @param folder holds it
 * @throws the file system's errors; Error with the path, if the file is no model
 */
export async function readModelJson(folder: string): Promise<tf.io.ModelJSON> {
  const [{ readFile }, path] = await Promise.all([import('node:fs/promises'), import('node:path')]);
  const file = path.join(folder, MODEL);
  const text = await readFile(file, 'utf8');
  try {
    return JSON.parse(text) as tf.io.ModelJSON;
  } catch (error) {
    throw new Error(`${file}: not a model: ${(error as Error).message}`, { cause: error });
  }
}

/** The weight files that the model in a folder has; none, if there is no model. */
async function weightFiles(folder: string): Promise<string[]> {
  try {
    return (await readModelJson(folder)).weightsManifest.flatMap(({ paths }) => paths);
  } catch {
    return []; // what is not there, or damaged, has nothing to lose
  }
}

/**
 * An IOHandler for a folder with tfjs's model.json and its weights, for `model.save` and `tf.loadLayersModel`. Node
 * only: tfjs's own `file://` needs a native add-on.
 *
 * A model is replaced at one moment, when the new model.json takes its place: whenever the process ends, the folder holds
 * the old model or the new one, whole. So the weights are in weights.bin and weights.2.bin in turn; model.json says where.
 *
 * @param folder made if it does not exist; other files in it stay
 */
export function folderHandler(folder: string): tf.io.IOHandler {
  return {
    async save(artifacts) {
      const [{ mkdir, rm }, path] = await Promise.all([import('node:fs/promises'), import('node:path')]);
      await mkdir(folder, { recursive: true });
      const used = await weightFiles(folder);
      const name = WEIGHTS.find((choice) => !used.includes(choice))!;
      const { weightData, weightSpecs, ...rest } = artifacts;
      const json = { ...rest, weightsManifest: [{ paths: [name], weights: weightSpecs }] };
      await writeTogether(
        new Map<string, string | Uint8Array>([
          [path.join(folder, name), new Uint8Array(tf.io.CompositeArrayBuffer.join(weightData))],
          [path.join(folder, MODEL), JSON.stringify(json)],
        ]),
      );
      for (const old of WEIGHTS) if (old !== name) await rm(path.join(folder, old), { force: true });
      return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
    },
    async load() {
      const [{ readFile }, path] = await Promise.all([import('node:fs/promises'), import('node:path')]);
      return tf.io.getModelArtifactsForJSON(await readModelJson(folder), async (manifest) => {
        const files = await Promise.all(
          manifest.flatMap(({ paths }) => paths.map((name) => readFile(path.join(folder, name)))),
        );
        const bytes = Uint8Array.from(Buffer.concat(files));
        return [tf.io.getWeightSpecs(manifest), bytes.buffer];
      });
    },
  };
}
