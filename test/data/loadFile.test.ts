import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { cutCases } from '../../src/data/cutCases.js';
import { loadDataset } from '../../src/data/loadDataset.js';
import { temporaryFolder } from '../support/temporaryFolder.js';

const folder = temporaryFolder();

async function file(name: string, lines: readonly string[]): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, name.endsWith('.gz') ? gzipSync(lines.join('\n')) : lines.join('\n'));
  return path;
}

describe('loadDataset of a file', () => {
  it('makes a share of each class the test part, the same for each call', async () => {
    const rows = Array.from({ length: 40 }, (_, i) => `c${i},${i < 30 ? 'a' : 'b'},${i},${i}.5`);
    const path = await file('table.csv', ['case,label,t0,t1', ...rows]);
    const load = () => loadDataset(path, { kind: 'series', read: { layout: 'wide', test: 0.2 } });
    const { name, train, test } = await load();
    expect([name, train.labels.length, test.labels]).toEqual(['table', 32, [0, 0, 0, 0, 0, 0, 1, 1]]);
    expect(new Set([...train.ids!, ...test.ids!]).size).toBe(40);
    expect(test.ids).toEqual(Array.from(test.series, ([value]) => `c${value}`));
    expect((await load()).test).toEqual(test);
  });

  it('keeps windows of a case, and windows with common rows, in one part', async () => {
    const row = (i: number) => `${i},${i % 7},${Math.floor(i / 50) % 2 ? 'walk' : 'rest'}`;
    const path = await file('log.csv.gz', ['time,x,label', ...Array.from({ length: 400 }, (_, i) => row(i))]);
    const overlapping = { windowLength: 10, stride: 5, test: 0.25 };
    const { train, test } = await loadDataset(path, { kind: 'series', read: overlapping });
    const rows = (ids: string[]) =>
      ids.flatMap((id) => {
        const [begin, end] = id.split('-').map(Number);
        return Array.from({ length: end - begin + 1 }, (_, i) => begin + i);
      });
    const seen = new Set(rows(train.ids!));
    expect(rows(test.ids!).filter((line) => seen.has(line))).toEqual([]);
    expect([train.labels.length, test.labels.length]).toEqual([54, 18]);
    const apart = await loadDataset(path, { kind: 'series', read: { windowLength: 10, test: 0.25 } });
    expect([apart.train.labels.length, apart.test.labels.length]).toEqual([30, 10]);
  });

  it('keeps groups in one part', async () => {
    const rows = Array.from({ length: 24 }, (_, i) => `p${i % 6},${i % 2 ? 'a' : 'b'},${i}`);
    const path = await file('people.csv', ['person,label,t0', ...rows]);
    const { train, test } = await loadDataset(path, { kind: 'series', read: { groupColumn: 'person', test: 0.3 } });
    expect(test.groups!.some((group) => train.groups!.includes(group))).toBe(false);
    expect(test.labels.length).toBe(8);
  });

  it('reads .ts, .tsv and .arff, and is the whole file where that is wanted', async () => {
    const ts = await file('a.ts', ['@classLabel true a b', '@data', '1,2:a', '3:b', '4:b']);
    const { name, train, test } = await loadDataset(ts, { kind: 'series', whole: true });
    expect([name, train.lengths, test]).toEqual(['a', [2, 1, 1], train]);
    expect((await loadDataset(ts, { read: { test: 0.5 } })).test.labels).toEqual([1]);
    const ucr = await file('a.tsv', ['1\t2.5\t3', '2\t4\t5']);
    expect((await loadDataset(ucr, { whole: true })).train.classNames).toEqual(['1', '2']);
    const arff = await file('a.arff', ['@relation a', '@attribute t0 numeric', '@attribute c {x}', '@data', '1,x']);
    expect((await loadDataset(arff, { whole: true })).train.classNames).toEqual(['x']);
  });

  it('says what is missing', async () => {
    const path = await file('one.ts', ['@classLabel true a', '@data', '1:a']);
    await expect(loadDataset(path)).rejects.toThrow(`${path}: is one file; --test 0.2 makes a fifth`);
    await expect(loadDataset(path, { read: { test: 0.5 } })).rejects.toThrow('no class had two cases');
    await expect(loadDataset(path, { read: { test: 1 } })).rejects.toThrow(
      'test was 1; it must be above 0 and below 1',
    );
    const other = await file('one.parquet', ['x']);
    await expect(loadDataset(other, { whole: true })).rejects.toThrow('must end in .ts, .arff, .csv, .tsv or .txt');
    await file('Set_TRAIN.ts', ['@classLabel true a', '@data', '1:a']);
    await file('Set_TEST.ts', ['@classLabel true a', '@data', '1:a']);
    await expect(loadDataset(folder, { read: { test: 0.5 } })).rejects.toThrow('--test is for a single file');
  });
});

describe('cutCases', () => {
  it('keeps the first positions of series and tokens', () => {
    const series = { series: [Float32Array.of(1, 2, 3, 4), Float32Array.of(5, 6)], lengths: [2, 1], channels: 2 };
    const all = { ...series, labels: [0, 0], classNames: ['a'] };
    expect(cutCases(all, 1)).toEqual({
      ...all,
      series: [Float32Array.of(1, 2), Float32Array.of(5, 6)],
      lengths: [1, 1],
    });
    const words = {
      tokens: [Int32Array.of(0, 1)],
      lengths: [2],
      vocabulary: ['x', 'y'],
      labels: [0],
      classNames: ['a'],
    };
    expect(cutCases(words, 1)).toEqual({ ...words, tokens: [Int32Array.of(0)], lengths: [1] });
    expect(cutCases(words, 5)).toEqual(words);
  });
});
