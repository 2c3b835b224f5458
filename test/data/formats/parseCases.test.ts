import { describe, expect, it } from 'vitest';
import type { ExpectedCases } from '../../../src/data/formats/expectedCases.js';
import { parseCases } from '../../../src/data/formats/parseCases.js';

const classNames = ['a', 'b'];
const models: Record<string, ExpectedCases> = {
  series: { classNames, kind: 'series', channels: 1 },
  pairs: { classNames, kind: 'series', channels: 2 },
  images: { classNames, kind: 'images', channels: 1 },
  colours: { classNames, kind: 'images', channels: 3 },
  tokens: { classNames, kind: 'tokens', channels: 1, vocabulary: ['0', '1', '[MAX', ']'] },
};

const parse = (model: string, text: string) => parseCases(new TextEncoder().encode(text), 'input', models[model]);

describe('parseCases', () => {
  const rows = [
    [-2, -1, 0],
    [2, 1, 0, -1],
  ];
  it.each([
    ['.ts without labels', ['@univariate true', '@classLabel false', '@data', '-2,-1,0', '2,1,0,-1']],
    ['.ts without labels, as aeon writes it', ['@classLabel false', '@data', '-2,-1,0:', '2,1,0,-1:']],
    [
      '.ts without labels, as sktime writes it',
      ['@univariate true', '@classlabel false', '@data', '-2,-1,0:?', '2,1,0,-1:'],
    ],
    ['.ts with classes, but no labels', ['@univariate true', '@classLabel true z', '@data', '-2,-1,0', '2,1,0,-1:?']],
    ['.ts with labels', ['# comment', '@classLabel true up down', '@data', '-2,-1,0:up', '2,1,0,-1:down']],
    ['CSV by case', ['label,a,b,c,d', '?,-2,-1,0', ',2,1,0,-1']],
    ['CSV by position', ['case,x', ...rows.flatMap((row, index) => row.map((value) => `${index},${value}`))]],
    ['flat JSON', [JSON.stringify(rows)]],
    ['nested JSON', [JSON.stringify(rows.map((row) => row.map((value) => [value])))]],
  ])('reads series: %s', async (_, lines) => {
    const series = rows.map((row) => Float32Array.from(row));
    const expected = { series, lengths: [3, 4], channels: 1, classNames: ['a', 'b'] };
    expect(await parse('series', lines.join('\n'))).toMatchObject(expected);
    expect(await parse('series', `\uFEFF${lines.join('\r\n')}\r\n`)).toMatchObject(expected);
  });

  it('reads JSON of series, with channels and missing values', async () => {
    expect(await parse('pairs', ' [ [[1, 2], [3, null]], [[5, 6]] ]')).toEqual({
      kind: 'series',
      series: [Float32Array.of(1, 2, 3, NaN), Float32Array.of(5, 6)],
      ...{ lengths: [2, 1], channels: 2, labels: [-1, -1], classNames: ['a', 'b'] },
    });
  });

  it('reads NaN as Python writes it', async () => {
    expect(await parse('series', '[[1, NaN, 3], [-1, NaN]]')).toMatchObject({
      series: [Float32Array.of(1, NaN, 3), Float32Array.of(-1, NaN)],
    });
    await expect(parse('series', '[["NaN"]]')).rejects.toThrow('case 1, position 1 was "NaN"');
    await expect(parse('series', '[[1, Infinity]]')).rejects.toThrow('not JSON at line 1, column 6');
  });

  it.each([
    ['arrays', '[1, 2]\n[3]\n', [1, 2]],
    ['nested arrays', '[[1], [2]]\n\n[[3]]', [1, 2]],
    ['objects', '{"series": [1, 2], "label": "a"}\r\n{"series": [[3]]}\r\n', [1, 2]],
  ])('reads JSON lines: %s', async (_, text) => {
    const cases = await parse('series', text);
    expect(cases).toMatchObject({ series: [Float32Array.of(1, 2), Float32Array.of(3)], labels: [-1, -1] });
    expect(cases.ids).toBeUndefined();
  });

  it('reads JSON lines with names, of all kinds', async () => {
    expect(await parse('series', '{"case": "monday", "series": [1, NaN]}\n{"case": 7, "series": [3]}')).toMatchObject({
      series: [Float32Array.of(1, NaN), Float32Array.of(3)],
      ids: ['monday', '7'],
    });
    expect(await parse('images', '{"image": [[1, 2]]}\n')).toMatchObject({ height: 1, width: 2 });
    expect(await parse('tokens', '{"tokens": "[MAX 0 1 ]", "case": "x"}')).toMatchObject({ lengths: [4], ids: ['x'] });
  });

  it.each([
    ['{"series": [1]}\n{"series": [1], "x": 2}', 'input:2: a key was "x"; the keys are case, label and series'],
    ['{"case": "a"}', 'input:1: there is no key series'],
    ['{"series": [1], "case": [1]}', 'input:1: case was [1]; it must be a text or a number'],
    ['{"series": [1], "case": "a"}\n\n{"series": [1]}', 'input:3: the case has no name; others have one'],
    ['{"series": [1]}\n{"series": ["x"]}', 'input: case 2, position 1 was "x"'],
    ['{"series": [1]}\n{"series"', 'input:2: not JSON'],
    ['[1]\n[1e39]', 'float32'],
  ])('says what is wrong with JSON lines: %j', async (text, reason) => {
    await expect(parse('series', text)).rejects.toThrow(reason);
  });

  it('reads JSON of images, with channels', async () => {
    expect(await parse('colours', '[[[[1, 2, 3], [4, 5, 6]]]]')).toEqual({
      kind: 'images',
      images: Float32Array.of(1, 2, 3, 4, 5, 6),
      ...{ height: 1, width: 2, channels: 3, labels: [-1], classNames: ['a', 'b'] },
    });
  });

  it('keeps the classes of the model, in its order, whatever a file says', async () => {
    const text = '@classLabel true b a\n@data\n1,2:a\n3:b\n';
    expect(await parse('series', text)).toMatchObject({ lengths: [2, 1], classNames: ['a', 'b'] });
  });

  it('tells lines of tokens from JSON', async () => {
    const tokens = [Int32Array.of(2, 0, 1, 3), Int32Array.of(1)];
    expect(await parse('tokens', '[MAX 0 1 ]\r\n\n( 1 )\t1\n')).toMatchObject({ tokens, lengths: [4, 1] });
    expect(await parse('tokens', '["[MAX 0 1 ]", ["1"]]')).toMatchObject({ tokens, labels: [-1, -1] });
  });

  it.each([
    ['series', '@classLabel false\n@data\n1,x\n', 'input:3: channel 1, position 2 was'],
    ['series', '?,1,y\n', 'input:1: '],
    ['series', 'label,t0\n?,y\n', "input:2: column 't0' was 'y'"],
    ['series', '[[1, "a"]]', 'input: case 1, position 2 was "a"; it must be a number, or null if missing'],
    ['series', '[[[1, 2]]]', 'input: case 1, position 1 was [1,2]; it must be a list of 1 numbers'],
    ['pairs', '[[1, 2]]', 'input: case 1, position 1 was 1; it must be a list of 2 numbers'],
    ['series', '[]', 'input: the list of cases was []; it must be a list that is not empty'],
    ['series', '[[], [1]]', 'input: case 1 was []; it must be a list that is not empty'],
    ['series', '[[1, 2]', 'input: not JSON'],
    ['images', '[[[1, 2], [3]]]', 'input: case 1, row 2 was [3]; it must be 2 pixels, as the first row'],
    ['images', '\0\0\u0008\u0001\0\0\0\u0001x', 'input: the shape was [1]; it must be [cases, height, width]'],
    ['tokens', '[MAX 1 12 ]', "input:1: a token was '12'; it must be one of 0 1 [MAX ]"],
    ['tokens', '["", "1"]', 'input: case 1 was ""; it must be a string or a list of tokens'],
    ['tokens', '\n', 'input: holds no case; it must hold at least one'],
  ])('says what is wrong (%s, %j)', async (model, text, reason) => {
    await expect(parse(model, text)).rejects.toThrow(reason);
  });
});
