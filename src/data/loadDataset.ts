import { readTimeSeries } from './readTimeSeries.js';
import type { Dataset } from './labelledData.js';
import type { TimeSeriesData } from './timeSeries.js';
import { UnknownNameError } from './unknownNameError.js';

const embedded = new URL('../../datasets/', import.meta.url);
const partFile = /^(.+)_(TRAIN|TEST)\.ts(?:\.gz)?$/;

/** Paths of the parts by name of the set: { JapaneseVowels: { TRAIN: ..., TEST: ... } }. */
async function findParts(folder: string): Promise<Map<string, { TRAIN?: string; TEST?: string }>> {
  const [fs, path] = await Promise.all([import('node:fs/promises'), import('node:path')]);
  const sets = new Map<string, { TRAIN?: string; TEST?: string }>();
  for (const file of (await fs.readdir(folder)).sort()) {
    const [, name, part] = partFile.exec(file) ?? [];
    if (name) sets.set(name, { [part]: path.join(folder, file), ...sets.get(name) });
  }
  return sets;
}

/** Folders of the sets that come with the repository, by name. */
async function embeddedSets(): Promise<Map<string, string>> {
  const [{ readdir }, { fileURLToPath }] = await Promise.all([import('node:fs/promises'), import('node:url')]);
  const entries = await readdir(embedded, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []; // an installed package has none
    throw error;
  });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return new Map(names.map((name) => [name, fileURLToPath(new URL(`${name}/`, embedded))]));
}

async function isFolder(path: string): Promise<boolean> {
  const { stat } = await import('node:fs/promises');
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/**
 * Loads the training and the test part of a data set. Node only.
 *
 * @param nameOrFolder the name of a set that comes with the repository, or a folder that holds NAME_TRAIN.ts and
 *   NAME_TEST.ts, each perhaps gzipped (.ts.gz)
 * @throws UnknownNameError if it is neither; Error if the folder does not hold exactly one set with both parts, if the
 *   parts differ in channels or classes, or if a file is malformed
 */
export async function loadDataset(nameOrFolder: string): Promise<Dataset<TimeSeriesData>> {
  const known = await embeddedSets();
  const folder = known.get(nameOrFolder) ?? nameOrFolder;
  if (!(await isFolder(folder))) {
    const hint = ', or a folder that holds NAME_TRAIN.ts and NAME_TEST.ts';
    throw new UnknownNameError('data set', nameOrFolder, [...known.keys()], hint);
  }
  const complete = [...(await findParts(folder))].filter(([, parts]) => parts.TRAIN && parts.TEST);
  if (complete.length !== 1) {
    const found = complete.length === 0 ? 'none' : complete.map(([name]) => name).join(', ');
    throw new Error(`${folder}: must hold one NAME_TRAIN.ts and its NAME_TEST.ts (or .ts.gz); sets found: ${found}`);
  }
  const [[name, parts]] = complete;
  const train = await readTimeSeries(parts.TRAIN!);
  const test = await readTimeSeries(parts.TEST!);
  if (test.channels !== train.channels) {
    throw new Error(
      `${parts.TEST}: the series have ${test.channels} channels; the training part has ${train.channels}`,
    );
  }
  if (test.classNames.join('\n') !== train.classNames.join('\n')) {
    throw new Error(
      `${parts.TEST}: the classes are ${test.classNames.join(', ')}; the training part has ${train.classNames.join(', ')}`,
    );
  }
  return { name, train, test };
}
