import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parseTimeSeries } from '../../../src/data/formats/parseTimeSeries.js';
import { readTimeSeries } from '../../../src/data/formats/readTimeSeries.js';
import { temporaryFolder } from '../../support/temporaryFolder.js';

const toy = '@classLabel true a b\n@data\n1,2:3,4:b\n';
const folder = temporaryFolder();

describe('readTimeSeries', () => {
  it('knows gzip by its first bytes, whatever the name', async () => {
    const path = join(folder, 'packed.ts');
    await writeFile(path, gzipSync(toy));
    expect(await readTimeSeries(path)).toEqual({
      kind: 'series',
      series: [Float32Array.of(1, 3, 2, 4)],
      lengths: [2],
      channels: 2,
      labels: [1],
      classNames: ['a', 'b'],
    });
  });

  it('names the file if its gzip data is damaged', async () => {
    const path = join(folder, 'damaged.ts.gz');
    await writeFile(path, gzipSync(toy).subarray(0, 20));
    await expect(readTimeSeries(path)).rejects.toThrow(`${path}: the gzip data is damaged`);
  });

  it('names the file if it is not there', async () => {
    await expect(readTimeSeries(join(folder, 'none.ts'))).rejects.toThrow('none.ts');
  });

  it.each(['\n', '\r\n', '\r'])(
    'reads lines that end in %j as parseTimeSeries does, wherever the pieces end',
    async (end) => {
      const path = join(folder, 'long.ts');
      // Longer than a piece of 256 kB, and with an odd number of bytes, so that ends fall between the pieces too.
      const row = (i: number) => Array.from({ length: 3 + (i % 5) }, (_, t) => (t % 7 ? t + i / 8 : '?')).join();
      const cases = Array.from({ length: 9_000 }, (_, i) => `${row(i)}:${row(i)}:${i % 2 ? 'a' : 'b'}`);
      const text = ['\uFEFF# é', '@classLabel true a b', '@data', ...cases].join(end);
      const expected = parseTimeSeries(text, path);
      expect(expected.labels.length).toBe(9_000);
      await writeFile(path, text);
      expect(await readTimeSeries(path)).toEqual(expected);
      await writeFile(path, gzipSync(text + end));
      expect(await readTimeSeries(path)).toEqual(expected);
    },
  );

  it('names file, line and reason, deep in a file and at its end', async () => {
    const path = join(folder, 'wrong.ts');
    await writeFile(path, `@classLabel true a\r\n@data\r\n${'1,2:a\r\n'.repeat(100_000)}1,x:a\r\n`);
    await expect(readTimeSeries(path)).rejects.toThrow(`${path}:100003: channel 1, position 2 was 'x'`);
    await writeFile(path, '@classLabel true a\n\n@data\n');
    await expect(readTimeSeries(path)).rejects.toThrow(`${path}:3: the file ends without a case`);
    await expect(readTimeSeries(folder)).rejects.toThrow(folder);
  });

  it('reads cases to predict', async () => {
    const path = join(folder, 'unlabelled.ts');
    await writeFile(path, toy.replace(':b', ':?'));
    expect((await readTimeSeries(path, { labels: 'optional' })).labels).toEqual([-1]);
    await expect(readTimeSeries(path)).rejects.toThrow(`${path}:3: the label was '?'`);
  });
});
