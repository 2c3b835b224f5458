import { datasetFormats } from './datasetFormats.js';
import { type DataKind, type DataOfKind, type Dataset, kindOf, type LabelledData } from './labelledData.js';
import { listOpsByName } from './listOps/listOpsByName.js';
import { UnknownNameError } from './unknownNameError.js';

const embedded = new URL('../../datasets/', import.meta.url);

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

async function findFolder(nameOrFolder: string): Promise<string> {
  const known = await embeddedSets();
  const folder = known.get(nameOrFolder) ?? nameOrFolder;
  if (await isFolder(folder)) return folder;
  const choices = [...known.keys(), 'ListOps'];
  throw new UnknownNameError('data set', nameOrFolder, choices, ', or a folder that holds a data set');
}

/** What both parts must have in common, as a message shows it. */
function facts(data: LabelledData): Record<string, string> {
  const shape: Record<string, string> =
    'series' in data
      ? { channels: `${data.channels}` }
      : 'images' in data
        ? { 'image size': [data.height, data.width, data.channels].join(' x ') }
        : { vocabulary: data.vocabulary.join(' ') };
  return { ...shape, classes: data.classNames.join(', ') };
}

function checkParts(folder: string, train: LabelledData, test: LabelledData): void {
  const [expected, found] = [facts(train), facts(test)];
  const different = Object.keys(expected).find((fact) => found[fact] !== expected[fact]);
  if (different) {
    throw new Error(
      `${folder}: the test part has ${different} ${found[different]}; the training part has ${expected[different]}`,
    );
  }
}

/** Loads the one set of a folder. */
async function loadFolder(folder: string): Promise<Dataset> {
  const [{ readdir }, path] = await Promise.all([import('node:fs/promises'), import('node:path')]);
  const files = await readdir(folder);
  const sets = datasetFormats.flatMap((format) => format.find(files, path.basename(path.resolve(folder))));
  if (sets.length !== 1) {
    const found =
      sets.length === 0
        ? 'none'
        : sets
            .map(({ name }) => name)
            .sort()
            .join(', ');
    const choices = datasetFormats.map((format) => format.files).join('; or ');
    throw new Error(`${folder}: must hold one data set: ${choices} (each perhaps gzipped); sets found: ${found}`);
  }
  const [set] = sets;
  const { train, test } = await set.read((file) => path.join(folder, file));
  checkParts(folder, train, test);
  return { name: set.name, train, test };
}

/** Where loadDataset may look, and how it reports. */
export interface LoadOptions<Kind extends DataKind = DataKind> {
  /** What the cases must be; default: anything. */
  kind?: Kind;
}

/**
 * Loads the training and the test part of a data set. Node only.
 *
 * @param nameOrFolder the name of a set that comes with the repository, or a folder that holds one data set in a form
 *   of datasetFormats: NAME_TRAIN.ts and NAME_TEST.ts, MNIST's IDX files, CIFAR-10's binary files
 * @param options see LoadOptions
 * @throws UnknownNameError if it is neither; Error if the folder does not hold exactly one set with both parts, if the
 *   parts differ in channels, image size or classes, if a file is malformed, or if the kind is another one
 */
export async function loadDataset<Kind extends DataKind = DataKind>(
  nameOrFolder: string,
  { kind }: LoadOptions<Kind> = {},
): Promise<Dataset<DataOfKind[Kind]>> {
  const dataset = listOpsByName(nameOrFolder) ?? (await loadFolder(await findFolder(nameOrFolder)));
  const found = kindOf(dataset.train);
  if (kind !== undefined && kind !== found) {
    throw new Error(`loadDataset: the cases of ${nameOrFolder} were ${found}; they must be ${kind}`);
  }
  return dataset as Dataset<DataOfKind[Kind]>;
}
