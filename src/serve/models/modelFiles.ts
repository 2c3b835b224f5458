import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DamagedError } from '../../files/damagedError.js';
import { openSealedJson } from '../../files/sealedJson.js';
import { sha256 } from '../../files/sha256.js';
import { readWeightSpecs } from '../../predict/modelJson.js';

const MODEL = 'model.json';

/** A saved model, as `loadPredictor` takes it: all threads load the same bytes, whatever becomes of the files. */
export interface ModelSource {
  model: object;
  weights: ArrayBuffer;
}

/**
 * @param folder what `save` wrote
 * @throws DamagedError if a file is not what was written; the file system's errors
 */
export async function readModelFiles(folder: string): Promise<ModelSource> {
  const file = join(folder, MODEL);
  const { value: model } = await openSealedJson(await readFile(file, 'utf8'), file, 'a model');
  const { paths } = readWeightSpecs(model);
  const sums = (model.weightsManifest as { sha256?: string[] }[]).flatMap(({ sha256 }) => sha256 ?? []);
  const parts = await Promise.all(
    paths.map(async (name, index) => {
      const path = join(folder, name);
      const bytes = await readFile(path);
      if (sums.length !== paths.length || sums[index] === (await sha256(bytes))) return bytes;
      throw new DamagedError(path, 'damaged: its checksum differs, so it is not what was written');
    }),
  );
  const weights = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    weights.set(part, at);
    at += part.length;
  }
  return { model, weights: weights.buffer };
}

/** A version of a model, and where it is. */
export interface VersionFolder {
  version: string;
  folder: string;
}

/**
 * The versions of a model: folders named 1, 2, ... that each hold a saved model; or the folder itself, as version 1.
 *
 * @returns from the lowest to the highest
 * @throws Error if there are none; the file system's errors
 */
export async function findVersions(folder: string): Promise<VersionFolder[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  if (entries.some(({ name }) => name === MODEL)) return [{ version: '1', folder }];
  const numbers = entries.map(({ name }) => name).filter((name) => /^[1-9]\d{0,8}$/.test(name));
  const found: VersionFolder[] = [];
  for (const version of numbers.sort((a, b) => Number(a) - Number(b))) {
    const path = join(folder, version);
    // One that is being copied there has no model.json yet, if that comes last.
    const names = await readdir(path).catch((): string[] => []);
    if (names.includes(MODEL)) found.push({ version, folder: path });
  }
  if (found.length > 0) return found;
  throw new Error(`${folder}: holds no model; it must hold a ${MODEL}, or folders named 1, 2, ... with one each`);
}
