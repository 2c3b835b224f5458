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

async function read(text: string | Uint8Array, options?: CsvOptions) {
  await writeFile(path, text);
  return readCsv(path, options);
}

/** What is refused, on a line, for a reason that holds all of these. */
async function expectRefused(text: string | Uint8Array, line: number, reasons: string[], options?: CsvOptions) {
  await expect(read(text, options)).rejects.toThrow(`${path}:${line}: `);
  for (const reason of reasons) await expect(readCsv(path, options)).rejects.toThrow(reason);
}

/** The numbers of cases, rounded to decimals that float32 holds. */
const numbers = (series: readonly Float32Array[]) => series.map((one) => Array.from(one, (x) => Number(x.toFixed(4))));

describe('a wide table', () => {
  it('has series of different lengths, missing values, quotes, CRLF and a byte-order mark', async () => {
    const text = '\uFEFFlabel,t0,t1,t2\r\nb,1,?,3\r\n"a, ""x""", 2.5 ,?,,\r\n\r\nb,?,-1e2,\r\n';
    expect(await read(text)).toEqual({
      kind: 'series',
      series: [Float32Array.of(1, NaN, 3), Float32Array.of(2.5, NaN), Float32Array.of(NaN, -100)],
      lengths: [3, 2, 2],
      channels: 1,
      labels: [1, 0, 1],
      classNames: ['a, "x"', 'b'],
      reading: { layout: 'wide', labelColumn: 'label', columns: ['t0', 't1', 't2'] },
    });
  });

  it.each<[string, string, CsvOptions, number[][], string[]]>([
    [
      'the label last',
      't0,t1,label\n1,2,b\n3,4,a\n',
      {},
      [
        [1, 2],
        [3, 4],
      ],
      ['b', 'a'],
    ],
    ['any column of the label', 'v1,Kind,v2\n1,b,2\n', { labelColumn: 'Kind' }, [[1, 2]], ['b']],
    [
      'no names',
      '1.5,2,b\n3,4,a\n',
      { labelColumn: 'last' },
      [
        [1.5, 2],
        [3, 4],
      ],
      ['b', 'a'],
    ],
    ['no names, the label in column 2', '1.5,b,2\n', { labelColumn: '2' }, [[1.5, 2]], ['b']],
    ['names as pandas gives them', '0,1,2\n5,6,a\n', { header: 'yes', labelColumn: '2' }, [[5, 6]], ['a']],
    ['an index of pandas', ',label,t0\n0,a,7\n1,b,8\n', { ignoreColumns: ['1'] }, [[7], [8]], ['a', 'b']],
    ['an index that names cases', ',label,t0\n0,a,7\n', { caseColumn: 'first' }, [[7]], ['a']],
    ['names that number nothing', 'label,x,y\na,1,2\n', { layout: 'wide' }, [[1, 2]], ['a']],
    ['names of any script', 'label,温度 1,größe\na,1,2\n', { layout: 'wide' }, [[1, 2]], ['a']],
    ['a separator at each end', 'label,t0,t1,\na,1,2,\nb,1,,\n', {}, [[1, 2], [1]], ['a', 'b']],
    ['only CR at line ends', 'label,t0\ra,1\rb,2', {}, [[1], [2]], ['a', 'b']],
    ['line ends of all kinds', 'label,t0\r\na,1\nb,2\r', {}, [[1], [2]], ['a', 'b']],
    ['tabs', 'label\tt0\tt1\na\t1\t2\n', {}, [[1, 2]], ['a']],
    ['an empty cell between tabs', 'label\tt0\tt1\na\t1\t\n', {}, [[1]], ['a']],
    ['blanks', ' label t0  t1\n a 1   2\n', {}, [[1, 2]], ['a']],
    [
      'semicolons and decimal commas',
      'label;t0;t1\na;0,5;7\nb;1,25;-,5\n',
      {},
      [
        [0.5, 7],
        [1.25, -0.5],
      ],
      ['a', 'b'],
    ],
    ['decimal commas and no names', '1;0,5;0,7\n', { labelColumn: 'first' }, [[0.5, 0.7]], ['1']],
    ['quoted decimal commas', 'label,t0\na,"0,5"\n', { decimal: 'comma' }, [[0.5]], ['a']],
    ['thousandths', 'label;t0\na;1,234\n', { decimal: 'comma' }, [[1.234]], ['a']],
    ['what stands for missing', 'label,t0,t1,t2\na,-999,NaN,3\n', { missing: ['-999', 'nan'] }, [[NaN, NaN, 3]], ['a']],
    ['empty cells inside', 'label,t0,t1,t2\na,1,,3\n', { missing: ['empty'] }, [[1, NaN, 3]], ['a']],
    ['a few of its columns', 'label,a,b,c\nu,1,2,3\n', { valueColumns: ['c', 'a'], layout: 'wide' }, [[1, 3]], ['u']],
  ])('may have %s', async (_, text, options, values, labels) => {
    const found = await read(text, options);
    expect(numbers(found.series)).toEqual(values);
    expect(found.labels.map((label) => found.classNames[label])).toEqual(labels);
  });

  it('keeps names of cases, and groups', async () => {
    const text = 'case,label,person,t0,t1\nmonday,a,p,1,2\ntuesday,b,q,3,4\n';
    expect(await read(text, { layout: 'wide', groupColumn: 'person' })).toMatchObject({
      ids: ['monday', 'tuesday'],
      groups: ['p', 'q'],
      lengths: [2, 2],
    });
  });

  it('has the same class for all forms of a whole number, and sorts them as numbers', async () => {
    const { labels, classNames } = await read('label,t0\n10,1\n9.0,2\n-1.0000e+00,3\n+9,4\n');
    expect({ labels, classNames }).toEqual({ labels: [2, 1, 0, 1], classNames: ['-1', '9', '10'] });
  });

  it.each<[string, string, number, string[], CsvOptions?]>([
    ['a word for a number', 'label,t0,t1\na,1,2\na,2,x\n', 3, ["column 't1' was 'x'; it must be a number"]],
    ['a number too large', 'label,t0\na,1e39\n', 2, ["column 't0' was '1e39'", 'float32']],
    ['an infinite one', 'label,t0\na,-inf\n', 2, ["column 't0' was '-inf'"]],
    ['NaN', 'label,t0\na,NaN\n', 2, ["column 't0' was 'NaN'", '--missing NaN']],
    ['an empty cell', 'label,t0,t1\na,,2\n', 2, ["column 't0' was empty", '--missing empty']],
    ['hexadecimal digits', 'label,t0\na,0x10\n', 2, ["'0x10'"]],
    ['a unit', 'label,t0\na,3 m\n', 2, ["'3 m'"]],
    ['a percentage', 'label,t0\na,3%\n', 2, ["'3%'"]],
    ['thousands in groups', 'label;t0\na;1.234,5\n', 2, ["'1.234,5'", 'thousands are not separated']],
    ['thousands in groups of blanks', 'label;t0\na;1 234\n', 2, ['thousands are not separated']],
    ['thousands or decimals', 'label;t0\na;1,234\n', 1, ['line 2', '--decimal comma', 'thousands']],
    ['quoted ones', 'label,t0\na,"1,234"\n', 1, ['--decimal comma', 'thousands']],
    ['points and commas', 'label;t0\na;1,2\nb;1.2\n', 1, ["'1.2' in line 3", "'1,2' in line 2"]],
    ['a point where commas were said', 'label;t0\na;1.2\n', 2, ['comma before decimals'], { decimal: 'comma' }],
    ['only missing values', 'label,t0,t1\na,?,?\n', 2, ['the case has no value']],
    ['a case without a value', 'label,t0,t1\na,1,2\na,,\n', 3, ['the case has no value']],
    ['a missing label', 'label,t0\na,1\n\n,2\n', 4, ['the label is missing']],
    ['a row too long', 'label,t0\na,1,2\n', 2, ['the row has 3 cells', 'at most 2']],
    ['a row that ends before its label', 't0,t1,label\n1,2\n', 2, ['the row has 2 cells; it must have 3']],
    ['an open quote', 'label,t0\na,1\n"a,2\n', 3, ['a quote is opened and never closed']],
    ['a quote within a cell', 'label,t0\na"b,1\n', 2, ['a quote is opened within a cell']],
    ['text behind a quote', 'label,t0\n"a"b,1\n', 2, ['a quote is closed within a cell']],
    ['names twice', 'label,t0,t0\na,1,2\n', 1, ["the column 't0' is twice"]],
    [
      'the same case twice',
      'case,label,t0\nu,a,1\nv,a,1\nu,a,1\n',
      4,
      ["case 'u' was seen before"],
      { layout: 'wide' },
    ],
    ['numbers with fractions for labels', 'label,t0\n1,1\n0.5,2\n', 3, ["the label was '0.5'", 'whole number']],
    ['labels that are the same number', 'label,t0\n1,1\n01,2\n', 2, ["'1' and '01' are the same number"]],
    ['no values', 'label\na\n', 1, ['no column holds values']],
    ['no case', 'label,t0\n', 1, ['ends without a case']],
    ['nothing at all', '', 1, ['ends without a case']],
    ['empty lines only', '\n\r\n', 1, ['ends without a case']],
    ['windows', 'label,t0\na,1\n', 1, ['only long ones'], { layout: 'wide', windowLength: 3 }],
    ['an unknown column', 'label,t0\na,1\n', 1, ["--time-column was 'tme'", 'one of label, t0'], { timeColumn: 'tme' }],
    [
      'a column for two roles',
      'label,t0\na,1\n',
      1,
      ['the column of the label'],
      { labelColumn: 'label', caseColumn: 'label' },
    ],
  ])('names file, line and reason for %s', (_, text, line, reasons, options) =>
    expectRefused(text, line, reasons, options),
  );

  it('names line and byte of text in another encoding', async () => {
    const latin = Buffer.from('label,t0\nM\u00fcller,1\nM\u00f6ller,2\n', 'latin1');
    await expectRefused(latin, 2, ['byte 2 of the line is 0xfc', 'iconv -f WINDOWS-1252 -t UTF-8']);
    await expectRefused(Buffer.from('\uFEFFlabel,t0\na,1\n', 'utf16le'), 1, ['UTF-16', 'iconv -f UTF-16']);
    await expectRefused(Buffer.from('label,t0\na,1\n', 'utf16le'), 1, ['byte 2 of the line is 0x00']);
    expect((await read('label,t0\nMüller,1\nMöller,2\n')).classNames).toEqual(['Möller', 'Müller']);
  });
});

