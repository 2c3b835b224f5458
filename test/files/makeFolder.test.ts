import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { isFolder } from '../../src/files/isFolder.js';
import { makeFolder } from '../../src/files/makeFolder.js';
import { temporaryFolder } from '../support/temporaryFolder.js';

const folder = temporaryFolder();

it('makes folders that are missing, together and again; what is in the way is named', async () => {
  const path = join(folder, 'a', 'b', 'c');
  await Promise.all([makeFolder(path), makeFolder(path), makeFolder(join(folder, 'a', 'd'))]);
  await makeFolder(path);
  expect(await isFolder(path)).toBe(true);
  await writeFile(join(folder, 'file'), '');
  for (const name of ['file', join('file', 'x')]) await expect(makeFolder(join(folder, name))).rejects.toThrow(name);
});

it.runIf(process.platform === 'linux')('ends where a file system takes no folders', async () => {
  await expect(makeFolder('/proc/none/folder')).rejects.toThrow(/ENOENT.*\/proc\/none/);
});
