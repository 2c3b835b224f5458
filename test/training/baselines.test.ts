/** Simple rules beside models, against what they are in float64, worked out as they are defined. */
import { beforeAll, describe, expect, it } from 'vitest';
import { channelStatistics, forecastDataset, init, standardize, type TimeSeriesData } from '../../src/index.js';
import { baselinesOf, verdict } from '../../src/training/baselines/baseline.js';
import { forecastBaselines } from '../../src/training/baselines/forecastBaselines.js';
import { lagProducts, timelineOf } from '../../src/training/baselines/lagProducts.js';
import { regressionBaselines } from '../../src/training/baselines/regressionBaselines.js';
import { taskOf } from '../../src/training/tasks/taskOf.js';
import { random } from '../support/random.js';

beforeAll(() => init());

/** Windows of a table, standardised. */
function windowsOf(valueOf: (t: number, channel: number) => number, rows: number, length: number, horizon: number) {
  const channelNames = ['a', 'b'];
  const values = Float32Array.from({ length: rows * 2 }, (_, i) => valueOf(Math.floor(i / 2), i % 2));
  const { train, validation, test } = forecastDataset('x', 'x', { channelNames, values }, { length, horizon });
  const statistics = channelStatistics(train);
  const [own, held, unseen] = [train, validation!, test].map((part) => standardize(part, statistics));
  return { train: own, validation: held, test: unseen };
}

const noise = random('baselines').normals(4000);

describe('lagProducts', () => {
  it('are the sums over all windows', () => {
    const { train } = windowsOf((t, c) => noise[2 * t + c], 200, 5, 3);
    const timeline = timelineOf(train);
    const { products, sums, count } = lagProducts(timeline, 8, 5);
    const windows = timeline.positions - 7;
    expect(count).toBe(2 * windows);
    const sumOf = (value: (x: Float64Array, t: number) => number) =>
      timeline.channels.reduce((total, x) => {
        for (let t = 0; t < windows; t++) total += value(x, t);
        return total;
      }, 0);
    for (let i = 0; i < 5; i++) {
      for (let j = 0; j < 8; j++)
        expect(products[i][j]).toBeCloseTo(
          sumOf((x, t) => x[t + i] * x[t + j]),
          8,
        );
    }
    for (let j = 0; j < 8; j++)
      expect(sums[j]).toBeCloseTo(
        sumOf((x, t) => x[t + j]),
        8,
      );
  });
});

describe('forecastBaselines', () => {
  it('find the period, and repeat the last one', () => {
    const { train, validation, test } = windowsOf((t, c) => Math.sin((2 * Math.PI * t) / 7 + c), 300, 20, 9);
    const [naive] = forecastBaselines(train, validation, test);
    expect(naive.name).toMatch(/^seasonal naive, period (7|14)$/);
    naive.outputs.forEach((row, index) =>
      row.forEach((value, i) => expect(value).toBeCloseTo(test.futures![index][i], 4)),
    );
  });

  it('take the last value where nothing repeats', () => {
    let level = 0;
    const walk = Array.from(noise, (step) => (level += step));
    const { train, validation, test } = windowsOf((t, c) => walk[2 * t + c] / 9, 600, 12, 1);
    expect(forecastBaselines(train, validation, test)[0].name).toBe('seasonal naive, period 1');
  });

  it('find a linear rule', () => {
    // x[t] = 1.6 x[t-1] - 0.9 x[t-2] + noise: the best forecast of one step is known.
    const channels = [0, 1].map((c) => {
      const x = [0, 0];
      for (let t = 2; t < 1500; t++) x.push(1.6 * x[t - 1] - 0.9 * x[t - 2] + 0.1 * noise[(2 * t + c) % 4000] + 0.5);
      return x;
    });
    const { train, validation, test } = windowsOf((t, c) => channels[c][t], 1500, 6, 1);
    const { series, futures } = test;
    const [, linear] = forecastBaselines(train, validation, test);
    const statistics = channelStatistics(train);
    expect(statistics.deviation[0]).toBeCloseTo(1, 5);
    let [own, known] = [0, 0];
    series.forEach((values, index) => {
      for (const c of [0, 1]) {
        // Standardised, the rule has the same factors, and a constant of its own: that of the mean, which is 0.
        const ideal = 1.6 * values[10 + c] - 0.9 * values[8 + c];
        own += (linear.outputs[index][c] - futures![index][c]) ** 2;
        known += (ideal - futures![index][c]) ** 2;
      }
    });
    expect(own).toBeLessThan(1.05 * known);
    expect(own).toBeGreaterThan(0.9 * known);
  });
});

describe('regressionBaselines', () => {
  const part = (cases: number[][], targets: number[]): TimeSeriesData => ({
    ...{ kind: 'series', channels: 1, targets, targetStatistics: { mean: 10, deviation: 2 }, classNames: [] },
    series: cases.map((values) => Float32Array.from(values)),
    lengths: cases.map(({ length }) => length),
    labels: cases.map(() => -1),
  });

  it('are the mean, and the number of the nearest case, of any length', () => {
    const train = part(
      [
        [0, 0, 0],
        [1, 1],
        [5, 5, 5, 5],
      ],
      [10, 20, 60],
    );
    const test = part([[1, 0.9, 0.1], [4, 5, 6, 5], [0.1]], [19, 50, 9]);
    const [mean, nearest] = regressionBaselines(train, test);
    expect(mean).toEqual({ name: 'mean', outputs: [[10], [10], [10]] }); // (30 - 10) / 2
    expect(nearest.outputs).toEqual([[5], [25], [0]]);
    const [, found] = baselinesOf(taskOf('test', train), { train, test });
    expect(found).toMatchObject({ name: 'nearest neighbour', mae: 4 });
  });
});

describe('verdict', () => {
  it('says who does best, and does not flatter', () => {
    const rules = [
      { name: 'naive', mse: 0.5, mae: 0.5 },
      { name: 'linear', mse: 0.4, mae: 0.4 },
    ];
    const of = (mse: number) => verdict(['mse', 'mae'], { name: 'The model', mse, mae: 1 }, rules);
    expect(of(0.3)).toBe("The model does better than every simple rule: MSE 0.3000 against MSE 0.4000 of 'linear'.");
    expect(of(0.45)).toBe("The model does not do better than 'linear': MSE 0.4500 against MSE 0.4000.");
    expect(of(0.4)).toContain('does not do better');
  });
});