describe('what can be read in two ways', () => {
  it.each<[string, string, string[], CsvOptions?]>([
    ['no names', '0.1,0.2,0.3\n', ['--label-column first', '--label-column last', '--label-column none']],
    ['no names, to predict', '0.1,0.2\n', ['--label-column first', '--label-column none'], { labels: 'ignored' }],
    ['numbers as names', '0,1,2,3\n0.1,0.2,0.3,a\n', ['--header yes', '--header no']],
    [
      'a row a case',
      'case,label,v0,v1\nu,a,1,2\nv,b,3,4\n',
      ['2 cases x 2 positions x 1 channel', '--layout wide', '2 cases x 1 position x 2 channels', '--layout long'],
    ],
    ['cases that are times', 'case,label,x\n0.0,a,1\n0.1,a,2\n', ['--time-column']],
    [
      'a log',
      'time,x,y,label\n0,1,2,a\n1,3,4,a\n',
      ['2 positions x 2 channels', '--window-length', '--layout long', '--case-column'],
    ],
    [
      'columns that are no positions',
      'label,x,y\na,1,2\nb,3,4\n',
      ['2 cases x 2 positions x 1 channel', '--layout wide', '--window-length'],
    ],
    [
      'a column without a name',
      ',label,t0\n0,a,7\n',
      ['column 1 has no name', '--case-column 1', '--ignore-columns 1'],
    ],
    [
      'a column named id',
      'id,label,t0\n0,a,7\n',
      ["column 'id'", '--case-column id', '--ignore-columns id', '--value-columns'],
    ],
    ['a column named Timestamp', 'Timestamp,label,t0\n0,a,7\n', ['--time-column Timestamp']],
    ['a column named class', 'class,t0\n0,7\n', ['--label-column class']],
    ['no label', 't0,t1\n1,2\n', ['no column is named label: the columns are t0, t1', '--label-column']],
  ])('is refused: %s', (_, text, reasons, options) => expectRefused(text, 1, reasons, options));

  it('is refused: a first line of several separators', async () => {
    await expect(read('label;t0,t1\na;0,1\n')).rejects.toThrow(/--separator comma.*--separator semicolon/);
  });
});

