import { isFolder } from '../../files/isFolder.js';
import { DownloadError } from './downloadError.js';
import { downloadFile } from './downloadFile.js';
import { unpackFiles } from './unpackFiles.js';
import { makeFolder } from '../../files/makeFolder.js';
import { withLock } from '../../files/lock.js';
import { nodeModule } from '../../nodeModule.js';

export interface FetchOptions {
  /** Folder that keeps the sets, each in a folder of its name. */
  cache: string;
  /** Address of the archive: the set is at ARCHIVE/NAME.zip. */
  archive: string;
  /** Most bytes of the archive's file; default 2 GiB. */
  largestDownload?: number;
  /** Most bytes of the files in it; default 4 GiB. */
  largestUnpacked?: number;
  /** Milliseconds of silence after which a connection counts as broken; default 10000. */
  timeout?: number;
  onProgress?: (done: number, total: number | undefined) => void;
}

const GIB = 2 ** 30;

/**
 * Downloads a data set into the cache folder, unless it is there already. Of the archive's file only NAME_TRAIN.ts and
 * NAME_TEST.ts are kept. The set's folder appears once both are complete; processes that need the same set wait for
 * each other. Node only.
 *
 * @param name the set's name in the archive: letters, digits, hyphens and underscores
 * @param options see FetchOptions
 * @returns the set's folder
 * @throws DownloadError if it cannot be downloaded, see downloadFile; Error if the archive's file cannot be used
 */
export async function fetchSet(name: string, options: FetchOptions): Promise<string> {
  const {
    cache,
    archive,
    largestDownload = 2 * GIB,
    largestUnpacked = 4 * GIB,
    timeout = 10_000,
    onProgress,
  } = options;
  const [fs, path] = await Promise.all([nodeModule('node:fs/promises'), nodeModule('node:path')]);
  const folder = path.join(cache, name);
  if (await isFolder(folder)) return folder;
  const url = `${archive.replace(/\/+$/, '')}/${name}.zip`;
  await makeFolder(cache).catch((error: Error) => {
    throw new DownloadError(url, `the cache folder cannot be made: ${error.message}`, undefined, { cause: error });
  });
  return withLock(path.join(cache, `${name}.lock`), async () => {
    if (await isFolder(folder)) return folder; // another process had the lock
    const zip = path.join(cache, `${name}.zip`);
    await downloadFile(url, zip, { maximum: largestDownload, timeout, onProgress });
    const unpacked = path.join(cache, `${name}.unpacking`);
    try {
      await fs.rm(unpacked, { recursive: true, force: true }); // left over from a crash
      await fs.mkdir(unpacked);
      await unpackFiles(zip, [`${name}_TRAIN.ts`, `${name}_TEST.ts`], unpacked, largestUnpacked);
      await fs.rename(unpacked, folder);
    } finally {
      await Promise.all([fs.rm(zip, { force: true }), fs.rm(unpacked, { recursive: true, force: true })]);
    }
    return folder;
  });
}
