// Functions of data that is not standardised yet: NaN is a missing value, what is not whole is refused.

import { describe, expect, it } from 'vitest';
import { batches } from '../../src/data/batches.js';
import { channelStatistics } from '../../src/data/channelStatistics.js';
import type { Cases, LabelledImages, LabelledTokens } from '../../src/data/labelledData.js';
import { stratifiedSplit, subset } from '../../src/data/split.js';
import { standardize } from '../../src/data/standardize.js';
import type { TimeSeriesData } from '../../src/data/timeSeries.js';

const classes = { labels: [0, 0, 1, 1], classNames: ['a', 'b'] };
const series: TimeSeriesData = {
  series: [1, 2, 3, 4].map((x) => Float32Array.of(x, NaN, x * x, -x)),
  ...{ lengths: [2, 2, 2, 2], channels: 2 },
  ...classes,
};
const tokens: LabelledTokens = {
  tokens: [0, 1, 2, 0].map((x) => Int32Array.of(x)),
  ...{ lengths: [1, 1, 1, 1], vocabulary: ['x', 'y', 'z'] },
  ...classes,
};
const images: LabelledImages = {
  images: Uint8Array.from({ length: 16 }, (_, i) => i),
  ...{ height: 1, width: 2, channels: 2 },
  ...classes,
};
const statistics = { mean: [0, 0], deviation: [1, 1] };

const uses: Record<string, (data: never) => unknown> = {
  batches: (data) => [...batches(data, { batchSize: 2 })],
  channelStatistics,
  standardize: (data: Cases) => standardize(data, 'tokens' in data ? null : statistics),
  subset: (data) => subset(data, [1]),
  stratifiedSplit: (data) => stratifiedSplit(data, 0.5, 1),
};

const wrong: [object, string][] = [
  [{ ...series, channels: 3 }, 'series of case 1 held 4 numbers; they must be 6, for 2 positions of 3 channels'],
  [{ ...series, lengths: [2, 2, 3, 2] }, 'series of case 3 held 4 numbers; they must be 6'],
  [{ ...series, lengths: [2, 1.5, 2, 2] }, 'the length of case 2 was 1.5; it must be an integer, 0 or more'],
  [{ ...series, lengths: [2] }, 'lengths was an array of 1; it must be an array of 4 integers'],
  [{ ...series, series: 5 }, 'series was 5; it must be an array that holds an array for each case'],
  [{ ...series, channels: 0.5 }, 'channels was 0.5; it must be an integer, 1 or more'],
  [{ ...tokens, tokens: [...tokens.tokens.slice(0, 3), [3]] }, 'the token of case 4 at position 1 was 3'],
  [{ ...tokens, vocabulary: 'xyz' }, "vocabulary was 'xyz'; it must hold one or more names"],
  [{ ...images, channels: 3 }, 'images held 16 numbers; they must be a multiple of 6'],
  [{ ...images, height: -1 }, 'height was -1; it must be an integer, 1 or more'],
  [{ labels: [], classNames: [] }, 'the data had the fields labels, classNames; one must be series, images, tokens'],
  [{ ...series, kind: 'text' }, "kind was 'text'; it must be 'series' or 'images' or 'tokens'"],
];

describe.each(Object.entries(uses))('%s', (name, use) => {
  it.each(wrong)('refuses %j', (data, message) => {
    expect(() => use(data as never)).toThrow(`${name}: ${message}`);
  });

  it('takes whole data, with missing values', () => {
    for (const data of [series, tokens, images]) expect(() => use(data as never)).not.toThrow();
  });
});

it('labels may be missing, but not where a split needs them', () => {
  const { series: values, lengths, channels } = series;
  const cases = { series: values, lengths, channels };
  expect(subset(cases, [3, 1])).toEqual({ series: [values[3], values[1]], lengths: [2, 2], channels: 2 });
  expect(standardize(cases, statistics)).not.toHaveProperty('labels');
  expect([...batches(cases, { batchSize: 3 })].map(({ labels }) => [...labels])).toEqual([[-1, -1, -1], [-1]]);
  expect(() => stratifiedSplit({ ...series, labels: [0, 0, 1, -1] }, 0.5, 1)).toThrow(
    'stratifiedSplit: the label of case 4 was -1, which stands for none',
  );
  expect(() => subset({ ...series, labels: [0] }, [0])).toThrow('subset: the data had 1 labels; they must be 4');
});

it('a number that is not finite, or does not stay so, is named', () => {
  const broken = { ...series, series: [...series.series.slice(0, 3), Float32Array.of(0, 0, -Infinity, 0)] };
  for (const name of ['channelStatistics', 'standardize']) {
    expect(() => uses[name](broken as never)).toThrow(
      `${name}: case 4 was -Infinity at position 2, channel 1; it must be finite, or NaN where it is missing`,
    );
  }
  expect(() => standardize(series, { mean: [0, 0], deviation: [1e-38, 1] })).toThrow(
    'standardize: case 2 was Infinity at position 2, channel 1; it must be finite',
  );
  for (const [bad, message] of [
    [{ mean: [0, NaN], deviation: [1, 1] }, 'statistics.mean[1] was NaN; it must be a finite number'],
    [{ mean: [0, 0], deviation: [0, 1] }, 'statistics.deviation[0] was 0; it must be above 0'],
    [{ mean: [0, 0] }, 'statistics had 0 channels; they must have 2'],
    [{}, 'statistics had 0 channels; they must have 2'],
  ] as const) {
    expect(() => standardize(series, bad as never)).toThrow(`standardize: ${message}`);
  }
});

it.each([
  [{ batchSize: 0 }, 'batchSize was 0; it must be an integer, 1 or more'],
  [{ batchSize: NaN }, 'batchSize was NaN'],
  [{ batchSize: 1.5 }, 'batchSize was 1.5'],
  [{ batchSize: 2, length: 0 }, 'length was 0; it must be an integer, 1 or more'],
  [{ batchSize: 2, order: [0, 4] }, 'order[1] was 4; it must be an integer from 0 to 3, the index of a case'],
  [{ batchSize: 2, order: 3 }, 'order was 3; it must be an array of indices of cases'],
  [
    { batch_size: 2 },
    "unknown option 'batch_size'; the options are batchSize, order, length. Did you mean 'batchSize'?",
  ],
])('batches with %j: %s', (options, message) => {
  expect(() => batches(series, options as never)).toThrow(`batches: ${message}`);
});

it.each([
  [0.5, 1.5, 'seed was 1.5; it must be an integer'],
  ['0.5', 1, "fraction was '0.5'; it must be above 0 and below 1"],
])('stratifiedSplit with %j, %j: %s', (fraction, seed, message) => {
  expect(() => stratifiedSplit(series, fraction as number, seed)).toThrow(`stratifiedSplit: ${message}`);
});
