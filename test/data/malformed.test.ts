/** Inputs that readers must refuse: values that float32 does not hold, labels that are missing, bombs, links. */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { unpackFiles } from '../../src/data/archive/unpackFiles.js';
import type { ExpectedCases } from '../../src/data/formats/expectedCases.js';
import { parseCases } from '../../src/data/formats/parseCases.js';
import { parseCsv } from '../../src/data/formats/parseCsv.js';
import { parseTimeSeries } from '../../src/data/formats/parseTimeSeries.js';
import { readCsv } from '../../src/data/formats/readCsv.js';
import { readTimeSeries } from '../../src/data/formats/readTimeSeries.js';
import { readBytes, readStream } from '../../src/files/readBytes.js';
import { LONGEST_LINE } from '../../src/files/limits.js';
import { temporaryFolder } from '../support/temporaryFolder.js';

const folder = temporaryFolder();
const bytes = (text: string) => new TextEncoder().encode(text);
const series: ExpectedCases = { kind: 'series', classNames: ['a', 'b'], channels: 1 };

describe('values that float32 does not hold', () => {
  const tooLarge = 'it must be a number that float32 holds, up to 3.4e38, or ? if missing';
  const noNumber = 'it must be a number, or ? if missing';

  it.each([
    ['1e39', tooLarge],
    ['-3.5e38', tooLarge],
    ['1e400', tooLarge],
    ['inf', noNumber],
    ['-Infinity', noNumber],
    ['0x10', noNumber],
    ['1_000', noNumber],
  ])('%s is refused with file, line and column', async (value, must) => {
    const header = '@classLabel true a b\n@data\n';
    expect(() => parseTimeSeries(`${header}1,2:3,4:a\n  1,2:3, ${value}:b\n`, 'x.ts')).toThrow(
      `x.ts:4: channel 2, position 2 was '${value}'; ${must} (column 10)`,
    );
    await expect(parseCsv(bytes(`label,t0,t1\na,1,2\nb,1,${value}\n`), 'x.csv')).rejects.toThrow(
      `x.csv:3: column 't1' was '${value}'; ${must}`,
    );
    await expect(parseCsv(bytes(`case,x,label,y\n1,1,a,2\n1,3,a,${value}\n`), 'x.csv')).rejects.toThrow(
      `x.csv:3: column 'y' was '${value}'; ${must}`,
    );
    await expect(parseCases(bytes(`@data\n1,${value}\n`), 'x', series)).rejects.toThrow(
      `x:2: channel 1, position 2 was`,
    );
  });

  it.each(['1e39', '-1e39', '1e999'])('%s is refused in JSON', async (value) => {
    await expect(parseCases(bytes(`[[1, 2], [3, ${value}]]`), 'x', series)).rejects.toThrow(
      /^x: case 2, position 2 was (-?1e\+39|too large); it must be a number that float32 holds, up to 3\.4e38, or null/,
    );
  });

  it('the largest ones that it holds are read, and NaN is a missing value', () => {
    const { series } = parseTimeSeries('@classLabel true a\n@data\n3.4028234e38,-3.4028234e38,1e-50,NaN,?:a\n', 'x.ts');
    expect([...series[0]]).toEqual([3.4028234663852886e38, -3.4028234663852886e38, 0, NaN, NaN]);
  });
});

describe('labels that are missing', () => {
  it.each([
    ['label,t0\na,1\n,2\n', 3],
    ['label,t0\na,1\n?,2\n', 3],
    ['case,label,x\n1,,1\n1,,2\n', 2],
    ['case,label,x\n1,a,1\n1,a,1\n2,,2\n', 4],
  ])('are an error with the line, except in cases to predict: %j', async (text, line) => {
    const path = join(folder, 'labels.csv');
    await writeFile(path, text);
    await expect(readCsv(path)).rejects.toThrow(
      `${path}:${line}: the label is missing; it must be there, except in cases to predict`,
    );
    expect((await readCsv(path, { labels: 'optional' })).labels.at(-1)).toBe(-1);
  });
});

describe('data made to fill memory', () => {
  const bomb = gzipSync(Buffer.alloc(300 * 2 ** 20));
  const message =
    /: the gzip data unpacks to more than \d+ MB, over 100 times its size; unpack it first if that is right$/;

  it('is refused before it does: gzip', async () => {
    const path = join(folder, 'bomb.gz');
    await writeFile(path, bomb);
    await expect(readBytes(path)).rejects.toThrow(message);
    const before = process.memoryUsage().rss;
    await expect(readTimeSeries(path)).rejects.toThrow(
      /bomb\.gz:1: (the line has more than \d+ characters|byte 1 of the line is 0x00)|unpacks to more/,
    );
    expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 29);
  });

  it('is refused before it does: a stream without an end', async () => {
    async function* endless() {
      for (;;) yield await Promise.resolve(new Uint8Array(1 << 26));
    }
    await expect(readStream(endless(), 'standard input')).rejects.toThrow(
      'standard input: has more than 1024 MB; it must have at most that',
    );
  });

  it('is refused before it does: a line without an end', async () => {
    const path = join(folder, 'line.ts');
    await writeFile(path, `@classLabel true a\n@data\n${'1,'.repeat(LONGEST_LINE / 2 + 2 ** 18)}`);
    await expect(readTimeSeries(path)).rejects.toThrow(`line.ts:3: the line has more than ${LONGEST_LINE} characters`);
  });

  it('is refused before it does: headers of IDX files', async () => {
    const header = (...sizes: number[]) => {
      const start = Buffer.alloc(4 + 4 * sizes.length);
      start.set([0, 0, 8, sizes.length]);
      sizes.forEach((size, axis) => start.writeUInt32BE(size, 4 + 4 * axis));
      return start;
    };
    const parse = (content: Uint8Array) => parseCases(content, 'x', { ...series, kind: 'images' });
    await expect(parse(header(0xffffffff, 0, 28))).rejects.toThrow('each 1 or more');
    await expect(parse(header(0xffffffff, 0xffffffff, 0xffffffff))).rejects.toThrow('the file holds 0 values');
    await expect(parse(Buffer.from([0, 0, 8, 255]))).rejects.toThrow('the file ends within its header');
  });

  it('is refused before it does: archives; and links in archives are no files', async () => {
    const path = join(folder, 'set.zip');
    const unpack = async () => unpackFiles(path, ['a.ts'], await mkdtemp(join(folder, 'unpacked-')), 2 ** 40);
    await writeFile(path, zipSync({ 'a.ts': new Uint8Array(300 * 2 ** 20) }, { level: 1 }));
    await expect(unpack()).rejects.toThrow(/its files unpack to over 100 times their size, \d+ bytes/);
    await writeFile(path, zipSync({ 'a.ts': [bytes('/etc/passwd'), { os: 3, attrs: 0o120777 << 16 }] }));
    await expect(unpack()).rejects.toThrow("'a.ts' is a link; it must be a file");
  });
});

describe('a file in a message', () => {
  it('is cut, and stays in one line', async () => {
    const long = parseCsv(bytes(`label,t0\nb,${'9x'.repeat(10_000)}\n`), 'x.csv');
    await expect(long).rejects.toThrow(/^x\.csv:2: column 't0' was '(9x){30} \.\.\.'; it must be/);
    const text = parseCsv(bytes('label,t0\nb,"1\n\u2028\u0007"\n'), 'x.csv');
    await expect(text).rejects.toThrow("was '1\\u000a\\u2028\\u0007'; it must be");
  });
});
