import { archiveNames } from './archive/archiveNames.js';
import { cacheFolder } from './archive/cacheFolder.js';
import { DownloadError } from './archive/downloadError.js';
import { fetchSet } from './archive/fetchSet.js';
import { isFile } from '../files/isFile.js';
import { isFolder } from '../files/isFolder.js';
import { type DataKind, type DataOfKind, type Dataset, dataKinds, kindOf } from './labelledData.js';
import { listOpsByName } from './listOps/listOpsByName.js';
import { loadFile } from './loadFile.js';
import { loadFolder } from './loadFolder.js';
import { resampled } from './resample.js';
import { checkReadOptions, type Reading, type ReadOptions } from './readOptions.js';
import { boolean, callback, oneOf, path, type Rule, text } from '../checks/rules.js';
import { check, checkByRules } from '../checks/values.js';
import { withTargets } from './withTargets.js';
import { UnknownNameError } from '../checks/unknownNameError.js';
import { nodeModule } from '../nodeModule.js';

/** Bundlers would look for the folder if it stood beside `import.meta.url`. */
const here = import.meta.url;
const embedded = '../../datasets/';
const defaultArchive = 'https://timeseriesclassification.com/aeon-toolkit';

/** Where loadDataset may look, and how it reports. */
export interface LoadOptions<Kind extends DataKind = DataKind> {
  /** What the cases must be; default: anything. */
  kind?: Kind;
  /** Folder that keeps downloaded sets; default: see cacheFolder. */
  cache?: string;
  /**
   * Whether a set that is nowhere else is downloaded: true, whatever its name; false, never; by default, if its name is on
   * the list of the archive's sets, so that the misspelt name of a folder is not sent to a server.
   */
  download?: boolean;
  /**
   * Address of the archive, which serves the sets as NAME.zip; default: PRIMAL_ATTENTION_ARCHIVE, or the archive's own.
   */
  archive?: string;
  /** How tables are read, where their headers do not say it. */
  read?: ReadOptions;
  /** How a table of the kind was read, such as that which a model was trained on. `read` comes before it. */
  reading?: Reading;
  /**
   * 'regression': labels are numbers to learn, also those that could name classes. Default: what the data has, classes or
   * numbers.
   */
  task?: 'regression';
  /** Whether a single file is taken for both parts, where `read.test` does not divide it; default false: an error. */
  whole?: boolean;
  /** Is told about a download: bytes received, and the total, where that is known. */
  onProgress?: (done: number, total: number | undefined) => void;
}

const anObject: Rule = { must: 'an object', test: (value) => typeof value === 'object' && value !== null };
const loadRules: { readonly [Name in keyof LoadOptions]-?: Rule } = {
  ...{
    kind: oneOf(dataKinds),
    cache: path,
    download: boolean,
    archive: text,
    whole: boolean,
    task: oneOf(['regression']),
    onProgress: callback,
  },
  ...{ read: anObject, reading: anObject },
};

/** Folders of the sets that come with the repository, by name. */
async function embeddedSets(): Promise<Map<string, string>> {
  const [{ readdir }, { fileURLToPath }] = await Promise.all([nodeModule('node:fs/promises'), nodeModule('node:url')]);
  const entries = await readdir(new URL(embedded, here), { withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return []; // an installed package has none
      throw error;
    },
  );
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return new Map(names.map((name) => [name, fileURLToPath(new URL(`${embedded}${name}/`, here))]));
}

/** The set's folder: the path itself, that of an embedded set, or one of the cache folder, perhaps just downloaded. */
async function findFolder(name: string, options: LoadOptions): Promise<string> {
  if (await isFolder(name)) return name;
  const known = await embeddedSets();
  const found = known.get(name);
  if (found !== undefined) return found;

  const unknown = (note?: string, cause?: DownloadError) =>
    new UnknownNameError(
      'data set',
      name,
      [...known.keys(), 'ListOps'],
      ', the name of a set of timeseriesclassification.com, or a folder that holds a data set',
      { alsoOffered: archiveNames, note, cause },
    );
  if (!/^[\w-]+$/.test(name)) throw unknown(); // a path, or nothing that the archive would have
  const cache = options.cache ?? (await cacheFolder());
  const paths = await nodeModule('node:path');
  const kept = paths.join(cache, name);
  if (await isFolder(kept)) return kept;
  const isListed = archiveNames.includes(name);
  if (!(options.download ?? isListed)) {
    throw unknown(
      options.download === false ? undefined : 'A set that is not on the list needs --download (download: true).',
    );
  }
  const archive = options.archive ?? process.env.PRIMAL_ATTENTION_ARCHIVE ?? defaultArchive;
  try {
    return await fetchSet(name, { cache, archive, onProgress: options.onProgress });
  } catch (error) {
    if (!(error instanceof DownloadError)) throw error;
    if (!isListed) throw unknown(`It could not be downloaded: ${error.message}.`, error);
    const { url, reason, status } = error;
    const instead = `put ${name}_TRAIN.ts and ${name}_TEST.ts into a folder by hand, and give the folder`;
    throw new DownloadError(url, `${reason}; try again, or ${instead}`, status, { cause: error });
  }
}

/** Both parts, resampled if that was asked for. */
function asRead(source: string, { name, train, test }: Dataset, read: ReadOptions = {}): Dataset {
  if (read.resample !== undefined && kindOf(train) !== 'series') {
    throw new Error(`${source}: --resample was ${read.resample} for ${kindOf(train)}; only series can be resampled`);
  }
  const part = resampled(train, read);
  return { name, train: part, test: test === train ? part : resampled(test, read) };
}

/**
 * Loads the training and the test part of a data set. Node only. It is looked for in this order:
 *
 * 1. `ListOps`, alone or with numbers of cases and tokens, such as `ListOps:8000:500:100-500`: generated, see listOpsByName.
 * 2. A folder that holds one data set: NAME_TRAIN.ts and NAME_TEST.ts, the same as .csv, MNIST's IDX files, CIFAR-10's
 *    binary files, or ListOps tables; most of them may be gzipped.
 * 3. A set that comes with the repository: JapaneseVowels.
 * 4. The cache folder, and then the archive, timeseriesclassification.com, by the set's name there: one of the list of its
 *    sets, or, if `download` is true, any.
 *
 * @param nameOrFolder the name or the folder
 * @param options see LoadOptions
 * @throws UnknownNameError if it is none of these; DownloadError if a set of the archive cannot be downloaded; Error if
 *   the folder does not hold exactly one set with both parts, if the parts differ in channels, image size or classes,
 *   if a file is malformed, or if the kind is not the one asked for
 */
export async function loadDataset<Kind extends DataKind = DataKind>(
  nameOrFolder: string,
  options: LoadOptions<Kind> = {},
): Promise<Dataset<DataOfKind[Kind]>> {
  check('loadDataset', 'nameOrFolder', nameOrFolder, text);
  checkByRules('loadDataset', options, loadRules);
  if (options.read) checkReadOptions('loadDataset', options.read);
  const dataset =
    listOpsByName(nameOrFolder) ??
    ((await isFile(nameOrFolder))
      ? await loadFile(nameOrFolder, options)
      : await loadFolder(await findFolder(nameOrFolder, options), options));
  const found = kindOf(dataset.train);
  if (options.kind !== undefined && options.kind !== found) {
    throw new Error(`loadDataset: the cases of ${nameOrFolder} were ${found}; they must be ${options.kind}`);
  }
  const read = asRead(nameOrFolder, dataset, options.read);
  return (options.task ? withTargets(nameOrFolder, read) : read) as Dataset<DataOfKind[Kind]>;
}
