import { describe, expect, it } from 'vitest';
import { parseTimeSeries } from '../../../src/data/formats/parseTimeSeries.js';
import { uniform } from '../../../src/random.js';

const header = ['@problemName Toy', '@timeStamps false', '@univariate false', '@dimensions 2', '@classLabel true a b'];
const file = (...cases: string[]) => [...header, '@data', ...cases].join('\n');

describe('parseTimeSeries', () => {
  it('reads channels in time-major order, with lengths that differ', () => {
    const data = parseTimeSeries(file('1,2,3:4,5,6:b', '-7.5:8e-1:a'), 'toy.ts');
    expect(data.channels).toBe(2);
    expect(data.lengths).toEqual([3, 1]);
    expect(data.series.map((values) => Array.from(values))).toEqual([
      [1, 4, 2, 5, 3, 6],
      [-7.5, Math.fround(0.8)],
    ]);
    expect(data.labels).toEqual([1, 0]);
    expect(data.classNames).toEqual(['a', 'b']);
  });

  it('reads univariate data, comments, blank lines, a byte-order mark and CRLF', () => {
    const text =
      '\uFEFF# a comment\r\n% another\r\n\r\n@UNIVARIATE true\r\n@classLabel true 1.0 2.0\r\n@data\r\n1, 2 :2.0\r\n\r\n';
    const data = parseTimeSeries(text, 'toy.ts');
    expect(data).toEqual({
      kind: 'series',
      series: [Float32Array.of(1, 2)],
      lengths: [2],
      channels: 1,
      labels: [1],
      classNames: ['1.0', '2.0'],
    });
  });

  it('takes the number of channels from the first case if the header does not say', () => {
    expect(parseTimeSeries('@classLabel true a\n@data\n1:2:3:a', 'toy.ts').channels).toBe(3);
  });

  it('gives NaN for missing values', () => {
    expect(Array.from(parseTimeSeries(file('?,1:NaN,2:a'), 'toy.ts').series[0])).toEqual([NaN, NaN, 1, 2]);
    const univariate = parseTimeSeries('@univariate true\n@classLabel true a\n@data\n?,1, nan , ?:a\n?:a', 'toy.ts');
    expect(univariate.series.map((values) => Array.from(values))).toEqual([[NaN, 1, NaN, NaN], [NaN]]);
  });

  describe("with labels: 'optional'", () => {
    const read = (text: string) => parseTimeSeries(text, 'toy.ts', { labels: 'optional' });

    it('gives -1 for a label that is ? or nothing', () => {
      const { labels, classNames } = read(file('1:2:?', '1:2:b', '1:2:'));
      expect({ labels, classNames }).toEqual({ labels: [-1, 1, -1], classNames: ['a', 'b'] });
    });

    it.each(['@dimensions 2', '@classLabel false', ''])('reads files without labels (%j)', (tag) => {
      expect(read(`${tag}\n@data\n1,2:3,4\n5:6`)).toEqual({
        kind: 'series',
        series: [Float32Array.of(1, 3, 2, 4), Float32Array.of(5, 6)],
        lengths: [2, 1],
        channels: 2,
        labels: [-1, -1],
        classNames: [],
      });
      expect(read('@univariate true\n@data\n1,2').channels).toBe(1);
    });

    it('still refuses labels that no class has, and channels that do not fit', () => {
      expect(() => read(file('1:2:c'))).toThrow("toy.ts:7: the label was 'c'; it must be one of a, b");
      expect(() => read('@dimensions 2\n@data\n1:2:a')).toThrow('toy.ts:3: the case has 3 channels; it must have 2');
    });
  });

  it.each([
    ['a word for a number', file('1,x:3,4:a'), 7, "channel 1, position 2 was 'x'"],
    ['hexadecimal', file('0x10:1:a'), 7, "channel 1, position 1 was '0x10'"],
    ['an empty value', file('1:1:a', '1,:2,3:a'), 8, "channel 1, position 2 was ''"],
    ['an empty channel', file('1::a'), 7, "channel 2, position 1 was ''"],
    ['channels of different lengths', file('1,2:3:a'), 7, 'channel 2 has 1 values; it must have 2'],
    ['too few channels', file('1,2:a'), 7, 'has 1 channels; it must have 2'],
    ['too many channels', file('1:2:3:a'), 7, 'has 3 channels; it must have 2'],
    ['no label', file('1,2'), 7, 'no colon'],
    ['an unknown label', file('1:2:c'), 7, "the label was 'c'; it must be one of a, b"],
    [
      'unequal lengths where equal ones are promised',
      `@equalLength true\n${file('1:2:a', '1,2:3,4:a')}`,
      9,
      'asks for 1',
    ],
    ['another length than promised', `@equalLength true\n@seriesLength 3\n${file('1:2:a')}`, 9, 'asks for 3'],
    ['a bad flag', '@univariate yes\n@data', 1, "@univariate was 'yes'"],
    ['a bad count', '@dimensions 0\n@data', 1, "@dimensions was '0'"],
    ['contradicting tags', `@univariate true\n@dimensions 2\n@classLabel true a\n@data\n1:a`, 4, '@univariate is true'],
    ['time stamps', '@timeStamps true', 1, '@timeStamps is true'],
    ['a target that is no number', '@targetLabel true\n@data\n1,2:low', 3, "the target was 'low'; it must be a number"],
    ['a missing target', '@targetLabel true\n@data\n1,2:?', 3, "the target was '?'"],
    ['classes and targets', '@targetLabel true\n@classLabel true a\n@data\n1:a', 3, 'are both true; one must be'],
    ['a missing label', file('1:2:?'), 7, "the label was '?'"],
    ['no classes', '@classLabel false\n@data', 2, '@classLabel is false'],
    ['a class named twice', '@classLabel true a a\n@data', 1, 'names a class twice'],
    ['@data before @classLabel', '@univariate true\n@data\n1:a', 2, '@data stands before @classLabel'],
    ['a case before @data', '@classLabel true a\n1,2:a', 2, '@data has not come yet'],
    ['no @data', '@classLabel true a', 1, 'ends without @data'],
    ['no case', file(), 6, 'ends without a case'],
  ])('names file, line and reason for %s', (_, text, line, reason) => {
    const read = () => parseTimeSeries(text, 'folder/toy.ts');
    expect(read).toThrow(`folder/toy.ts:${line}: `);
    expect(read).toThrow(reason);
  });

  it('names file and line whatever is done to a file', () => {
    const text = file('1,2:3,4:b', '?,6:7,8:a', '5:6:a');
    const next = uniform(1);
    const below = (count: number) => Math.floor(next() * count);
    let refused = 0;
    for (let round = 0; round < 5000; round++) {
      const at = below(text.length);
      const inserted = Array.from({ length: below(3) }, () => '@#:,?\n\r -.1ea'[below(14)]).join('');
      const mutant = text.slice(0, at) + inserted + text.slice(at + below(4));
      try {
        const { series, lengths, channels, labels, classNames } = parseTimeSeries(mutant, 'toy.ts');
        expect(series.map(({ length }) => length)).toEqual(lengths.map((length) => length * channels));
        expect(labels.every((label) => label >= 0 && label < classNames.length)).toBe(true);
      } catch (error) {
        expect((error as Error).message).toMatch(/^toy\.ts:\d+: ./);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(1000);
    expect(refused).toBeLessThan(4500);
  });
});

describe('numbers to learn', () => {
  const text = '@univariate true\n@targetLabel true\n@data\n1,2:0.5\n3:-1e3\n';

  it('are the targets of the cases, and there are no classes', () => {
    const { targets, labels, classNames, lengths } = parseTimeSeries(text, 'x.ts');
    expect({ targets, labels, classNames, lengths }).toEqual({
      ...{ targets: [0.5, -1000], labels: [-1, -1], classNames: [], lengths: [2, 1] },
    });
  });

  it('may be missing in cases to predict', () => {
    expect(parseTimeSeries(`${text}4:?`, 'x.ts', { labels: 'optional' }).targets).toEqual([0.5, -1000, NaN]);
  });
});
