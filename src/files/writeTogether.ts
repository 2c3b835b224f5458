import { nodeModule } from '../nodeModule.js';
import { withPath } from './withPath.js';

/** Makes the names in a folder last through a loss of power; not all systems can. */
async function syncFolder(folder: string): Promise<void> {
  const { open } = await nodeModule('node:fs/promises');
  const handle = await open(folder, 'r').catch(() => undefined); // Windows opens no folders
  try {
    await handle?.sync();
  } catch (error) {
    if (!['EINVAL', 'EPERM', 'ENOTSUP'].includes((error as NodeJS.ErrnoException).code!)) throw error;
  } finally {
    await handle?.close();
  }
}

const temporaryName = /\.(\d+)\.tmp$/;

/**
 * Replaces files so that a failure (a full disk, a killed process) leaves the old ones: all are written beside their
 * places and flushed before the first takes its place. Node only.
 *
 * @param files contents by path; they take their places in this order
 * @throws the file system's errors, with the path; nothing is replaced if a file cannot be written
 */
export async function writeTogether(files: ReadonlyMap<string, string | Uint8Array>): Promise<void> {
  const [{ open, rename, rm }, path] = await Promise.all([nodeModule('node:fs/promises'), nodeModule('node:path')]);
  const written = new Map<string, string>();
  try {
    for (const [place, content] of files) {
      const temporary = `${place}.${process.pid}.tmp`;
      const file = await open(temporary, 'w');
      written.set(temporary, place);
      try {
        await file.writeFile(content);
        await file.sync();
      } catch (error) {
        throw withPath(error as NodeJS.ErrnoException, place);
      } finally {
        await file.close();
      }
    }
    for (const [temporary, place] of written) {
      await rename(temporary, place);
      await syncFolder(path.dirname(place)); // in this order after a loss of power, too
    }
  } catch (error) {
    for (const temporary of written.keys()) await rm(temporary, { force: true });
    throw error;
  }
}

/**
 * Removes what killed processes left of files that writeTogether had not put in their places yet. Node only.
 *
 * @param folder in which no other process writes; it need not exist
 */
export async function removeTemporaryFiles(folder: string): Promise<void> {
  const { readdir, rm } = await nodeModule('node:fs/promises');
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  for (const name of names) if (temporaryName.test(name)) await rm(`${folder}/${name}`, { force: true });
}