describe('a long table', () => {
  it('has the channels of its columns, wherever the label stands', async () => {
    expect(await read('case,x,label,y\nk1,1,b,2\nk1,3,b,?\nk0,5,a,6\n')).toEqual({
      kind: 'series',
      series: [Float32Array.of(1, 2, 3, NaN), Float32Array.of(5, 6)],
      lengths: [2, 1],
      channels: 2,
      channelNames: ['x', 'y'],
      labels: [1, 0],
      classNames: ['a', 'b'],
      ids: ['k1', 'k0'],
      reading: { layout: 'long', labelColumn: 'label', caseColumn: 'case', columns: ['x', 'y'] },
    });
  });

  it.each([
    ['numbers', '0.5', '1e0', '10'],
    ['dates', '2024-05-01', '2024-05-02', '2025-01-01'],
    ['dates with times', '2024-05-01 12:00:00.25', '2024-05-01T12:00:00.5', '2024-05-01T12:00:01Z'],
    ['times of day', '9:59', '10:00:00', '10:00:00.5'],
  ])('has times that rise: %s', async (_, first, second, third) => {
    const table = (...times: string[]) => `case,time,label,x\n${times.map((time) => `u,${time},a,1\n`).join('')}`;
    expect((await read(table(first, second, third))).lengths).toEqual([3]);
    await expectRefused(table(first, third, second), 4, [`column 'time' was '${second}'; it must be later`]);
    await expectRefused(table(first, second, second), 4, ['it must be later than in the row before']);
    await expectRefused(table(first, 'noon'), 3, ["column 'time' was 'noon'; it must be a time"]);
  });

  it.each<[string, string, number, string[], CsvOptions?]>([
    ['a row too short', 'case,label,x\n1,a,1\n1,a\n', 3, ['the row has 2 cells; it must have 3']],
    ['another label', 'case,label,x\n1,a,1\n1,b,1\n', 3, ["the label was 'b'; it must be 'a'"]],
    ['a case in two places', 'case,label,x\n1,a,1\n1,a,1\n2,a,1\n1,a,1\n', 5, ["case '1' was seen before"]],
    ['a word for a number', 'case,label,x,y\n1,a,1,2\n1,a,1,z\n', 3, ["column 'y' was 'z'"]],
    ['an empty cell', 'case,label,x,y\n1,a,1,2\n1,a,,3\n', 3, ["column 'x' was empty"]],
    ['no channel', 'case,label\n1,a\n', 1, ['no column holds values']],
    ['only missing values', 'case,label,x\n1,a,?\n1,a,?\n2,b,1\n', 4, ['the case that begins in line 2 has no value']],
    [
      'another group',
      'case,label,g,x\n1,a,p,1\n1,a,q,1\n',
      3,
      ["column 'g' was 'q'; it must be 'p'"],
      { groupColumn: 'g' },
    ],
    ['no case', 'case,label,x\n', 1, ['ends without a case'], { layout: 'long' }],
  ])('names file, line and reason for %s', (_, text, line, reasons, options) =>
    expectRefused(text, line, reasons, options),
  );

  it('is cut into windows that reach over no change of case or label', async () => {
    const rows = ['u,a,1', 'u,a,2', 'u,a,3', 'u,b,4', 'u,b,5', 'v,b,6', 'v,b,7', 'v,b,8'];
    const text = `case,label,x\n${rows.join('\n')}\n`;
    const cut = await read(text, { windowLength: 2 });
    expect(numbers(cut.series)).toEqual([
      [1, 2],
      [4, 5],
      [6, 7],
    ]);
    expect([cut.ids, cut.labels]).toEqual([
      ['u:2-3', 'u:5-6', 'v:7-8'],
      [0, 1, 1],
    ]);
    const overlapping = await read(text, { windowLength: 2, stride: 1 });
    expect(numbers(overlapping.series)).toEqual([
      [1, 2],
      [2, 3],
      [4, 5],
      [6, 7],
      [7, 8],
    ]);
    const unlabelled = await read(text, { windowLength: 2, labels: 'ignored' });
    expect(numbers(unlabelled.series)).toEqual([
      [1, 2],
      [3, 4],
      [6, 7],
    ]);
    await expectRefused(text, 9, ['none has 4 rows, as --window-length asks for'], { windowLength: 4 });
  });

  it('without a column for the case is one case, if that is said', async () => {
    const log = 'time,x,label\n0,1,a\n1,2,a\n';
    expect(numbers((await read(log, { layout: 'long' })).series)).toEqual([[1, 2]]);
    expect((await read(log, { windowLength: 1 })).ids).toEqual(['2-2', '3-3']);
  });
});

