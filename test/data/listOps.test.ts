import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { evaluateListOps } from '../../src/data/listOps/evaluateListOps.js';
import { generateListOps } from '../../src/data/listOps/generateListOps.js';
import { listOpsByName } from '../../src/data/listOps/listOpsByName.js';
import { readListOps } from '../../src/data/listOps/readListOps.js';
import { tokenizeListOps } from '../../src/data/listOps/tokenizeListOps.js';
import { loadDataset } from '../../src/data/loadDataset.js';
import { temporaryFolder } from '../support/temporaryFolder.js';

/** Four expressions of 501 to 527 tokens, made by another program; no round brackets. */
const fixture = fileURLToPath(new URL('fixtures/listops.tsv', import.meta.url));
const folder = temporaryFolder();

describe('evaluateListOps', () => {
  it.each([
    ['7', 7],
    ['[MAX 4 [SM 7 8 ] 2 ]', 5],
    ['[MIN 4 3 9 ]', 3],
    ['[MED 9 1 4 ]', 4],
    ['[MED 1 8 2 9 ]', 5],
    ['[MED 1 2 ]', 1],
    ['[MED 8 ]', 8],
    ['[SM 9 9 9 ]', 7],
    ['( ( ( [MAX 2 ) ( ( ( [MIN 8 ) 7 ) ] ) ) ] )', 7],
  ])('%s is %d', (text, value) => {
    expect(evaluateListOps(text)).toBe(value);
  });

  it.each([
    ['', 'token 1 was '],
    ['12', "token 1 was '12'; it must be a digit, [MIN, [MAX, [MED, [SM or ]"],
    ['[MAX 1 x ]', "token 3 was 'x'"],
    ['1 ]', "token 2 was ']'; the expression has ended before it"],
    [']', "token 1 was ']'; no operator is open"],
    ['[MAX [MIN ] ]', "token 3 was ']'; [MIN has no argument"],
    ['[MAX 1 [SM 2 ]', 'the expression ends before [MAX is closed'],
    ['( )', 'the expression ends before it begins'],
  ])('refuses %j', (text, reason) => {
    expect(() => evaluateListOps(text)).toThrow(`evaluateListOps: ${reason}`);
  });
});

describe('readListOps', () => {
  it('reads what another program made, gzipped or not, with or without round brackets', async () => {
    const data = await readListOps(fixture);
    const [, ...rows] = (await readFile(fixture, 'utf8')).trim().split('\n');
    expect(data.tokens.map((tokens) => Array.from(tokens, (token) => data.vocabulary[token]).join(' '))).toEqual(
      rows.map((row) => row.split('\t')[0].trim()),
    );
    expect(data.labels).toEqual(rows.map((row) => Number(row.split('\t')[1])));
    expect(data.lengths).toEqual(data.tokens.map(({ length }) => length));
    expect([Math.min(...data.lengths), Math.max(...data.lengths)]).toEqual([501, 527]);
    const path = join(folder, 'brackets.tsv');
    await writeFile(path, gzipSync('Source\tTarget\r\n( ( ( [SM 2 ) 9 ) ] )\t1\r\n'));
    expect(await readListOps(path)).toMatchObject({ tokens: [Int32Array.of(13, 2, 9, 14)], lengths: [4], labels: [1] });
  });

  it.each([
    ['another header', 'a\tb\n', 1, "the line was 'a\tb'; it must be 'Source<tab>Target'"],
    ['a column too few', 'Source\tTarget\n[MAX 1 2 ]\n', 2, 'has 1 columns; it must have 2'],
    ['a wrong value', 'Source\tTarget\n1\t1\n[MAX 1 2 ]\t1\n', 3, "Target was '1'; the value of the expression is 2"],
    ['a broken expression', 'Source\tTarget\n[MAX 1 2\t2\n', 2, 'ends before [MAX is closed'],
    ['no case', 'Source\tTarget\n\n', 2, 'ends without a case'],
  ])('names file, line and reason for %s', async (_, text, line, reason) => {
    const path = join(folder, 'wrong.tsv');
    await writeFile(path, text);
    await expect(readListOps(path)).rejects.toThrow(`${path}:${line}: `);
    await expect(readListOps(path)).rejects.toThrow(reason);
  });

  it('knows no other tokens', () => {
    expect(() => tokenizeListOps('[MAX 1 [AVG 2 ]')).toThrow("a token was '[AVG'; it must be one of 0 1 2");
  });
});

