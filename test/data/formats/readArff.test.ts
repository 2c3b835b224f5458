import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseCases } from '../../../src/data/formats/parseCases.js';
import { readArff } from '../../../src/data/formats/readArff.js';
import { loadDataset } from '../../../src/data/loadDataset.js';
import { temporaryFolder } from '../../support/temporaryFolder.js';

const folder = temporaryFolder();
const path = join(folder, 'Set_TRAIN.arff');
const univariate = [
  '% a comment',
  '@relation Set',
  '@attribute t0 numeric',
  '@ATTRIBUTE t1 real',
  "@attribute 'my class' {a,'b c'}",
  '@data',
];
const relational = [
  '@relation Set',
  '@attribute Set relational',
  '  @attribute t0 numeric',
  '  @attribute t1 numeric',
  '@end Set',
  '@attribute activity {Standing, Running}',
  '@data',
];

async function read(lines: readonly string[]) {
  await writeFile(path, lines.join('\r\n'));
  return readArff(path);
}

describe('readArff', () => {
  it('reads the univariate form', async () => {
    expect(await read([...univariate, '0.5,?,a', " 1e2 , -3 ,'b c'", ''])).toEqual({
      kind: 'series',
      series: [Float32Array.of(0.5, NaN), Float32Array.of(100, -3)],
      ...{ lengths: [2, 2], channels: 1, labels: [0, 1], classNames: ['a', 'b c'] },
    });
  });

  it('reads the multivariate form', async () => {
    const found = await read([...relational, "'1,2\\n3,4',Running", '"5,?\\n7,8",Standing']);
    expect(found).toMatchObject({ lengths: [2, 2], channels: 2, labels: [1, 0], classNames: ['Standing', 'Running'] });
    expect(found.series).toEqual([Float32Array.of(1, 3, 2, 4), Float32Array.of(5, 7, NaN, 8)]);
  });

  it('reads cases to predict, without classes or labels', async () => {
    const expected = { kind: 'series', classNames: ['z'], channels: 1 } as const;
    const parse = (lines: string[]) =>
      parseCases(new TextEncoder().encode(lines.join('\n')), 'x', { ...expected, classNames: ['z'] });
    const unlabelled = ['@relation x', '@attribute t0 numeric', '@data', '1'];
    expect(await parse(unlabelled)).toMatchObject({ lengths: [1], labels: [-1], classNames: ['z'] });
    expect(await parse([...univariate, '1,2,?', '3,4,a'])).toMatchObject({ lengths: [2, 2], labels: [-1, -1] });
  });

  it.each([
    [[...univariate, '1,2'], ':7: the case has 2 cells; it must have 3'],
    [[...univariate, '1,x,a'], ":7: channel 1, position 2 was 'x'; it must be a number"],
    [[...univariate, '1,1e39,a'], 'float32'],
    [[...univariate, '?,?,a'], ':7: the case has no value'],
    [[...univariate, '1,2,c'], ":7: the label was 'c'; it must be one of a, b c"],
    [[...univariate, '1,2,?'], ":7: the label was '?'"],
    [[...univariate, "1,2,'b c"], ':7: column 5 begins a cell that is not closed'],
    [[...univariate, '{0 1, 2 a}'], 'sparse'],
    [[...relational, "'1,2\\n3',Running"], ':8: channel 2 has 1 values; it must have 2'],
    [[...relational, "'1,2\\n3,4',Running", "'1,2',Running"], ':9: the case has 1 channels; it must have 2'],
    [[...relational, '1,Running'], 'not in quotes'],
    [
      ['@relation x', '@attribute t0 string', '@data'],
      ":2: attribute 't0' was 'string'; it must be numeric, relational",
    ],
    [['@relation x', '@attribute t0'], ":2: '@attribute t0' is no attribute"],
    [['@relation x', '@attribute t0 numeric', '@data'], ':3: no attribute has classes'],
    [['@relation x', '@attribute a {x}', '@attribute b {y}', '@data'], 'a, b all have classes'],
    [['@relation x', '@attribute a {x,x}'], 'names a class twice'],
    [['@relation x', '@attribute a {x}', '@data'], 'no attribute holds values'],
    [['@relation x', 'nonsense'], ":2: 'nonsense' is neither"],
    [univariate, 'ends without a case'],
    [['@relation x'], 'ends without @data'],
  ])('says what is wrong: %j', async (lines, reason) => {
    await expect(read(lines)).rejects.toThrow(reason);
  });

  it('is what loadDataset reads NAME_TRAIN.arff with, but not the files of single channels', async () => {
    const set = await mkdtemp(join(folder, 'set-'));
    for (const part of ['TRAIN', 'TEST']) {
      await writeFile(join(set, `Set_${part}.arff`), [...relational, "'1,2\\n3,4',Running"].join('\n'));
      await writeFile(join(set, `SetDimension1_${part}.arff`), [...univariate, '1,2,a'].join('\n'));
    }
    const { name, train } = await loadDataset(set, { kind: 'series' });
    expect([name, train.channels]).toEqual(['Set', 2]);
  });
});
