import { describe, expect, it } from 'vitest';
import { batches } from '../../src/data/batches.js';
import { channelStatistics } from '../../src/data/channelStatistics.js';
import { standardize } from '../../src/data/standardize.js';
import type { LabelledImages, LabelledTokens } from '../../src/data/labelledData.js';
import type { TimeSeriesData } from '../../src/data/timeSeries.js';

const data: TimeSeriesData = {
  series: [Float32Array.of(1, 5, 3, 5), Float32Array.of(5, 5), Float32Array.of(NaN, 5, 7, 5)],
  lengths: [2, 1, 2],
  channels: 2,
  labels: [0, 1, 1],
  classNames: ['a', 'b'],
};

/** Two images of one row of two pixels, two channels. */
const images: LabelledImages = {
  images: Uint8Array.of(0, 7, 2, 7, 4, 7, 6, 7),
  height: 1,
  width: 2,
  channels: 2,
  labels: [1, 0],
  classNames: ['a', 'b'],
};

const tokens: LabelledTokens = {
  tokens: [Int32Array.of(2, 1), Int32Array.of(1)],
  lengths: [2, 1],
  vocabulary: ['x', 'y', 'z'],
  labels: [0, 1],
  classNames: ['a', 'b'],
};

describe('standardize', () => {
  it('takes mean and deviation of each channel, without missing values; a constant channel has deviation 1', () => {
    expect(channelStatistics(data)).toEqual({ mean: [4, 5], deviation: [Math.sqrt(5), 1] });
  });

  it('maps any part with the statistics it is given, missing values to the mean', () => {
    const { series } = standardize(data, { mean: [1, 3], deviation: [2, 4] });
    expect(series.map((values) => Array.from(values))).toEqual([
      [0, 0.5, 1, 0.5],
      [2, 0.5],
      [0, 0.5, 3, 0.5],
    ]);
    expect(data.series[0][0]).toBe(1);
  });

  it('takes statistics of bytes for each channel, and leaves the bytes to be mapped batch by batch', () => {
    const statistics = channelStatistics(images);
    expect(statistics).toEqual({ mean: [3, 7], deviation: [Math.sqrt(5), 1] });
    const mapped = standardize(images, { mean: [3, 5], deviation: [2, 4] });
    expect(mapped.images).toBe(images.images);
    const [{ inputs }] = batches(mapped, { batchSize: 2, order: [1, 0] });
    expect(inputs).toEqual([
      { values: Float32Array.of(0.5, 0.5, 1.5, 0.5, -1.5, 0.5, -0.5, 0.5), shape: [2, 1, 2, 2] },
    ]);
    expect(images.statistics).toBeUndefined();
    expect(() => standardize(mapped, statistics)).toThrow('the images were standardised already');
  });

  it('has nothing to do for tokens', () => {
    expect(channelStatistics(tokens)).toBeNull();
    expect(standardize(tokens, null)).toBe(tokens);
    expect(() => standardize(tokens, { mean: [0], deviation: [1] })).toThrow('given for tokens; they must be null');
    expect(() => standardize(images, null)).toThrow('statistics had 0 channels; they must have 2');
  });

  it('refuses a channel without a value, and statistics of another width', () => {
    const empty = { ...data, series: [Float32Array.of(NaN, 1)], lengths: [1] };
    expect(() => channelStatistics(empty)).toThrow('channel 1 has no value');
    expect(() => standardize(data, { mean: [0], deviation: [1] })).toThrow(
      'statistics had 1 channels; they must have 2',
    );
  });
});

describe('batches', () => {
  it('pads to the length, in the order given; the last batch is smaller', () => {
    const found = [...batches(data, { length: 3, batchSize: 2, order: [1, 0, 1] })];
    expect(found).toEqual([
      {
        size: 2,
        inputs: [
          { values: Float32Array.of(5, 5, 0, 0, 0, 0, 1, 5, 3, 5, 0, 0), shape: [2, 3, 2] },
          { values: Float32Array.of(1, 2), shape: [2, 1] },
        ],
        labels: Float32Array.of(1, 0),
      },
      {
        size: 1,
        inputs: [
          { values: Float32Array.of(5, 5, 0, 0, 0, 0), shape: [1, 3, 2] },
          { values: Float32Array.of(1), shape: [1, 1] },
        ],
        labels: Float32Array.of(1),
      },
    ]);
  });

  it('takes all cases as they stand if no order is given', () => {
    expect([...batches(data, { batchSize: 2 })].flatMap(({ inputs }) => Array.from(inputs[1].values))).toEqual([
      2, 1, 2,
    ]);
  });

  it('takes images as they are, and pads tokens with zeros', () => {
    const [image] = batches(images, { batchSize: 1, order: [1] });
    expect(image).toEqual({
      size: 1,
      inputs: [{ values: Float32Array.of(4, 7, 6, 7), shape: [1, 1, 2, 2] }],
      labels: Float32Array.of(0),
    });
    const [both] = batches(tokens, { batchSize: 2 });
    expect(both.inputs).toEqual([
      { values: Float32Array.of(2, 1, 1, 0), shape: [2, 2] },
      { values: Float32Array.of(2, 1), shape: [2, 1] },
    ]);
  });

  it('refuses a series that is longer', () => {
    expect(() => [...batches(data, { length: 1, batchSize: 4 })]).toThrow(
      'batches: case 1 had 2 positions; it must have at most 1',
    );
  });
});
