import { describe, expect, it } from 'vitest';
import { batches } from '../../src/data/batches.js';
import { channelStatistics, standardize } from '../../src/data/standardize.js';
import type { TimeSeriesData } from '../../src/data/timeSeries.js';

const data: TimeSeriesData = {
  series: [Float32Array.of(1, 5, 3, 5), Float32Array.of(5, 5), Float32Array.of(NaN, 5, 7, 5)],
  lengths: [2, 1, 2],
  channels: 2,
  labels: [0, 1, 1],
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

  it('refuses a channel without a value, and statistics of another width', () => {
    const empty = { ...data, series: [Float32Array.of(NaN, 1)] };
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

  it('refuses a series that is longer', () => {
    expect(() => [...batches(data, { length: 1, batchSize: 4 })]).toThrow(
      'case 0 has 2 positions; it must have at most 1',
    );
  });
});
