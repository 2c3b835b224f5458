/** Files as other programs write them: what is read, or what the error says. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { doubtsAbout } from '../../src/data/describeCases.js';
import { loadDataset, type LoadOptions } from '../../src/data/loadDataset.js';
import type { TimeSeriesData } from '../../src/data/timeSeries.js';
import type { ReadOptions } from '../../src/data/readOptions.js';
import { temporaryFolder } from '../support/temporaryFolder.js';

const folder = temporaryFolder();
let sets = 0;

/** Loads a table, or a folder of files. */
async function load(
  files: string | Record<string, string>,
  read: ReadOptions = {},
  options: Omit<LoadOptions<'series'>, 'kind'> = {},
) {
  const all = typeof files === 'string' ? { 'x.csv': files } : files;
  const own = join(folder, `set${++sets}`);
  for (const [name, content] of Object.entries(all)) {
    await mkdir(dirname(join(own, name)), { recursive: true });
    await writeFile(join(own, name), content);
  }
  const path = typeof files === 'string' ? join(own, 'x.csv') : own;
  const { train, test, name } = await loadDataset(path, {
    kind: 'series',
    whole: true,
    download: false,
    read,
    ...options,
  });
  return { name, train, test };
}

const values = ({ series }: TimeSeriesData) => series.map((one) => [...one]);
const wide = 'label,t0,t1\na,1,2\nb,3,4\n';
const log = (times: (number | string)[]) => `time,x,label\n${times.map((time, i) => `${time},${i},a`).join('\n')}\n`;

describe('a table', () => {
  it.each<[string, string, ReadOptions?]>([
    ['of pandas, whose index is left out', ',label,t0,t1\n0,a,1,2\n1,b,3,4\n', { ignoreColumns: ['1'] }],
    ['of R, for a country of decimal commas', '"label";"V1";"V2"\n"a";1,0;2\n"b";3,0;4\n'],
    ['of Excel, with a line that names the separator', 'sep=;\r\nlabel;t0;t1\r\na;1;2\r\nb;3;4\r\n'],
    ['of Excel, the same for commas', 'sep=,\r\nlabel,t0,t1\r\na,1,2\r\nb,3,4\r\n'],
    ['of MATLAB, aligned by blanks', '   1.0000e+00   2.0000e+00 a\n   3.0   4.0  b\n', { labelColumn: 'last' }],
    ['with separators at the ends of lines', 'label,t0,t1,,\na,1,2,,\nb,3,4,,\n'],
    ['with empty lines', 'label,t0,t1\n\na,1,2\n\n\nb,3,4\n\n'],
  ])('%s', async (_, text, options) => {
    const { train } = await load(text, options);
    expect([values(train), train.labels]).toEqual([
      [
        [1, 2],
        [3, 4],
      ],
      [0, 1],
    ]);
  });

  it.each<[string, string, string, ReadOptions?]>([
    ['a name too few, as of R', 'label V1 V2\n1 a 1 2\n2 b 3 4\n', 'R writes names of rows unless row.names = FALSE'],
    [
      'percent signs',
      'label,t0\na,10%\nb,3%\n',
      "'10%'; it must be a number, or ? if missing; a number is written without its unit",
    ],
    [
      'amounts of money',
      'label,t0\na,$1\nb,3\n',
      "'$1'; it must be a number, or ? if missing; a number is written without",
    ],
    ["Excel's errors", 'label,t0\na,#N/A\nb,3\n', '--missing #N/A reads it as missing'],
    ['a typographic minus', 'label,t0\na,\u22121\nb,3\n', 'a minus is written -'],
    [
      'a comment above',
      '# made by me\nlabel,t0,t1\na,1,2\n',
      "the first row has one cell, '# made by me', where other rows have up to 3",
    ],
    [
      'bars between cells',
      'label|t0|t1\na|1|2\n',
      "the first row has one cell, 'label|t0|t1'; it must name the columns, separated by",
    ],
    [
      'two columns of labels',
      'label,Label,t0\na,a,1\nb,b,2\n',
      "the columns 'label' and 'Label' can both be the label; --label-column",
    ],
    ['measured labels', 'label,t0\n0.5,1\n1.5,2\n', 'numbers that are measured can be learnt (--target-column)'],
    [
      'American dates',
      log(['01/02/2024 10:00', '01/02/2024 10:01']),
      "'01/02/2024 10:00'; it must be a time",
      { windowLength: 2 },
    ],
    ['days that are none', log(['2023-02-29', '2023-03-01']), "'2023-02-29'; it must be a time", { windowLength: 2 }],
    ['minutes that are none', log(['10:75', '10:76']), "'10:75'; it must be a time", { windowLength: 2 }],
  ])('with %s is refused', async (_, text, reason, options) => {
    await expect(load(text, options)).rejects.toThrow(reason);
  });

  it.each<[string, string[], string[], string?]>([
    ['capitals', ['Walk', 'walk'], ['Walk', 'walk'], "'Walk' and 'walk' are hardly different"],
    ['composed characters', ['caf\u00e9', 'cafe\u0301'], ['cafe\u0301', 'caf\u00e9'], 'are hardly different'],
    ['quotes', ["'x'", 'x'], ["'x'", 'x'], 'are hardly different'],
    [
      'long numbers',
      ['12345678901234567890', '12345678901234567891'],
      ['12345678901234567890', '12345678901234567891'],
    ],
    ['signs', ['+1', '-1'], ['-1', '1']],
    ['None', ['None', 'x'], ['None', 'x'], "the class 'None' may stand for a label that is missing"],
  ])('has classes that differ by %s', async (_, labels, expected, doubt) => {
    const { train } = await load(`label,t0\n${labels.map((label) => `"${label}",1`).join('\n')}\n`);
    expect(train.classNames).toEqual(expected);
    const doubts = doubtsAbout(train, true).join();
    if (doubt) expect(doubts).toContain(doubt);
    else expect(doubts).not.toMatch(/hardly|missing/);
  });

  it('is read as another one was, where it can be read in two ways', async () => {
    const text = 'label;t0;t1\na;1,500;2\nb;3;4\n';
    await expect(load(text)).rejects.toThrow('--decimal comma');
    const { train } = await load(text, { decimal: 'comma' });
    expect(train.reading).toMatchObject({ decimal: 'comma' });
    expect(values((await load(text, {}, { reading: train.reading })).train)[0]).toEqual([1.5, 2]);
    const plain = await load('label;t0;t1\na;1.5;2\nb;3;4\n', {}, { reading: train.reading });
    expect(values(plain.train)[0]).toEqual([1.5, 2]);
  });
});

