import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { cacheFolder } from '../../data/archive/cacheFolder.js';
import { withLock } from '../../files/lock.js';
import { makeFolder } from '../../files/makeFolder.js';
import { sha256 } from '../../files/sha256.js';
import { writeTogether } from '../../files/writeTogether.js';
import { getBlob } from './blobs.js';
import { datasetKey } from './queuedRun.js';

/** In the folder of the downloaded sets; no set has a name with a dot. */
const FOLDER = '.queue';

async function isWhole(path: string, hash: string): Promise<boolean> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return bytes !== undefined && (await sha256(bytes)) === hash;
}

/**
 * The file of a packed data set on this machine, for unpackDataset. It is fetched from the queue by the first worker that
 * needs it, and again if it has been damaged since; others wait.
 *
 * @param hash of the file
 * @param onFetch hears that it is fetched
 * @returns its path
 * @throws Error if the queue does not have it; the file system's errors
 */
export async function cachedDataset(redis: Redis, hash: string, onFetch: () => void): Promise<string> {
  const folder = join(await cacheFolder(), FOLDER);
  const path = join(folder, hash);
  if (await isWhole(path, hash)) return path;
  await makeFolder(folder);
  return withLock(`${path}.lock`, async () => {
    if (await isWhole(path, hash)) return path; // another worker had the lock
    onFetch();
    const bytes = await getBlob(redis, datasetKey(hash));
    if (!bytes) throw new Error('the data set is not in the queue any more; the comparison puts it there again');
    if ((await sha256(bytes)) !== hash) throw new Error('the data set in the queue is not the one that was asked for');
    await writeTogether(new Map([[path, bytes]]));
    return path;
  });
}
