// SHA256SUMS of a folder, as `sha256sum --check` reads it: a line `HASH  NAME` for each file it covers.

import { DamagedError } from './damagedError.js';
import { sha256 } from './sha256.js';
import { writeTogether } from './writeTogether.js';
import { nodeModule } from '../nodeModule.js';

/** Name of the list. */
export const CHECKSUMS = 'SHA256SUMS';

/** Checksums by file name; two for a file that was being replaced when the process ended. */
type Sums = Map<string, string[]>;

async function readOptional(path: string): Promise<Buffer | undefined> {
  const { readFile } = await nodeModule('node:fs/promises');
  return readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}

/** @throws DamagedError if a line is not one of a list */
async function readSums(folder: string): Promise<Sums> {
  const path = `${folder}/${CHECKSUMS}`;
  const sums: Sums = new Map();
  const text = (await readOptional(path))?.toString();
  if (text === undefined) return sums;
  text.split('\n').forEach((line, index, { length }) => {
    const [, sum, name] = /^([0-9a-f]{64}) {2}([\w.-]+)$/.exec(line) ?? [];
    if (name !== undefined) sums.set(name, [...(sums.get(name) ?? []), sum]);
    else if (line !== '' || index < length - 1)
      throw new DamagedError(path, `damaged: line ${index + 1} is no checksum of a file`);
  });
  if (sums.size === 0) throw new DamagedError(path, 'damaged: it is empty');
  return sums;
}

function writeSums(folder: string, sums: Sums): Promise<void> {
  const lines = [...sums].flatMap(([name, all]) => all.map((sum) => `${sum}  ${name}\n`));
  return writeTogether(new Map([[`${folder}/${CHECKSUMS}`, lines.join('')]]));
}

/**
 * Replaces a file of a folder and its checksum in the list. Whenever the process ends, the list covers the file that is
 * there: between the two it has the checksums of both. Node only.
 *
 * @param folder holds both
 * @param name of the file: letters, digits, `.`, `_` and `-`
 * @param content of the file
 * @throws the file system's errors
 */
export async function writeChecked(folder: string, name: string, content: string): Promise<void> {
  const sum = await sha256(content);
  const old = await readOptional(`${folder}/${name}`);
  const sums = await readSums(folder).catch((error) => {
    if (error instanceof DamagedError) return new Map() as Sums; // it is written anew
    throw error;
  });
  const before = sums.get(name) ?? (old ? [await sha256(old)] : []);
  await writeSums(folder, sums.set(name, [...new Set([...before, sum])]));
  await writeTogether(new Map([[`${folder}/${name}`, content]]));
  if (before.some((other) => other !== sum)) await writeSums(folder, sums.set(name, [sum]));
}

/**
 * @param folder of a list, or, from earlier versions, of none
 * @param name of a file
 * @param isNeeded whether the list must cover it
 * @throws DamagedError if list and file differ; the file system's errors
 */
export async function verifyChecked(folder: string, name: string, isNeeded = true): Promise<void> {
  const sums = await readSums(folder);
  if (sums.size === 0 || !(isNeeded || sums.has(name))) return;
  const content = await readOptional(`${folder}/${name}`);
  if (content && sums.get(name)?.includes(await sha256(content))) return;
  const must = `it must be as ${CHECKSUMS} has it; if you changed it yourself, remove that list`;
  throw new DamagedError(
    `${folder}/${name}`,
    `damaged: ${content ? 'its checksum differs' : 'it is missing'}; ${must}`,
  );
}
