import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { unpackFiles } from '../../../src/data/archive/unpackFiles.js';

let folder: string;
let archive: string;
let target: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'primal-attention-unpack-'));
  archive = join(folder, 'set.zip');
  target = await mkdtemp(join(folder, 'target-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function unpack(bytes: Uint8Array, maximum = 1e6): Promise<void> {
  await writeFile(archive, bytes);
  await unpackFiles(archive, ['a.ts', 'b.ts'], target, maximum);
}

/** Where the first entry of the archive's directory begins; the fields stand at fixed offsets from there. */
const directory = (zip: Uint8Array) => Buffer.from(zip).indexOf('PK\x01\x02', 'latin1');

describe('unpackFiles', () => {
  it('writes the files it was asked for, from whatever folder, and no others', async () => {
    const text = 'x'.repeat(200_000);
    await unpack(
      zipSync({ 'deep/er/a.ts': strToU8(text), 'b.ts': [strToU8('b'), { level: 0 }], 'c.txt': strToU8('c') }),
    );
    expect((await readdir(target)).sort()).toEqual(['a.ts', 'b.ts']);
    expect((await readFile(join(target, 'a.ts'), 'utf8')) === text).toBe(true);
    expect(await readFile(join(target, 'b.ts'), 'utf8')).toBe('b');
  });

  it.each(['../evil', '../a.ts', 'x/../../a.ts', '/a.ts', 'C:/a.ts', '..\\a.ts'])(
    'refuses an archive that holds %s, and writes nothing outside',
    async (name) => {
      const before = await readdir(folder);
      await expect(unpack(zipSync({ [name]: strToU8('evil') }))).rejects.toThrow(
        /set\.zip: the archive cannot be used: (invalid relative|absolute) path/,
      );
      expect(await readdir(target)).toEqual([]);
      expect((await readdir(folder)).sort()).toEqual([...before, 'set.zip'].sort());
    },
  );

  it('refuses files that are too large together', async () => {
    const zip = zipSync({ 'a.ts': new Uint8Array(600_000), 'b.ts': new Uint8Array(600_000) });
    expect(zip.length).toBeLessThan(5000);
    await expect(unpack(zip)).rejects.toThrow('its files have 1200000 bytes or more; they must have at most 1000000');
  });

  it('refuses a file that is larger than it says', async () => {
    const zip = zipSync({ 'a.ts': new Uint8Array(600_000), 'b.ts': strToU8('b') });
    new DataView(zip.buffer).setUint32(directory(zip) + 24, 10, true);
    await expect(unpack(zip)).rejects.toThrow(/too many bytes/);
  });

  it('refuses a file whose check sum differs', async () => {
    const zip = zipSync({ 'a.ts': strToU8('a'), 'b.ts': strToU8('b') }, { level: 0 });
    zip[directory(zip) + 16] ^= 1;
    await expect(unpack(zip)).rejects.toThrow("'a.ts' is damaged: its check sum differs");
  });

  it('says what is missing or there twice', async () => {
    await expect(unpack(zipSync({ 'a.ts': strToU8('a'), 'c.txt': strToU8('c') }))).rejects.toThrow(
      `${archive}: the archive cannot be used: it holds no b.ts, but c.txt`,
    );
    await rm(join(target, 'a.ts'));
    await expect(unpack(zipSync({ 'a.ts': strToU8('a'), 'x/a.ts': strToU8('a') }))).rejects.toThrow(
      "holds 'a.ts' twice",
    );
  });

  it('refuses what is no zip archive', async () => {
    await expect(unpack(strToU8('<html>not found</html>'))).rejects.toThrow('the archive cannot be used: ');
    const zip = zipSync({ 'a.ts': strToU8('a'), 'b.ts': strToU8('b') });
    await expect(unpack(zip.subarray(0, zip.length - 10))).rejects.toThrow('the archive cannot be used: ');
  });
});
