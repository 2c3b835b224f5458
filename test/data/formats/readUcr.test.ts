import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { CsvOptions } from '../../../src/data/formats/parseCsv.js';
import { readUcr } from '../../../src/data/formats/readUcr.js';
import { loadDataset } from '../../../src/data/loadDataset.js';
import { temporaryFolder } from '../../support/temporaryFolder.js';

const folder = temporaryFolder();
const path = join(folder, 'Set_TRAIN.tsv');

async function read(text: string, options?: CsvOptions) {
  await writeFile(path, text);
  const { series, labels, classNames } = await readUcr(path, options);
  return { series: series.map((values) => Array.from(values)), classes: labels.map((label) => classNames[label]) };
}

describe('readUcr', () => {
  it.each([
    [
      'tabs, as in 2018',
      '1\t0.5\t2\n-1\t3\t4\n',
      [
        [0.5, 2],
        [3, 4],
      ],
      ['1', '-1'],
    ],
    [
      'commas, as before',
      '1,0.5,2\n2,3,4\n',
      [
        [0.5, 2],
        [3, 4],
      ],
      ['1', '2'],
    ],
    [
      'blanks',
      '  1.0000000e+00   5.0e-1  2\n  2.0000000e+00 3 4\n',
      [
        [0.5, 2],
        [3, 4],
      ],
      ['1', '2'],
    ],
    [
      'integers that count up',
      '1\t2\t3\n2\t3\t4\n',
      [
        [2, 3],
        [3, 4],
      ],
      ['1', '2'],
    ],
    [
      'NaN for what is missing',
      '1\tNaN\t2\n2\t3\t4\n',
      [
        [NaN, 2],
        [3, 4],
      ],
      ['1', '2'],
    ],
    ['NaN at the end of what is shorter', '1\t5\tNaN\tNaN\n2\t3\tNaN\t4\n', [[5], [3, NaN, 4]], ['1', '2']],
    ['words for classes', 'walk\t0.5\t2\n', [[0.5, 2]], ['walk']],
    ['names in the first row', 't0\tt1\tlabel\n3\t4\ta\n', [[3, 4]], ['a']],
  ])('reads %s', async (_, text, series, classes) => {
    expect(await read(text)).toEqual({ series, classes });
  });

  it('takes another column for the label where that is said', async () => {
    expect(await read('0.5\t2\tb\n', { header: 'no', labelColumn: 'last' })).toEqual({
      series: [[0.5, 2]],
      classes: ['b'],
    });
  });

  it.each([
    ['0.5\t2\n', ":1: the label was '0.5'; a class must have a name or be a whole number"],
    ['1\t2\t3.5\n1\t2\tx\n', ":2: column 3 was 'x'; it must be a number"],
    ['1\t2\t3.5\n1\t1e39\t2\n', 'float32'],
    ['1\tNaN\tNaN\n', ':1: the case has no value'],
    ['NaN\t1\t2.5\n', ':1: the label is missing'],
    ['\t1\t2\n', ':1: '],
  ])('says what is wrong with %j', async (text, reason) => {
    await expect(read(text)).rejects.toThrow(reason);
  });

  it('is what loadDataset reads NAME_TRAIN.tsv, .txt or NAME_TRAIN with; of several forms the first counts', async () => {
    const set = await mkdtemp(join(folder, 'set-'));
    for (const [extension, pack] of [
      ['', false],
      ['.txt', true],
      ['.tsv', false],
    ] as const) {
      for (const [part, text] of [
        ['TRAIN', '1\t2\t3.5\n2\t3\t4\n'],
        ['TEST', '2.0\t3\t4\n'],
      ]) {
        const content = text.replaceAll('\t', extension === '.tsv' ? '\t' : ' ');
        await writeFile(join(set, `Set_${part}${extension}${pack ? '.gz' : ''}`), pack ? gzipSync(content) : content);
      }
      const { name, train, test } = await loadDataset(set, { kind: 'series' });
      expect([name, train.lengths, test.labels, test.classNames]).toEqual(['Set', [2, 2], [1], ['1', '2']]);
    }
    await writeFile(join(set, 'Set_TRAIN.ts'), '@classLabel true a\n@data\n1:a\n');
    await writeFile(join(set, 'Set_TEST.ts'), '@classLabel true a\n@data\n1:a\n');
    expect((await loadDataset(set)).train.classNames).toEqual(['a']);
  });
});
