import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeTogether } from '../../files/writeTogether.js';

/** Names and contents. */
export type FolderFiles = (readonly [string, Uint8Array])[];

/** The files of a folder, without those of folders in it. */
export async function readFolder(folder: string): Promise<FolderFiles> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  return Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))] as const));
}

/**
 * Writes files that came from another machine.
 *
 * @param folder there must be one
 * @throws Error if a name is none that a model's folder has; the file system's errors
 */
export async function writeFolder(folder: string, files: FolderFiles): Promise<void> {
  const odd = files.find(([name]) => !/^\w[\w.-]*$/.test(name));
  if (odd) throw new Error(`${folder}: a file named ${JSON.stringify(odd[0])} came from the queue; it is not written`);
  await writeTogether(new Map(files.map(([name, content]) => [join(folder, name), content])));
}
