import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { channelStatistics } from '../../src/data/channelStatistics.js';
import { forecastParts } from '../../src/data/forecast/forecastSplits.js';
import { forecastDataset } from '../../src/data/forecast/loadForecast.js';
import { parseTimeTable } from '../../src/data/forecast/parseTimeTable.js';
import type { TimeTableOptions } from '../../src/data/forecast/timeTableOptions.js';
import { nextTimes } from '../../src/data/forecast/times.js';
import { standardize } from '../../src/data/standardize.js';
import { InstanceNormalization } from '../../src/layers/instanceNormalization.js';
import { InstanceRestoration } from '../../src/layers/instanceRestoration.js';
import { JoinChannels } from '../../src/layers/joinChannels.js';
import { SeriesPatches } from '../../src/layers/seriesPatches.js';
import { timeSeriesForecaster } from '../../src/models/timeSeriesForecaster.js';
import { init } from '../../src/ops/init.js';
import { evaluate } from '../../src/training/evaluate.js';
import { fit } from '../../src/training/fit.js';
import { predict } from '../../src/training/predict.js';
import { random } from '../support/random.js';

beforeAll(() => init());

const parse = (text: string, options = {}) => parseTimeTable(new TextEncoder().encode(text), 'x.csv', options);

/** Waves of 12 rows a period, a channel each, with noise, about levels 5 and -3. */
function waves(rows: number) {
  const source = random('waves');
  const values = Float32Array.from({ length: 2 * rows }, (_, i) => {
    const [t, c] = [Math.floor(i / 2), i % 2];
    return 5 - 8 * c + (1 + c) * Math.sin((2 * Math.PI * t) / 12 + c) + 0.1 * source.normal();
  });
  return { channelNames: ['a', 'b'], values };
}

describe('parseTimeTable', () => {
  it('reads rows in the order of time, by the names of columns', async () => {
    const table = await parse('date,x,y\n2020-01-01 00:00:00,1,2\n2020-01-01 01:00:00,3,4\n');
    expect(table).toEqual({
      ...{ channelNames: ['x', 'y'], values: Float32Array.of(1, 2, 3, 4), timeColumn: 'date' },
      times: ['2020-01-01 00:00:00', '2020-01-01 01:00:00'],
    });
    const chosen = await parse('when,x,y\n5,1,2\n6,3,4\n', { timeColumn: 'when', columns: ['y'] });
    expect([chosen.channelNames, [...chosen.values]]).toEqual([['y'], [2, 4]]);
  });

  it.each([
    ['a value that is missing', 'x,y\n1,\n', "x.csv:2: column 'y' was missing"],
    ['a value that is said to be missing', 'x,y\n1,2\n?,2\n', "x.csv:3: column 'x' was missing"],
    ['NaN', 'x\n1\nNaN\n', "x.csv:3: column 'x' was missing; a forecast needs all values"],
    ['a text', 'x\n1\ntwo\n', "x.csv:3: column 'x' was 'two'"],
    ['1e39', 'x\n1e39\n', "x.csv:2: column 'x' was '1e39'"],
    ['a hexadecimal number', 'x\n0x10\n', "x.csv:2: column 'x' was '0x10'"],
    [
      'times that fall',
      'time,x\n2,1\n1,1\n',
      "x.csv:3: column 'time' was '1'; it must be later than in the row before, '2'",
    ],
    ['a date of no day', 'date,x\n2020-02-30,1\n', "x.csv:2: column 'date' was '2020-02-30'; it must be a time"],
    ['no names', '1,2\n3,4\n', 'x.csv:1: the first row, 1, 2, can be names'],
    ['numbers in place of names', '1,3\n3,4\n', 'x.csv:1: the first row holds numbers; it must name the columns'],
    ['a column twice', 'x,x\n3,4\n', "x.csv:1: the column 'x' is twice"],
    ['several cases', 'case,x\na,4\na,5\n', "x.csv:1: column 'case' names cases; a table to forecast is one"],
    ['a column without a name', ',x\n0,4\n1,5\n', 'x.csv:1: column 1 has no name: it can be'],
    ['a comma that can be either', 'x;y\n"1,234";2\n', "x.csv:1: the comma in '1,234'"],
    ['too few cells', 'x,y\n1\n', 'x.csv:2: the row has 1 cells; it must have 2'],
  ])('names the line of %s', async (_, text, message) => {
    await expect(parse(text)).rejects.toThrow(message);
  });

  it.each<[string, string, TimeTableOptions?]>([
    ['decimal commas between semicolons', 'date;x;y\n2020-01-01;0,5;2\n2020-01-02;1,5;4\n'],
    ['tabs, and a BOM', '\ufefftime\tx\ty\r\n0:59:58\t0.5\t2\r\n0:59:59\t1.5\t4\r\n'],
    ['a column that is left out', 'time,x,note,y\n1,0.5,a,2\n2,1.5,b,4\n', { ignoreColumns: ['note'] }],
    ['a pandas index', ',x,y\n2020-01-01 00:00:00+01:00,0.5,2\n2020-01-01 01:00:00+01:00,1.5,4\n', { timeColumn: '1' }],
  ])('reads %s', async (_, text, options) => {
    const { channelNames, values, times } = await parse(text, options);
    expect([channelNames, [...values], times?.length]).toEqual([['x', 'y'], [0.5, 2, 1.5, 4], 2]);
  });

  it('says which columns there are', async () => {
    await expect(parse('x\n1\n', { columns: ['z'] })).rejects.toThrow("no column 'z'; its columns are x");
  });
});

