import * as tf from '@tensorflow/tfjs-core';
import { writeTogether } from './writeTogether.js';

const MODEL = 'model.json';
const WEIGHTS = 'weights.bin';

async function readJson(path: string): Promise<tf.io.ModelJSON> {
  const { readFile } = await import('node:fs/promises');
  const text = await readFile(path, 'utf8');
  try {
    return JSON.parse(text) as tf.io.ModelJSON;
  } catch (error) {
    throw new Error(`${path}: not a model: ${(error as Error).message}`, { cause: error });
  }
}

/**
 * An IOHandler for a folder with tfjs's model.json and weights.bin, for `model.save` and `tf.loadLayersModel`. Node
 * only: tfjs's own `file://` needs a native add-on.
 *
 * @param folder made if it does not exist; other files in it stay
 */
export function folderHandler(folder: string): tf.io.IOHandler {
  return {
    async save(artifacts) {
      const [{ mkdir }, path] = await Promise.all([import('node:fs/promises'), import('node:path')]);
      await mkdir(folder, { recursive: true });
      const { weightData, weightSpecs, ...rest } = artifacts;
      const json = { ...rest, weightsManifest: [{ paths: [WEIGHTS], weights: weightSpecs }] };
      // model.json last: where there is one, its weights are there.
      await writeTogether(
        new Map<string, string | Uint8Array>([
          [path.join(folder, WEIGHTS), new Uint8Array(tf.io.CompositeArrayBuffer.join(weightData))],
          [path.join(folder, MODEL), JSON.stringify(json)],
        ]),
      );
      return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
    },
    async load() {
      const [{ readFile }, path] = await Promise.all([import('node:fs/promises'), import('node:path')]);
      const json = await readJson(path.join(folder, MODEL));
      return tf.io.getModelArtifactsForJSON(json, async (manifest) => {
        const files = await Promise.all(
          manifest.flatMap(({ paths }) => paths.map((name) => readFile(path.join(folder, name)))),
        );
        const bytes = Uint8Array.from(Buffer.concat(files));
        return [tf.io.getWeightSpecs(manifest), bytes.buffer];
      });
    },
  };
}
