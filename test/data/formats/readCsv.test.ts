import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { loadDataset } from '../../../src/data/loadDataset.js';
import type { CsvOptions } from '../../../src/data/formats/parseCsv.js';
import { readCsv } from '../../../src/data/formats/readCsv.js';
import { temporaryFolder } from '../../support/temporaryFolder.js';

const folder = temporaryFolder();
const path = join(folder, 'table.csv');

async function read(text: string, options?: CsvOptions) {
  await writeFile(path, text);
  return readCsv(path, options);
}

async function expectRefused(text: string, line: number, reason: string) {
  await expect(read(text)).rejects.toThrow(`${path}:${line}: `);
  await expect(readCsv(path)).rejects.toThrow(reason);
}

describe('readCsv, a row for each case', () => {
  it('reads series of different lengths, missing values, quotes, CRLF and a byte-order mark', async () => {
    const text = '\uFEFFlabel,t0,t1,t2\r\nb,1,,3\r\n"a, ""x""", 2.5 ,?,,\r\n\r\nb,NaN,-1e2,\r\n';
    expect(await read(text)).toEqual({
      kind: 'series',
      series: [Float32Array.of(1, NaN, 3), Float32Array.of(2.5, NaN), Float32Array.of(NaN, -100)],
      lengths: [3, 2, 2],
      channels: 1,
      labels: [1, 0, 1],
      classNames: ['a, "x"', 'b'],
    });
  });

  it('needs no first row of names; sorts labels as numbers if they are', async () => {
    const { labels, classNames } = await read('10,1\n9,2\n-1,3\n');
    expect({ labels, classNames }).toEqual({ labels: [2, 1, 0], classNames: ['-1', '9', '10'] });
  });

  it.each([
    ['a word for a number', 'a,1\na,2,x\n', 2, "channel 1, position 2 was 'x'"],
    ['a case without a value', 'a,1\na,,\n', 2, 'the case has no value'],
    ['a missing label', 'a,1\n\n,2\n', 3, 'the label is missing'],
    ['an open quote', 'a,1\n"a,2\n', 2, 'Quote Not Closed'],
    ['no case', 'label,t0\n', 1, 'ends without a case'],
    ['nothing at all', '', 1, 'ends without a case'],
  ])('names file, line and reason for %s', (_, text, line, reason) => expectRefused(text, line, reason));
});

describe('readCsv, a row for each position', () => {
  it('takes the channels in the order of their columns, wherever the label stands', async () => {
    expect(await read('case,x,label,y\nk1,1,b,2\nk1,3,b,\nk0,5,a,6\n')).toEqual({
      kind: 'series',
      series: [Float32Array.of(1, 2, 3, NaN), Float32Array.of(5, 6)],
      lengths: [2, 1],
      channels: 2,
      labels: [1, 0],
      classNames: ['a', 'b'],
    });
  });

  it.each([
    ['a row too short', 'case,label,x\n1,a,1\n1,a\n', 3, 'the row has 2 cells; it must have 3'],
    ['another label', 'case,label,x\n1,a,1\n1,b,1\n', 3, "the label was 'b'; it must be 'a'"],
    ['a case in two places', 'case,label,x\n1,a,1\n2,a,1\n1,a,1\n', 4, "case '1' was seen before"],
    ['a word for a number', 'case,label,x,y\n1,a,1,2\n1,a,1,z\n', 3, "channel 2, position 2 was 'z'"],
    ['no channel', 'case,label\n1,a\n', 1, 'names no channel'],
    ['a column named twice', 'case,label,x,x\n', 1, "the column 'x' is twice"],
    ['no labels', 'case,x\n1,2\n', 2, 'the label is missing'],
    ['no case', 'case,label,x\n', 1, 'ends without a case'],
  ])('names file, line and reason for %s', (_, text, line, reason) => expectRefused(text, line, reason));
});

describe('readCsv', () => {
  it('reads cases to predict, with classes given or none', async () => {
    const wide = await read('?,1\n,2\nb,3\n', { labels: 'optional', classNames: ['a', 'b'] });
    expect([wide.labels, wide.classNames]).toEqual([
      [-1, -1, 1],
      ['a', 'b'],
    ]);
    const long = await read('case,x\n1,2\n1,3\n', { labels: 'optional' });
    expect(long).toEqual({
      kind: 'series',
      series: [Float32Array.of(2, 3)],
      lengths: [2],
      channels: 1,
      labels: [-1],
      classNames: [],
    });
  });

  it('refuses labels that are none of the classes given', async () => {
    await expect(read('a,1\nc,2\n', { classNames: ['a', 'b'] })).rejects.toThrow(
      `${path}:2: the label was 'c'; it must be one of a, b`,
    );
  });

  it('names the file if it is damaged or not there', async () => {
    const packed = join(folder, 'damaged.csv.gz');
    await writeFile(packed, gzipSync('a,1\n').subarray(0, 15));
    await expect(readCsv(packed)).rejects.toThrow(`${packed}: the gzip data is damaged`);
    await expect(readCsv(join(folder, 'none.csv'))).rejects.toThrow('none.csv');
  });

  it('is what loadDataset reads NAME_TRAIN.csv and NAME_TEST.csv with: classes are those of the training part', async () => {
    const both = await mkdtemp(join(folder, 'both-'));
    await writeFile(join(both, 'Toy_TRAIN.csv'), 'a,1,2\nb,3\nc,4\n');
    await writeFile(join(both, 'Toy_TEST.csv.gz'), gzipSync('c,5\n'));
    const { name, train, test } = await loadDataset(both, { kind: 'series' });
    expect([name, train.lengths, test.labels, test.classNames]).toEqual(['Toy', [2, 1, 1], [2], ['a', 'b', 'c']]);
    await writeFile(join(both, 'Toy_TEST.csv.gz'), gzipSync('d,5\n'));
    await expect(loadDataset(both)).rejects.toThrow("Toy_TEST.csv.gz:1: the label was 'd'; it must be one of a, b, c");
  });
});