describe('nextTimes', () => {
  it('goes on in steps of the same length, in the same form', () => {
    expect(nextTimes(['2020-02-28 23:00', '2020-02-29 00:00'], 2)).toEqual(['2020-02-29 01:00', '2020-02-29 02:00']);
    expect(nextTimes(['2020-02-28', '2020-02-29'], 1)).toEqual(['2020-03-01']);
    expect(nextTimes(['10', '12'], 2)).toEqual(['14', '16']);
    expect(nextTimes(['0.1', '0.2', '0.3'], 2)).toEqual(['0.4', '0.5']);
    expect(nextTimes(['0,5', '1', '1,5'], 2)).toEqual(['2', '2,5']);
    expect(nextTimes(['08:58', '08:59'], 2)).toEqual(['09:00', '09:01']);
    expect(nextTimes(['23:59:58', '23:59:59'], 1)).toEqual(['24:00:00']);
    expect(nextTimes(['2020-03-01T01:00:00+02:00', '2020-03-01T02:00:00+02:00'], 1)).toEqual([
      '2020-03-01T03:00:00+02:00',
    ]);
    expect(nextTimes(['2020-03-01 00:00:00.25', '2020-03-01 00:00:00.50'], 1)).toBe(undefined);
    expect(nextTimes(['2020-01-01', '2020-02-01', '2020-03-01'], 1)).toBe(undefined);
  });
});

describe('forecastDataset', () => {
  it('splits as the literature does', () => {
    expect(forecastParts('x', 101, 'fractions')).toEqual({
      ...{ train: { start: 0, end: 70 }, validation: { start: 70, end: 81 }, test: { start: 81, end: 101 } },
    });
    expect(forecastParts('x', 17420, 'ett-hours').test).toEqual({ start: 11520, end: 14400 });
    expect(() => forecastParts('x.csv', 100, 'ett-minutes')).toThrow(
      'x.csv: the table has 100 rows; it must have 57600',
    );
  });

  it('cuts windows that cross no border but for what they are given', () => {
    const values = Float32Array.from({ length: 100 }, (_, t) => t);
    const table = { channelNames: ['t'], values };
    const { train, validation, test } = forecastDataset('x', 'x', table, { length: 6, horizon: 3 });
    // Rows 0 to 69, 70 to 79 and 80 to 99.
    const ends = (part: typeof train) => [part.futures!.length, part.futures![0][0], part.futures!.at(-1)!.at(-1)];
    expect(ends(train)).toEqual([70 - 6 - 3 + 1, 6, 69]);
    expect(ends(validation!)).toEqual([10 - 3 + 1, 70, 79]);
    expect(ends(test)).toEqual([20 - 3 + 1, 80, 99]);
    expect([...test.series[0]]).toEqual([74, 75, 76, 77, 78, 79]);
  });

  it('is standardised with the rows of the training part, each of them once', () => {
    const table = waves(100);
    const { train, test } = forecastDataset('x', 'x', table, { length: 6, horizon: 3 });
    const { mean, deviation } = channelStatistics(train);
    const column = Array.from({ length: 70 }, (_, t) => table.values[2 * t]);
    const average = column.reduce((a, b) => a + b) / 70;
    expect(mean[0]).toBeCloseTo(average, 12);
    expect(deviation[0]).toBeCloseTo(Math.sqrt(column.reduce((sum, x) => sum + (x - average) ** 2, 0) / 70), 12);
    const scaled = standardize(test, { mean, deviation });
    expect(scaled.futures![4][3]).toBeCloseTo((test.futures![4][3] - mean[1]) / deviation[1], 5);
    expect(scaled.series[5][1]).toBe(scaled.series[4][3]);
    expect(test.futures![4][3]).toBe(table.values[2 * (80 + 4 + 1) + 1]);
  });

  it('says which part is too short', () => {
    const options = { length: 6, horizon: 30 };
    expect(() => forecastDataset('x.csv', 'x', waves(100), options)).toThrow(
      'x.csv: the validation part has 10 rows; it must have at least 30, --horizon',
    );
  });
});