describe('windows of a log', () => {
  const gap = [0, 1, 2, 3, 100, 101, 102, 103];

  it('end at a gap in time, or reach over it, as is said', async () => {
    await expect(load(log(gap), { windowLength: 3 })).rejects.toThrow(
      /x\.csv:6: column 'time' goes on by 97, where half of the steps are 1 or less: .*--max-gap 2.*--max-gap none/,
    );
    const ids = async (maxGap: number | 'none') => (await load(log(gap), { windowLength: 3, maxGap })).train.ids;
    expect(await ids(2)).toEqual(['2-4', '6-8']);
    expect(await ids('none')).toEqual(['2-4', '5-7']);
  });

  it('take steps that vary, and any between cases', async () => {
    expect((await load(log([0, 1, 2.5, 3, 7, 8]), { windowLength: 3 })).train.ids).toEqual(['2-4', '5-7']);
    const cases = 'case,time,x,label\n1,0,1,a\n1,1,1,a\n2,1000,1,a\n2,1001,1,a\n';
    expect((await load(cases, { windowLength: 2 })).train.lengths).toEqual([2, 2]);
    await expect(load(wide, { maxGap: 2 })).rejects.toThrow('maxGap was 2 without windowLength');
  });
});

describe('a file that is divided', () => {
  const rows = Array.from({ length: 10 }, (_, i) => `${i / 10},p${i % 5},${i},${i + 1}`);
  const numbers = `y,person,t0,t1\n${rows.join('\n')}\n`;

  it('may have numbers to learn, and shares no group between the parts', async () => {
    const { train, test } = await load(numbers, { targetColumn: 'y', groupColumn: 'person', test: 0.4 });
    expect([train.targets!.length, test.targets!.length]).toEqual([6, 4]);
    expect(train.groups!.filter((group) => test.groups!.includes(group))).toEqual([]);
  });

  it('says what it has too little of', async () => {
    const one = 'label,person,t0,t1\na,p,1,2\nb,p,3,4\n';
    const options = { groupColumn: 'person', test: 0.5 };
    await expect(load(one, options)).rejects.toThrow(
      /x\.csv: --test 0\.5 makes no two parts: all cases were of one group/,
    );
    const numbered = { ...options, targetColumn: 'label' };
    await expect(load(one.replace('a,p', '1,p').replace('b,p', '2,p'), numbered)).rejects.toThrow(
      'all cases were of one group',
    );
  });
});

describe('a folder', () => {
  it.each([
    ['train.csv', 'test.csv'],
    ['X_train.csv', 'X_test.csv'],
    ['Train.CSV', 'TEST.csv'],
  ])('may hold %s and %s', async (train, test) => {
    const found = await load({ [train]: wide, [test]: wide });
    expect([found.name, values(found.test)[1]]).toEqual([train.startsWith('X') ? 'X' : `set${sets}`, [3, 4]]);
  });
});
