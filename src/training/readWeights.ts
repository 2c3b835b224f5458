import * as tf from '@tensorflow/tfjs-core';
import { DamagedError } from '../files/damagedError.js';
import { sha256 } from '../files/sha256.js';
import type { WeightsGroup } from './modelJson.js';
import { nodeModule } from '../nodeModule.js';

/** Bytes of a number as tfjs stores it. */
const BYTES: Readonly<Record<string, number>> = {
  ...{ float32: 4, int32: 4, bool: 1, complex64: 8 },
  ...{ uint8: 1, uint16: 2, float16: 2 }, // quantized
};

/** Bytes that a group's weights must have together; undefined where that is not known before. */
function bytesOf({ weights }: WeightsGroup): number | undefined {
  let sum = 0;
  for (const { shape, dtype, quantization } of weights) {
    const bytes = BYTES[quantization?.dtype ?? dtype];
    if (bytes === undefined) return undefined;
    sum += tf.util.sizeFromShape(shape) * bytes;
  }
  return sum;
}

/** Throws what reading a file failed with; a DamagedError where the file is not there. */
const missing = (file: string) => (error: NodeJS.ErrnoException) => {
  throw error.code === 'ENOENT' ? new DamagedError(file, 'damaged: it is missing', { cause: error }) : error;
};

/** Reads a file of weights and compares its checksum, if it has one. */
async function readFileOf(folder: string, name: string, sum: string | undefined): Promise<Buffer> {
  const [{ readFile }, path] = await Promise.all([nodeModule('node:fs/promises'), nodeModule('node:path')]);
  const file = path.join(folder, name);
  const bytes = await readFile(file).catch(missing(file));
  if (sum === undefined || sum === (await sha256(bytes))) return bytes;
  throw new DamagedError(file, 'damaged: its checksum differs, so it is not what was written');
}

/** @throws DamagedError if the files of a group are not as long together as its weights; they are not read */
async function checkLength(folder: string, group: WeightsGroup): Promise<void> {
  const [{ stat }, path] = await Promise.all([nodeModule('node:fs/promises'), nodeModule('node:path')]);
  const expected = bytesOf(group);
  const files = group.paths.map((name) => path.join(folder, name));
  let sum = 0;
  for (const file of files) {
    const found = await stat(file).catch(missing(file));
    if (!found.isFile()) throw new Error(`${file}: must be a file with the weights of the model`);
    sum += found.size;
  }
  if (expected === undefined || sum === expected) return;
  throw new DamagedError(
    files.join(' and '),
    `damaged: ${sum} bytes; the weights that model.json lists have ${expected}`,
  );
}

/**
 * Reads the weights of a model. Node only.
 *
 * @param folder holds their files
 * @param groups of model.json
 * @returns the bytes of all weights in order
 * @throws DamagedError that names the file, if one is missing, or not what was written; the file system's errors
 */
export async function readWeights(folder: string, groups: readonly WeightsGroup[]): Promise<ArrayBuffer> {
  const files: Buffer[] = [];
  for (const group of groups) {
    await checkLength(folder, group);
    for (const [index, name] of group.paths.entries()) {
      files.push(await readFileOf(folder, name, group.sha256?.[index]));
    }
  }
  return Uint8Array.from(Buffer.concat(files)).buffer;
}
