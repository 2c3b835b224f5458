import { describe, expect, it } from 'vitest';
import { caseCount } from '../../src/data/caseCount.js';
import { byKind } from '../../src/data/kinds/byKind.js';
import { traitsOf } from '../../src/data/kinds/traitsOf.js';
import { kindOf, type LabelledData, type LabelledImages, type LabelledTokens } from '../../src/data/labelledData.js';
import { subset } from '../../src/data/split.js';
import type { TimeSeriesData } from '../../src/data/timeSeries.js';

const classes = { labels: [1, 0], classNames: ['a', 'b'] };
const series: TimeSeriesData = {
  ...classes,
  ...{ series: [Float32Array.of(1, 2, 3, 4), Float32Array.of(5, 6)], lengths: [2, 1], channels: 2 },
};
const images: LabelledImages = {
  ...classes,
  images: Uint8Array.from({ length: 12 }),
  height: 1,
  width: 2,
  channels: 3,
};
const tokens: LabelledTokens = {
  ...classes,
  ...{ tokens: [Int32Array.of(1), Int32Array.of(0, 1, 1)], lengths: [1, 3], vocabulary: ['x', 'y'] },
};

describe('kindOf', () => {
  it('takes the word of the data, else the field of its cases', () => {
    expect([series, images, tokens].map(kindOf)).toEqual(['series', 'images', 'tokens']);
    expect(kindOf({ ...series, kind: 'series' })).toBe('series');
  });

  it('says what is missing', () => {
    expect(() => kindOf(classes as unknown as LabelledData)).toThrow(
      'the data had the fields labels, classNames; one must be series, images, tokens',
    );
  });
});

describe('the kinds', () => {
  it('say what a model and a file have to know of the cases', () => {
    expect(traitsOf(series).inputShapes(series)).toEqual([[null, 2], [1]]);
    expect(traitsOf(images).inputShapes(images)).toEqual([[1, 2, 3]]);
    expect(traitsOf(tokens).inputShapes(tokens)).toEqual([[null], [1]]);
    expect([series, images, tokens].map((data) => traitsOf<LabelledData>(data).lengths(data))).toEqual([
      [2, 1],
      undefined,
      [1, 3],
    ]);
    expect([series, images, tokens].map((data) => traitsOf<LabelledData>(data).facts(data))).toEqual([
      { channels: '2' },
      { 'image size': '1 x 2 x 3' },
      { vocabulary: 'x y' },
    ]);
    expect([series, images, tokens].map((data) => traitsOf<LabelledData>(data).metadata(data))).toEqual([
      {},
      {},
      { vocabulary: ['x', 'y'] },
    ]);
  });

  it('count their cases, whatever the labels', () => {
    expect([series, images, tokens].map((data) => caseCount({ ...data, labels: [] }))).toEqual([2, 2, 2]);
  });

  it('stay what they were when cases are taken', () => {
    expect(subset({ ...series, kind: 'series' }, [1]).kind).toBe('series');
    expect(subset(series, [1])).not.toHaveProperty('kind');
  });

  it('are told apart by byKind', () => {
    const size = (data: LabelledData) =>
      byKind(data, {
        series: ({ channels }) => channels,
        images: ({ width }) => width,
        tokens: ({ vocabulary }) => vocabulary.length,
      });
    expect([series, images, tokens].map(size)).toEqual([2, 2, 2]);
  });
});