describe('a table read as another one was', () => {
  const train = 'case,label,x,y\nu,a,1,2\nu,a,3,4\nv,b,5,6\n';
  const readLike = async (first: string, text: string, options?: CsvOptions) => {
    const { reading } = await read(first, options);
    return read(text, { labels: 'ignored', reading });
  };

  it('has its columns by name', async () => {
    const { series, labels, ids } = await readLike(train, 'case,y,x\nw,2,1\nw,4,3\n');
    expect([numbers(series), labels, ids]).toEqual([[[1, 2, 3, 4]], [-1], ['w']]);
    const labelled = await readLike(train, 'y,LABEL,x,case\n2,?,1,w\n');
    expect([numbers(labelled.series), labelled.labels]).toEqual([[[1, 2]], [-1]]);
    const wide = await readLike('t0,t1,t2,label\n1,2,3,a\n', 't2,t0,t1\n3,1,2\n');
    expect(numbers(wide.series)).toEqual([[1, 2, 3]]);
    const longer = await readLike('t0,t1,label\n1,2,a\n', 'label,t0,t1,t2\n,1,2,3\n');
    expect(numbers(longer.series)).toEqual([[1, 2, 3]]);
  });

  it('keeps what was said of the first', async () => {
    const first = 'class;person;wert;n\na;p;-1;0,5\na;p;2;0,5\n';
    const options: CsvOptions = { labelColumn: 'class', caseColumn: 'person', ignoreColumns: ['n'], missing: ['-1'] };
    const { series } = await readLike(first, 'wert;person\n-1;q\n7,5;q\n', options);
    expect(numbers(series)).toEqual([[NaN, 7.5]]);
  });

  it.each<[string, string, string[]]>([
    ['a missing column', 'case,x\nw,1\n', ['without y', 'must be x, y']],
    ['an unknown column', 'case,x,y,z\nw,1,2,3\n', ['with z, which is not known', '--ignore-columns z']],
    ['another name', 'case,x,Y\nw,1,2\n', ['without y', 'with Y']],
    ['no case', 'x,y\n1,2\n', ["the column 'case', which names the case, is missing", '--case-column none']],
    ['no names', 'w,1.5,2\n', ['has no first row of names']],
  ])('is refused for %s', async (_, text, reasons) => {
    for (const reason of reasons) await expect(readLike(train, text)).rejects.toThrow(reason);
  });
});

