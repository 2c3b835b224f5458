import { readFile } from 'node:fs/promises';
import { deserialize, serialize } from 'node:v8';
import type { Dataset } from '../data/labelledData.js';

/** A data set as bytes, whatever it was read from, for unpackDataset of the same version of this package. */
export const packDataset = (dataset: Dataset): Uint8Array => serialize(dataset);

/**
 * @param path of a file with what packDataset gave
 * @throws Error if it holds something else; the file system's errors
 */
export async function unpackDataset(path: string): Promise<Dataset> {
  const bytes = await readFile(path);
  try {
    return deserialize(bytes) as Dataset;
  } catch (error) {
    throw new Error(`${path}: not a packed data set: ${(error as Error).message}`, { cause: error });
  }
}
