import { path } from '../checks/rules.js';
import { check } from '../checks/values.js';
import * as tf from '@tensorflow/tfjs-core';
import { makeFolder } from '../files/makeFolder.js';
import { sealedJson } from '../files/sealedJson.js';
import { sha256 } from '../files/sha256.js';
import { writeTogether } from '../files/writeTogether.js';
import { MODEL, readModelJson } from './modelJson.js';
import { readWeights } from './readWeights.js';
import { checkTrainingConfig } from './trainingConfig.js';
import { nodeModule } from '../nodeModule.js';

/** Names that weights take in turn: new ones never overwrite those that model.json names. */
export const WEIGHTS: readonly string[] = ['weights.bin', 'weights.2.bin'];

/** The weight files that the model in a folder has; none, if there is no model. */
async function weightFiles(folder: string): Promise<string[]> {
  try {
    return (await readModelJson(folder)).weightsManifest.flatMap(({ paths }) => paths);
  } catch {
    return []; // what is not there, or damaged, has nothing to lose
  }
}

/** Replaces the model in a folder: the weights first, then model.json, which names them. */
async function replaceModel(folder: string, weights: Map<string, Uint8Array>, model: string): Promise<void> {
  const [{ rm }, path] = await Promise.all([nodeModule('node:fs/promises'), nodeModule('node:path')]);
  await makeFolder(folder);
  const place = (name: string) => path.join(folder, name);
  const files = [...weights].map(([name, bytes]) => [place(name), bytes] as const);
  await writeTogether(new Map<string, string | Uint8Array>([...files, [place(MODEL), model]]));
  for (const old of WEIGHTS) if (!weights.has(old)) await rm(place(old), { force: true });
}

/**
 * An IOHandler for a folder with tfjs's model.json and its weights, for `model.save` and `tf.loadLayersModel`. Node
 * only: tfjs's own `file://` needs a native add-on.
 *
 * A model is replaced at one moment, when the new model.json takes its place: whenever the process ends, the folder holds
 * the old model or the new one, whole. So the weights are in weights.bin and weights.2.bin in turn; model.json says where.
 * It also holds the checksums of both, which `load` compares: DamagedError names a file that is not what was written.
 *
 * @param folder made if it does not exist; other files in it stay
 */
export function folderHandler(folder: string): tf.io.IOHandler {
  check('folderHandler', 'folder', folder, path);
  return {
    async save(artifacts) {
      checkTrainingConfig(artifacts.trainingConfig);
      const used = await weightFiles(folder);
      const name = WEIGHTS.find((choice) => !used.includes(choice))!;
      const { weightData, weightSpecs, ...rest } = artifacts;
      const bytes = new Uint8Array(tf.io.CompositeArrayBuffer.join(weightData));
      const weightsManifest = [{ paths: [name], weights: weightSpecs, sha256: [await sha256(bytes)] }];
      await replaceModel(folder, new Map([[name, bytes]]), await sealedJson({ ...rest, weightsManifest }));
      return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
    },
    async load() {
      return tf.io.getModelArtifactsForJSON(await readModelJson(folder), async (manifest) => [
        tf.io.getWeightSpecs(manifest),
        await readWeights(folder, manifest),
      ]);
    },
  };
}

/**
 * Copies a model that folderHandler saved, files as they are, at one moment as there. Node only.
 *
 * @param from its folder
 * @param to made if it does not exist; a model in it is replaced
 * @throws DamagedError if the model is damaged, and nothing is replaced; the file system's errors
 */
export async function copyModel(from: string, to: string): Promise<void> {
  const [{ readFile }, path] = await Promise.all([nodeModule('node:fs/promises'), nodeModule('node:path')]);
  const { weightsManifest } = await readModelJson(from);
  await readWeights(from, weightsManifest); // whole?
  const names = weightsManifest.flatMap(({ paths }) => paths);
  const files = await Promise.all(
    names.map(async (name) => [name, new Uint8Array(await readFile(path.join(from, name)))] as const),
  );
  await replaceModel(to, new Map(files), await readFile(path.join(from, MODEL), 'utf8'));
}