describe('readCsv', () => {
  it('reads cases to predict, with classes given or none', async () => {
    const wide = await read('label,t0\n?,1\n,2\nb,3\n', { labels: 'optional', classNames: ['a', 'b'] });
    expect([wide.labels, wide.classNames]).toEqual([
      [-1, -1, 1],
      ['a', 'b'],
    ]);
    const long = await read('case,x\n1,2\n1,3\n', { labels: 'optional' });
    expect(long).toMatchObject({ series: [Float32Array.of(2, 3)], channels: 1, labels: [-1], classNames: [] });
  });

  it('refuses labels that are none of the classes given', async () => {
    await expect(read('label,t0\na,1\nc,2\n', { classNames: ['a', 'b'] })).rejects.toThrow(
      `${path}:3: the label was 'c'; it must be one of a, b`,
    );
  });

  it('refuses options that are none, or not what they must be', async () => {
    await expect(read('label,t0\na,1\n', { labelcolumn: 'x' } as CsvOptions)).rejects.toThrow(
      /unknown option 'labelcolumn'.*Did you mean 'labelColumn'/,
    );
    await expect(read('label,t0\na,1\n', { layout: 'tall' } as unknown as CsvOptions)).rejects.toThrow(
      "layout was 'tall'; it must be 'wide' or 'long'",
    );
    await expect(read('label,t0\na,1\n', { stride: 2 })).rejects.toThrow('stride was 2 without windowLength');
  });

  it('names the file if it is damaged or not there', async () => {
    const packed = join(folder, 'damaged.csv.gz');
    await writeFile(packed, gzipSync('a,1\n').subarray(0, 15));
    await expect(readCsv(packed)).rejects.toThrow(`${packed}: the gzip data is damaged`);
    await expect(readCsv(join(folder, 'none.csv'))).rejects.toThrow('none.csv');
  });

  it('is what loadDataset reads NAME_TRAIN.csv and NAME_TEST.csv with, the second as the first', async () => {
    const both = await mkdtemp(join(folder, 'both-'));
    await writeFile(join(both, 'Toy_TRAIN.csv'), 'label,t0,t1\na,1,2\nb,3\nc,4\n');
    await writeFile(join(both, 'Toy_TEST.csv.gz'), gzipSync('t1,t0,label\n6,5,c\n'));
    const { name, train, test } = await loadDataset(both, { kind: 'series' });
    expect([name, train.lengths, test.labels, test.classNames]).toEqual(['Toy', [2, 1, 1], [2], ['a', 'b', 'c']]);
    expect(numbers(test.series)).toEqual([[5, 6]]);
    await writeFile(join(both, 'Toy_TEST.csv.gz'), gzipSync('label,t0,t1\nd,5,6\n'));
    await expect(loadDataset(both)).rejects.toThrow("Toy_TEST.csv.gz:2: the label was 'd'; it must be one of a, b, c");
    await writeFile(join(both, 'Toy_TRAIN.csv'), 'a,1,2\nb,3,4\n');
    await writeFile(join(both, 'Toy_TEST.csv.gz'), gzipSync('b,5,7\n'));
    await expect(loadDataset(both)).rejects.toThrow('Toy_TRAIN.csv:1: ');
    const headless = await loadDataset(both, { read: { header: 'no', labelColumn: 'first' } });
    expect(headless.test.labels).toEqual([1]);
  });
});
