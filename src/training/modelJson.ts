import '../layers/register.js'; // the layers that a saved model may name
import * as tf from '@tensorflow/tfjs-core';
import { quoted, quotedJson } from '../checks/quoted.js';
import { DamagedError } from '../files/damagedError.js';
import { openSealedJson } from '../files/sealedJson.js';
import { graphFault } from './modelGraph.js';
import { nodeModule } from '../nodeModule.js';

/** Name of the file. */
export const MODEL = 'model.json';

/** The weights of a model, and the checksums of their files where save wrote them. */
export type WeightsGroup = tf.io.WeightsManifestConfig[number] & { sha256?: string[] };

export type ModelFile = tf.io.ModelJSON & { weightsManifest: WeightsGroup[] };

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A name of a file in the model's own folder. */
const isPlainName = (name: unknown) => typeof name === 'string' && /^[\w-][\w.-]*$/.test(name);

const isSize = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;

function isWeight(weight: unknown): boolean {
  if (!isObject(weight) || typeof weight.name !== 'string' || typeof weight.dtype !== 'string') return false;
  return Array.isArray(weight.shape) && weight.shape.every(isSize);
}

/** What is wrong with the structure of a model file; undefined if nothing is. */
function faultIn({ modelTopology, weightsManifest: groups }: Record<string, unknown>): string | undefined {
  if (!isObject(modelTopology)) return 'modelTopology must be an object';
  if (!Array.isArray(groups) || !groups.every(isObject)) return 'weightsManifest must be a list of objects';
  for (const { paths, weights, sha256 } of groups) {
    if (!Array.isArray(paths) || !paths.every(isPlainName)) {
      return 'paths of weights must be names of files in the folder of the model';
    }
    if (!Array.isArray(weights) || !weights.every(isWeight)) return 'weights must have name, shape and dtype each';
    if (sha256 !== undefined && !(Array.isArray(sha256) && sha256.length === paths.length)) {
      return 'sha256 must hold a checksum for each of paths';
    }
  }
  return graphFault(modelTopology);
}

/** The first class that a topology names and that nobody has registered, for a message: a model brings no code, it only names classes. */
function unknownClass(topology: unknown): string | undefined {
  const known = tf.serialization.SerializationMap.getMap().classNameMap;
  const pending = [topology];
  while (pending.length > 0) {
    const next = pending.pop();
    if (typeof next !== 'object' || next === null) continue;
    for (const [key, value] of Object.entries(next)) {
      const isName = key === 'class_name' || key === 'className';
      if (isName && !(typeof value === 'string' && Object.hasOwn(known, value))) {
        return typeof value === 'string' ? quoted(value) : quotedJson(value);
      }
      if (typeof value === 'object') pending.push(value);
    }
  }
  return undefined;
}

/**
 * Reads model.json without the weights. Node only.
 *
 * @param folder holds it
 * @returns what it holds; every class that it names is registered
 * @throws the file system's errors; DamagedError with the path, if it is not what save wrote, or no model; Error for a
 *   class that is not registered
 */
export async function readModelJson(folder: string): Promise<ModelFile> {
  const [{ readFile }, path] = await Promise.all([nodeModule('node:fs/promises'), nodeModule('node:path')]);
  const file = path.join(folder, MODEL);
  const { value, isSealed } = await openSealedJson(await readFile(file, 'utf8'), file, 'a model');
  const groups = value.weightsManifest as WeightsGroup[] | undefined;
  // Both were written together: a file that has only one of them is not whole.
  if (!isSealed && Array.isArray(groups) && groups.some((group) => group?.sha256 !== undefined)) {
    throw new DamagedError(file, 'damaged: its checksum is missing');
  }
  const fault = faultIn(value);
  if (fault !== undefined) throw new Error(`${file}: not a model: ${fault}`);
  const unknown = unknownClass(value.modelTopology);
  if (unknown !== undefined) {
    throw new Error(
      `${file}: a class was ${unknown}; it must be a layer of TensorFlow.js, of this package or registered`,
    );
  }
  return value as unknown as ModelFile;
}