describe('layers', () => {
  const x = () => tf.tensor3d([1, 10, 3, 20, 5, 90, 7, 40], [1, 4, 2]);

  it('normalise each channel of a series, and give level and spread back', () => {
    const normalized = new InstanceNormalization().apply(x()) as tf.Tensor;
    const [mean, deviation] = [4, Math.sqrt((9 + 1 + 1 + 9) / 4 + 1e-5)];
    [1, 3, 5, 7].forEach((value, t) => {
      expect(normalized.dataSync()[2 * t]).toBeCloseTo((value - mean) / deviation, 5);
    });
    const restored = new InstanceRestoration().apply([normalized, x()]) as tf.Tensor;
    [...x().dataSync()].forEach((value, i) => expect(restored.dataSync()[i]).toBeCloseTo(value, 4));
  });

  it('cut series into patches, the last value repeated', () => {
    const own = new SeriesPatches({ patchLength: 3, stride: 2 }).apply(x()) as tf.Tensor;
    expect(own.shape).toEqual([2, 2, 3]);
    expect([...own.dataSync()]).toEqual([1, 3, 5, 5, 7, 7, 10, 20, 90, 90, 40, 40]);
    const all = new SeriesPatches({ patchLength: 3, stride: 2, channelIndependent: false }).apply(x()) as tf.Tensor;
    expect(all.shape).toEqual([1, 2, 6]);
    expect([...all.dataSync()]).toEqual([1, 10, 3, 20, 5, 90, 5, 90, 7, 40, 7, 40]);
    expect(() => new SeriesPatches({ patchLength: 9, stride: 2 }).apply(x())).toThrow(
      'patchLength was 9; it must be at most 6',
    );
  });

  it('put channels together again', () => {
    const joined = new JoinChannels({ channels: 2 }).apply(
      tf.tensor2d([
        [1, 2, 3],
        [10, 20, 30],
      ]),
    ) as tf.Tensor;
    expect(joined.shape).toEqual([1, 3, 2]);
    expect([...joined.dataSync()]).toEqual([1, 10, 2, 20, 3, 30]);
  });
});

describe('forecasting', () => {
  const sizes = {
    channels: 2,
    length: 24,
    horizon: 6,
    width: 16,
    feedForward: 16,
    heads: 2,
    layers: 1,
    dropout: 0,
    seed: 1,
  };

  it.each([true, false])('learns what follows, channels by themselves: %s', async (channelIndependent) => {
    const dataset = forecastDataset('x', 'x', waves(400), { length: 24, horizon: 6 });
    const statistics = channelStatistics(dataset.train);
    const [train, validation, test] = [dataset.train, dataset.validation!, dataset.test].map((part) =>
      standardize(part, statistics),
    );
    const model = timeSeriesForecaster({ ...sizes, patchLength: 8, channelIndependent });
    const history = await fit(model, train, {
      ...{ epochs: 8, batchSize: 32, learningRate: 0.01, seed: 1, validation, restoreBestWeights: true },
    });
    const { mse, mae, steps, channels } = evaluate(model, test as typeof test & { futures: Float32Array[] });
    expect(mse).toBeLessThan(0.1);
    // In float64, from the outputs.
    const errors = predict(model, test).flatMap((row, i) => row.map((output, at) => output - test.futures![i][at]));
    const mean = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0) / numbers.length;
    expect(mse).toBeCloseTo(mean(errors.map((error) => error ** 2)), 12);
    expect(mae).toBeCloseTo(mean(errors.map(Math.abs)), 12);
    expect(mean(steps.map((step) => step.mse))).toBeCloseTo(mse, 12);
    expect(mean(channels.map((channel) => channel.mae))).toBeCloseTo(mae, 12);
    expect(channels[1].mse).toBeCloseTo(mean(errors.filter((_, i) => i % 2 === 1).map((error) => error ** 2)), 12);
    expect(history.every((epoch) => epoch.validation!.mse === epoch.validation!.loss)).toBe(true);
    model.dispose();
  });

  it('follows the level of a series', () => {
    const model = timeSeriesForecaster(sizes);
    const series = Float32Array.from({ length: 48 }, (_, i) => Math.sin(i));
    const higher = series.map((value, i) => 2 * value + (i % 2 === 0 ? 100 : 0));
    const data = { series: [series, higher], lengths: [24, 24], channels: 2 };
    const [low, high] = predict(model, data);
    low.forEach((value, at) => expect(high[at]).toBeCloseTo(2 * value + (at % 2 === 0 ? 100 : 0), 3));
    model.dispose();
  });

  it('takes series of its length only', () => {
    const model = timeSeriesForecaster(sizes);
    const data = { series: [new Float32Array(20)], lengths: [10], channels: 2 };
    expect(() => predict(model, data)).toThrow(
      'case 1 had 10 positions; it must have 24, as the model takes no lengths',
    );
    expect(() => timeSeriesForecaster({ ...sizes, patchLength: 30 })).toThrow(
      'patchLength was 30; it must be at most length, 24',
    );
    model.dispose();
  });
});
