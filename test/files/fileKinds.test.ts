import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { loadDataset } from '../../src/index.js';
import { temporaryFolder } from '../support/temporaryFolder.js';

const folder = temporaryFolder();
const latin = (text: string) => Buffer.from(text, 'latin1');
let sets = 0;

/** Loads a set whose parts are this file. */
async function load(content: Uint8Array | string, extension: string) {
  const path = join(folder, `set${sets++}`);
  await mkdir(path);
  for (const part of ['TRAIN', 'TEST']) await writeFile(join(path, `X_${part}.${extension}`), content);
  return loadDataset(path, { read: { layout: 'wide' } });
}

describe('a file that is no text', () => {
  it.each([
    ['PK\x03\x04\x14\0', 'a zip archive, as .xlsx and .npz files are', 'unzip'],
    ['\xfd7zXZ\0\0', 'compressed by xz', 'xz -d'],
    ['BZh91AY&SY\0', 'compressed by bzip2', 'bunzip2'],
    ['\x28\xb5\x2f\xfd\0', 'compressed by zstd', 'zstd -d'],
    ['PAR1\x15\0', 'a Parquet file', 'read_parquet'],
    ['ARROW1\0\0', 'an Arrow or Feather file', 'read_feather'],
    ['\x93NUMPY\x01\0', 'a NumPy array', 'numpy.load'],
    ['\x89HDF\r\n\x1a\n', 'an HDF5 file', 'read_hdf'],
    ['SQLite format 3\0', 'a SQLite database', 'sqlite3'],
    ['\xd0\xcf\x11\xe0\xa1', 'an old Excel file', 'CSV'],
    ['\x89PNG\r\n', 'a picture', 'MNIST'],
    ['<!DOCTYPE html>\n<html>', 'a web page', 'download'],
  ])('%j is named, with what makes text of it', async (start, name, instead) => {
    for (const extension of ['csv', 'ts', 'tsv']) {
      const error = await load(latin(start.padEnd(80, '\0')), extension).catch(({ message }: Error) => message);
      expect(error).toContain(`X_TRAIN.${extension}: the file is ${name}`);
      expect(error).toContain(instead);
    }
  });

  it('is found within gzip', async () => {
    await expect(load(gzipSync(gzipSync('label,0,1\na,1,2\n')), 'csv.gz')).rejects.toThrow(
      'compressed by gzip once more',
    );
    await expect(load(gzipSync(latin('PAR1\0\0')), 'csv.gz')).rejects.toThrow('a Parquet file');
  });

  it('is not seen in tables that only begin alike', async () => {
    const { train } = await load('label,0,1\nPAR1,1,2\nPK,3,4\n', 'csv');
    expect(train.classNames).toEqual(['PAR1', 'PK']);
  });
});