describe('generateListOps', () => {
  it('makes different expressions between the bounds, whose labels are their values', () => {
    const data = generateListOps({ count: 200, minimum: 20, maximum: 60, seed: 4 });
    const texts = data.tokens.map((tokens) => Array.from(tokens, (token) => data.vocabulary[token]).join(' '));
    expect(new Set(texts).size).toBe(200);
    expect(texts.map(evaluateListOps)).toEqual(data.labels);
    expect(data.lengths).toEqual(data.tokens.map(({ length }) => length));
    expect([Math.min(...data.lengths), Math.max(...data.lengths)]).toEqual([21, 59]);
    expect(data.classNames).toEqual([...'0123456789']);
  });

  it('keeps to levels and numbers of arguments', () => {
    const { tokens } = generateListOps({ count: 300, minimum: 0, maximum: 40, depth: 3, mostArguments: 4 });
    const seen = new Set<number>();
    for (const expression of tokens) {
      const open: number[] = [];
      for (const token of expression) {
        if (token < 14 && open.length > 0) open[open.length - 1]++;
        if (token >= 10 && token < 14) open.push(0);
        expect(open.length).toBeLessThanOrEqual(2); // level 3 has digits only
        if (token === 14) seen.add(open.pop()!);
      }
    }
    expect([...seen].sort()).toEqual([2, 3, 4]);
  });

  // 400 expressions of Long Range Arena's own rule have 1031 tokens on average, with a deviation of 393.
  it('has the statistics of the task', () => {
    const { lengths, tokens } = generateListOps({ count: 1000, seed: 9 });
    const mean = lengths.reduce((a, b) => a + b) / lengths.length;
    expect(Math.abs(mean - 1031)).toBeLessThan(75); // three deviations of the difference of both means
    expect(Math.min(...lengths)).toBeGreaterThan(500);
    expect(Math.max(...lengths)).toBeLessThan(2000);
    const counts = new Array<number>(15).fill(0);
    for (const expression of tokens) for (const token of expression) counts[token]++;
    const total = counts.reduce((a, b) => a + b);
    // Shares in those 400: each digit 0.0711 to 0.0721, each operator 0.0351 to 0.0360, the bracket 0.1423.
    for (const count of counts.slice(0, 10)) expect(count / total).toBeCloseTo(0.0716, 2);
    for (const count of counts.slice(10, 14)) expect(count / total).toBeCloseTo(0.0356, 2);
    expect(counts[14] / total).toBeCloseTo(0.1423, 2);
  });

  it('gives the same for the same seed, and something else for another', () => {
    const make = (seed: number) => generateListOps({ count: 5, minimum: 5, maximum: 50, seed });
    expect(make(1)).toEqual(make(1));
    expect(make(1)).not.toEqual(make(2));
  });

  it('refuses options out of range, and more expressions than there are', () => {
    expect(() => generateListOps({ count: 0 })).toThrow('count was 0; it must be an integer, 1 or more');
    expect(() => generateListOps({ count: 1, maximum: 501 })).toThrow(
      'maximum was 501; it must be an integer, 502 or more',
    );
    expect(() => generateListOps({ count: 1, depth: 0 })).toThrow('depth was 0');
    expect(() => generateListOps({ count: 11, minimum: 0, maximum: 2 })).toThrow('after 10 expressions of more than 0');
  });
});

describe('the data set ListOps', () => {
  it('has as many cases as its name says, none twice, and the same test cases in every size', async () => {
    const { name, train, test } = await loadDataset('ListOps:30:10', { kind: 'tokens' });
    expect([name, train.labels.length, test.labels.length]).toEqual(['ListOps-30-10', 30, 10]);
    expect(new Set([...train.tokens, ...test.tokens].map(String)).size).toBe(40);
    expect(listOpsByName('ListOps:5:10')!.test).toEqual(test);
    const standard = listOpsByName('ListOps')!;
    expect([standard.name, standard.train.labels.length, standard.test.labels.length]).toEqual(['ListOps', 2000, 500]);
  });

  it('has cases of the lengths that its name says, both of them among them', () => {
    const { name, train, test } = listOpsByName('ListOps:300:100:20-40')!;
    const lengths = [...train.lengths, ...test.lengths];
    expect([name, train.labels.length, test.labels.length]).toEqual(['ListOps-300-100-20-40', 300, 100]);
    expect([Math.min(...lengths), Math.max(...lengths)]).toEqual([20, 40]);
    expect(listOpsByName('ListOps:3:2:5-5')!.train.lengths).toEqual([5, 5, 5]);
    expect(() => listOpsByName('ListOps:5:6:1-1')).toThrow('count was 11; it must be smaller, as after 10');
  });

  it('refuses other numbers', async () => {
    for (const name of [
      ...[
        'ListOps:0',
        'ListOps:x',
        'ListOps:1:2:3',
        'ListOps:',
        'ListOps:1:2:0-9',
        'ListOps:1:2:9-8',
        'ListOps:1:2:8-',
      ],
      'ListOps:1:2:8-9:1',
    ]) {
      await expect(loadDataset(name)).rejects.toThrow(`data set was '${name}'; it must be ListOps, ListOps:CASES, `);
    }
    expect(listOpsByName('ListOpsX')).toBeUndefined();
  });

  it('is found as tables in a folder', async () => {
    for (const part of ['train', 'val', 'test']) {
      await writeFile(join(folder, `basic_${part}.tsv`), await readFile(fixture));
    }
    await rm(join(folder, 'wrong.tsv'), { force: true });
    const { name, train, test } = await loadDataset(folder, { kind: 'tokens' });
    expect([name, train.labels.length, test.labels.length]).toEqual(['basic', 4, 4]);
  });
});
