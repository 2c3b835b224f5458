import { nodeModule } from '../nodeModule.js';
import { readFile } from './formats/readFile.js';
import type { Dataset } from './labelledData.js';
import type { Reading, ReadOptions } from './readOptions.js';
import { randomSplit, stratifiedSplit } from './split.js';

/** Decides which cases are the test part: the same ones for every run. */
const SEED = 0;

/**
 * Loads a data set from one file, a share of whose cases is the test part: see stratifiedSplit, and for numbers randomSplit. Node
 * only.
 *
 * @param path the file
 * @param options see LoadOptions
 * @throws Error if the share is not given, and the file is not to be taken as a whole; as the readers do
 */
export async function loadFile(
  path: string,
  { read: { test, ...read } = {}, reading, whole = false }: { read?: ReadOptions; reading?: Reading; whole?: boolean },
): Promise<Dataset> {
  const nodePath = await nodeModule('node:path');
  const name = nodePath.basename(path).replace(/(\.\w+)(\.gz)?$/, '');
  if (test === undefined && !whole) {
    throw new Error(`${path}: is one file; --test 0.2 makes a fifth of its cases the test part`);
  }
  const data = await readFile(path, { ...read, reading });
  if (test === undefined) return { name, train: data, test: data };
  const split = data.targets ? randomSplit : stratifiedSplit;
  try {
    const { train, validation } = split(data, test, SEED);
    return { name, train, test: validation };
  } catch (error) {
    const reason = (error as Error).message.replace(/^\w+Split: /, '');
    throw new Error(`${path}: --test ${test} makes no two parts: ${reason}`, { cause: error });
  }
}
