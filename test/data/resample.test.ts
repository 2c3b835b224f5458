import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import * as pa from '../../src/index.js';
import { fitToModel, fittingCases } from '../../src/data/fitToModel.js';
import { loadPredictor } from '../../src/predict/node.js';
import { maxError } from '../support/maxError.js';
import { temporaryFolder } from '../support/temporaryFolder.js';

const folder = temporaryFolder();
const { NaN: gone } = Number;

const series = (...cases: number[][]): pa.TimeSeriesData => ({
  ...{ series: cases.map((values) => Float32Array.from(values)), lengths: cases.map(({ length }) => length) },
  ...{ channels: 1, labels: cases.map((_, i) => i % 2), classNames: ['a', 'b'] },
});

describe('resample', () => {
  it.each<[string, number[], number, number[]]>([
    ['to more', [0, 1, 4], 5, [0, 0.5, 1, 2.5, 4]],
    ['to fewer', [0, 9, 4, 7, 8], 3, [0, 4, 8]],
    ['to the same', [3, 1, 2], 3, [3, 1, 2]],
    ['one position', [3], 4, [3, 3, 3, 3]],
    ['between places', [0, 2, 4], 4, [0, 4 / 3, 8 / 3, 4]],
    ['beside a missing value', [0, gone, 4], 5, [0, gone, gone, gone, 4]],
    ['a missing value that is skipped', [0, gone, 4], 2, [0, 4]],
  ])('%s', (_, values, positions, expected) => {
    const { series: found, lengths, reading } = pa.resample(series(values), positions);
    expect([...found[0]]).toEqual(expected.map(Math.fround));
    expect([lengths, reading]).toEqual([[positions], { resample: positions }]);
  });

  it('keeps channels apart, and all else', () => {
    const data = {
      ...series(),
      series: [Float32Array.of(0, 10, 2, 30)],
      lengths: [2],
      channels: 2,
      labels: [1],
      ids: ['x'],
    };
    const found = pa.resample(data, 3);
    expect([...found.series[0]]).toEqual([0, 10, 1, 20, 2, 30]);
    expect(found).toMatchObject({ labels: [1], classNames: ['a', 'b'], ids: ['x'] });
    expect([...data.series[0]]).toEqual([0, 10, 2, 30]);
  });

  it('is for series, and 2 positions or more', () => {
    expect(() => pa.resample(series([1]), 1)).toThrow('resample: positions was 1; it must be an integer, 2 or more');
    const tokens = { tokens: [Int32Array.of(0)], lengths: [1], vocabulary: ['x'], labels: [0], classNames: ['a'] };
    expect(() => pa.resample(tokens, 3)).toThrow('resample: the cases were tokens; only series');
  });
});

describe('a model of resampled series', () => {
  beforeAll(async () => {
    await pa.init();
    const rows = Array.from({ length: 12 }, (_, i) =>
      [i % 2 ? 'b' : 'a', ...Array.from({ length: 3 + (i % 5) }, (_, t) => (i % 2 ? t : -t) + i / 10)].join(','),
    );
    await writeFile(join(folder, 'cases.csv'), `label,t0,t1,t2,t3,t4,t5,t6\n${rows.join('\n')}\n`);
  });

  it('says the same of cases of any length, in data, in files and in the predict runtime', async () => {
    const path = join(folder, 'cases.csv');
    const { train, test } = await pa.loadDataset(path, { kind: 'series', read: { test: 0.25, resample: 6 } });
    expect([...new Set([...train.lengths, ...test.lengths])]).toEqual([6]);
    const statistics = pa.channelStatistics(train);
    const model = pa.timeSeriesClassifier({
      ...{ channels: 1, length: 6, classes: 2, width: 8, feedForward: 8, heads: 2, layers: 1, seed: 1 },
    });
    pa.setMetadata(model, pa.metadataOf(train, { data: 'x', form: 'softmax', statistics }));
    const kept = pa.getMetadata(model);
    expect(kept.reading).toMatchObject({ resample: 6 });
    expect((await pa.readCsv(path, { resample: 6 })).lengths).toEqual(new Array(12).fill(6));

    const raw = await pa.readCsv(path);
    const fitted = fitToModel('x', raw, fittingCases(kept, 6));
    expect(fitted.series).toEqual(pa.resample(raw, 6).series);
    const expected = pa.predict(model, pa.standardize(fitted, statistics)).flat();
    await pa.save(model, join(folder, 'model'));
    const predictor = await loadPredictor(join(folder, 'model'), { batchSize: 3 });
    expect(predictor.info).toMatchObject({ resampled: true, inputShape: [6, 1] });
    const said = predictor.predict([...raw.series, [[1], [2]]].slice(0, 12));
    expect(
      maxError(
        said.flatMap(({ probabilities }) => [...probabilities]),
        expected,
      ),
    ).toBeLessThan(1e-5);
    expect(() => predictor.predict([new Float32Array(0)])).toThrow('case 1 was 0 positions long; it must be 1 or more');
    expect(() => predictor.predict([[[1], [2], [Infinity], [3], [4], [5], [6], [7], [8]]])).toThrow('position 3');
    predictor.dispose();

    const other = pa.resample(raw, 5);
    expect(() => fitToModel('x', other, fittingCases(kept, 6))).toThrow(
      "x: the series were resampled to 5 positions; they must be resampled to 6, as the model's",
    );
    expect(() => fitToModel('x', other, fittingCases({ ...kept, reading: {} }, 6))).toThrow('they must be as they are');
  });
});
