import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Dataset } from '../../src/data/labelledData.js';
import { parseTimeSeries } from '../../src/data/formats/parseTimeSeries.js';
import { standardize } from '../../src/data/standardize.js';
import type { TimeSeriesData } from '../../src/data/timeSeries.js';
import { modelFor } from '../../src/experiments/modelFor.js';
import { sizeDefaults } from '../../src/experiments/classifierSizes.js';
import { fingerprint } from '../../src/experiments/fingerprint.js';
import type { RunConfig } from '../../src/experiments/runConfig.js';
import { type RunProgress, trainRun } from '../../src/experiments/trainRun.js';
import { init } from '../../src/ops/init.js';
import { evaluate } from '../../src/training/evaluate.js';
import { isBetter } from '../../src/training/isBetter.js';
import { load } from '../../src/training/load.js';
import { getMetadata } from '../../src/training/metadata.js';
import { slopesFile } from '../support/commandLine.js';
import { temporaryFolder } from '../support/temporaryFolder.js';

const slopes = (cases: number): TimeSeriesData => parseTimeSeries(slopesFile(cases), 'slopes');
const dataset: Dataset<TimeSeriesData> = { name: 'Slopes', train: slopes(40), test: slopes(21) };
const sizes = { width: 8, feedForward: 8, heads: 2, layers: 1, dropout: 0.1 };
const config: RunConfig = {
  ...{ data: 'Slopes', fingerprint: '', version: '1.0.0', form: 'bn+sh', seed: 1, ...sizes },
  ...{ epochs: 5, batchSize: 8, learningRate: 0.02, schedule: 'constant', validation: 0.25, headCases: 0 },
  task: 'classification',
};
const folder = temporaryFolder();

beforeAll(async () => {
  await init();
});

describe('trainRun', () => {
  it('chooses the epoch without the test part, and saves the model of that epoch', async () => {
    const progress: RunProgress[] = [];
    const path = join(folder, 'chosen');
    const { curves, chosen, test } = await trainRun(dataset, config, path, (step) => void progress.push(step));
    expect(progress.map(({ stage, epoch }) => [stage, epoch])).toEqual(
      ['validation', 'training'].flatMap((stage) => [1, 2, 3, 4, 5].map((epoch) => [stage, epoch])),
    );
    const held = curves.validation!.map(({ evaluation }) => evaluation);
    const first = held.reduce((best, epoch, index) => (isBetter('accuracy', epoch, held[best]) ? index : best), 0);
    expect(chosen).toEqual({ epoch: first + 1, ...held[first] });
    const tested = curves.training.map(({ evaluation }) => evaluation);
    expect(test).toMatchObject({ last: tested[4], validation: tested[chosen!.epoch - 1] });
    expect(test.best.accuracy).toBe(Math.max(...tested.map(({ accuracy }) => accuracy!)));
    // A quarter of 20 cases of each of two classes.
    for (const { accuracy } of held) expect(Math.abs(10 * accuracy! - Math.round(10 * accuracy!))).toBeLessThan(1e-9);

    const model = await load(path);
    const { statistics, ...rest } = getMetadata(model);
    expect(rest).toEqual({ data: 'Slopes', form: 'bn+sh', kind: 'series', classNames: ['up', 'down'] });
    const { accuracy, loss } = evaluate(model, standardize(dataset.test, statistics));
    expect({ accuracy, loss }).toEqual(curves.training[chosen!.epoch - 1].evaluation);
  });

  it('does the same without validation but for the epoch, repeats itself, and frees all it took', async () => {
    const run = (validation: number) => trainRun(dataset, { ...config, validation }, join(folder, 'other'), () => {});
    const first = await run(0.25);
    const before = tf.memory().numTensors;
    const second = await run(0.25);
    const without = await run(0);
    expect(tf.memory().numTensors).toBe(before);
    expect(second).toEqual({ ...first, seconds: second.seconds });
    expect(without.curves).toEqual({ training: first.curves.training, validation: null });
    expect(without.chosen).toBeNull();
    expect(without.test).toEqual({ ...first.test, validation: null });
    const { statistics } = getMetadata(await load(join(folder, 'other')));
    const last = evaluate(await load(join(folder, 'other')), standardize(dataset.test, statistics));
    expect(last.accuracy).toBe(without.test.last.accuracy);
  });
});

describe('modelFor', () => {
  it('makes the classifier that fits both parts, with equal weights for all forms', () => {
    const long = { ...dataset, test: slopes(2) };
    long.test.series[0] = new Float32Array(9);
    long.test.lengths[0] = 9;
    const [softmax, bn] = ['softmax', 'window+bn'].map((form) => modelFor(long, form, sizes, 3));
    expect(softmax.inputs[0].shape).toEqual([null, 9, 1]);
    expect(softmax.outputs[0].shape).toEqual([null, 2]);
    const weights = (model: typeof softmax) => model.getWeights().map((weight) => [...weight.dataSync()]);
    expect(weights(softmax)).toEqual(weights(bn));
    expect(JSON.stringify(bn.toJSON(undefined, false))).toContain('"window":[2,2]');
    expect(() => modelFor(dataset, 'bm', sizes, 3)).toThrow("Did you mean 'bn'?");
    expect(() => modelFor(dataset, 'bn', { ...sizes, heads: 3 }, 3)).toThrow('must');
  });
});

describe('modelFor other kinds', () => {
  const classes = { labels: [0, 1], classNames: ['a', 'b'] };

  it('makes vision transformers, whose sequence is the patches', () => {
    const part = { images: new Uint8Array(2 * 8 * 8), height: 8, width: 8, channels: 1, ...classes };
    const images = { name: 'Images', train: part, test: part };
    const model = modelFor(images, 'window', { layers: 1 }, 3);
    expect(model.inputs.map(({ shape }) => shape)).toEqual([[null, 8, 8, 1]]);
    // 2 x 2 patches of 4 x 4 pixels, or 4 x 4 of 2 x 2: a window of an eighth.
    expect(JSON.stringify(model.toJSON(undefined, false))).toContain('"window":[1,1]');
    const fine = modelFor(images, 'window', { layers: 1, patchSize: 2 }, 3);
    expect(JSON.stringify(fine.toJSON(undefined, false))).toContain('"window":[2,2]');
  });

  it('makes token classifiers, with a vocabulary', () => {
    const part = { tokens: [Int32Array.of(0, 2), Int32Array.of(1)], lengths: [2, 1], vocabulary: ['x', 'y', 'z'] };
    const tokens = { name: 'Tokens', train: { ...part, ...classes }, test: { ...part, ...classes } };
    const model = modelFor(tokens, 'linear+bn', {}, 3);
    expect(model.inputs.map(({ shape }) => shape)).toEqual([
      [null, 2],
      [null, 1],
    ]);
    expect(JSON.stringify(model.toJSON(undefined, false))).toContain('"kernel":"linear"');
    expect(model.getLayer('embedding').getWeights()[0].shape).toEqual([3, sizeDefaults.tokens.width]);
  });
});

describe('fingerprint', () => {
  it('differs where anything of the data does', () => {
    const own = fingerprint(dataset);
    expect(own).toMatch(/^[0-9a-f]{16}$/);
    expect(fingerprint({ ...dataset, name: 'Other' })).toBe(own);
    const { train } = dataset;
    const change = (other: Partial<TimeSeriesData>) => fingerprint({ ...dataset, train: { ...train, ...other } });
    expect(change({ labels: train.labels.map((label) => 1 - label) })).not.toBe(own);
    expect(change({ series: train.series.map((values) => values.map((value) => value + 1)) })).not.toBe(own);
    expect(change({ classNames: ['down', 'up'] })).not.toBe(own);
    const joined = Float32Array.from([...train.series[0], ...train.series[1]]);
    expect(change({ series: [joined, new Float32Array(0), ...train.series.slice(2)] })).not.toBe(own);
  });
});
