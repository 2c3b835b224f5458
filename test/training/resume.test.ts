import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { init } from '../../src/ops/init.js';
import { evaluate } from '../../src/training/evaluate.js';
import { fit } from '../../src/training/fit.js';
import type { FitOptions } from '../../src/training/fitOptions.js';
import { load } from '../../src/training/load.js';
import type { Progress } from '../../src/training/progress.js';
import { rAdam } from '../../src/training/rAdam.js';
import { makeClassifier, slopes, weightsOf } from './slopes.js';
import { temporaryFolder } from '../support/temporaryFolder.js';

const folder = temporaryFolder();

beforeAll(async () => {
  await init();
});

const data = slopes(20, 1);
const validation = slopes(9, 2);
const base: FitOptions = { epochs: 6, batchSize: 8, seed: 5, learningRate: 0.01, validation };

/** What does not depend on the clock. */
const figures = (history: Progress[]) => history.map((epoch) => ({ ...epoch, seconds: 0, samplesPerSecond: 0 }));
const lines = async (path: string) =>
  (await readFile(join(path, 'metrics.jsonl'), 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Progress);

/** The bytes of a checkpoint: weights, running statistics, step count and moments. */
async function bytesOf(path: string): Promise<Buffer> {
  const [name] = (await readdir(path)).filter((file) => file.endsWith('.bin'));
  return readFile(join(path, name));
}

/** A run that is ended after a batch of an epoch. */
async function interrupted(path: string, options: FitOptions, epoch: number, batch: number): Promise<Progress[]> {
  const controller = new AbortController();
  const onBatchEnd = (progress: Progress) => {
    if (progress.epoch === epoch && progress.batch === batch) controller.abort();
  };
  return fit(makeClassifier(), data, { ...options, folder: path, signal: controller.signal, onBatchEnd });
}

describe('fit with resume', () => {
  const kinds: [string, FitOptions][] = [
    ['rAdam', {}],
    ['adamW, warm-up, balanced', { optimizer: 'adamW', warmupEpochs: 2, classWeights: 'balanced' }],
    ['sgd, step', { optimizer: 'sgd', schedule: 'step', labelSmoothing: 0.1 }],
  ];

  it.each(kinds)('goes on bit for bit, from any batch (%s)', async (name, options) => {
    const [whole, parts] = [join(folder, `${name} whole`), join(folder, `${name} parts`)];
    const model = makeClassifier();
    const history = await fit(model, data, { ...base, ...options, folder: whole });

    expect((await interrupted(parts, { ...base, ...options }, 3, 3)).length).toBe(3);
    expect((await interrupted(parts, { ...base, ...options, resume: true }, 4, 2)).length).toBe(3);
    expect((await lines(parts)).length).toBe(3);
    // The weights that the model has do not matter.
    const resumed = makeClassifier(9);
    const found = await fit(resumed, data, { ...base, ...options, folder: parts, resume: true });
    expect(figures(found)).toEqual(figures(history));
    expect(weightsOf(resumed)).toEqual(weightsOf(model));
    for (const checkpoint of ['checkpoints/last', 'checkpoints/best']) {
      expect(await bytesOf(join(parts, checkpoint)), checkpoint).toEqual(await bytesOf(join(whole, checkpoint)));
    }
    expect(figures(await lines(parts))).toEqual(figures(history));
    expect(await readFile(join(parts, 'config.json'))).toEqual(await readFile(join(whole, 'config.json')));
  });

  it("goes on with the caller's optimizer, and with the seed that it drew", async () => {
    const [whole, parts] = [join(folder, 'own whole'), join(folder, 'own parts')];
    const { learningRate, ...options } = base;
    const optimizer = () => rAdam({ learningRate });
    await interrupted(parts, { ...options, seed: undefined, optimizer: optimizer() }, 2, 1);
    const resumed = makeClassifier();
    await fit(resumed, data, { ...options, seed: undefined, optimizer: optimizer(), folder: parts, resume: true });
    const { seed } = JSON.parse(await readFile(join(parts, 'config.json'), 'utf8')) as { seed: number };
    const model = makeClassifier();
    await fit(model, data, { ...options, seed, optimizer: optimizer(), folder: whole });
    expect(weightsOf(resumed)).toEqual(weightsOf(model));
  });

  it('begins where there is nothing to resume, stays at the end of a run, and lengthens it if asked', async () => {
    const path = join(folder, 'begun');
    const history = await fit(makeClassifier(), data, { ...base, epochs: 2, folder: path, resume: true });
    const again = makeClassifier(3);
    expect(await fit(again, data, { ...base, epochs: 2, folder: path, resume: true })).toEqual(history);
    expect(weightsOf(again)).toEqual(weightsOf(await load(join(path, 'checkpoints/last'))));
    const longer = await fit(makeClassifier(), data, { ...base, epochs: 4, folder: path, resume: true });
    expect(longer.slice(0, 2)).toEqual(history);
    expect(longer.length).toBe(4);
  });

  it('stops at the same epoch, and brings back the same best weights', async () => {
    const options: FitOptions = {
      ...{ ...base, epochs: 40, learningRate: 0.2, schedule: 'constant' },
      ...{ monitor: 'loss', patience: 3, restoreBestWeights: true },
    };
    const [whole, parts] = [join(folder, 'best whole'), join(folder, 'best parts')];
    const model = makeClassifier();
    const history = await fit(model, data, { ...options, folder: whole });
    expect(history.length).toBeLessThan(40);
    await interrupted(parts, options, history.length - 1, 1);
    const resumed = makeClassifier();
    const found = await fit(resumed, data, { ...options, folder: parts, resume: true });
    expect(figures(found)).toEqual(figures(history));
    expect(weightsOf(resumed)).toEqual(weightsOf(model));
    const losses = history.map(({ validation }) => validation!.loss);
    const best = await load(join(whole, 'checkpoints/best'));
    expect(evaluate(best, validation).loss).toBe(Math.min(...losses));
    expect(weightsOf(best)).toEqual(weightsOf(model));
    expect(weightsOf(await load(join(whole, 'checkpoints/last')))).not.toEqual(weightsOf(model));
  });

  it('says what is wrong, and changes nothing then', async () => {
    const path = join(folder, 'wrong');
    await interrupted(path, base, 3, 1);
    const before = await bytesOf(join(path, 'checkpoints/last'));
    const model = makeClassifier();
    const again = (options: FitOptions, cases = data) => fit(model, cases, { ...base, folder: path, ...options });
    await expect(again({})).rejects.toThrow('wrong: holds a run that ended after epoch 2 of 6; resume it, or choose');
    const wrong: [FitOptions, string][] = [
      [{ learningRate: 0.02 }, 'wrong: learningRate was 0.02; it must be 0.01, as when the run began'],
      [{ patience: 2 }, 'wrong: patience was 2; it must be left out, as when the run began'],
      [{ config: { form: 'bn' } }, 'wrong: form was "bn"; it must be left out'],
      [{ epochs: 1 }, 'wrong: epochs was 1; it must be at least 2, the epochs that are done'],
    ];
    for (const [options, message] of wrong) await expect(again({ ...options, resume: true })).rejects.toThrow(message);
    await expect(again({ resume: true }, slopes(22, 1))).rejects.toThrow(
      'the training part has 22 cases; it must have 20',
    );
    await expect(fit(model, data, { ...base, resume: true })).rejects.toThrow('fit: resume was true without folder');
    await expect(fit(model, data, { ...base, folder: '' })).rejects.toThrow("fit: folder was ''; it must be a path");
    expect(await bytesOf(join(path, 'checkpoints/last'))).toEqual(before);
    await rm(join(path, 'config.json'));
    await expect(again({ resume: true })).rejects.toThrow('holds a checkpoint without config.json');
  });
});

describe('the folder of a run', () => {
  it('holds settings, metrics and checkpoints; a run that is complete is replaced, other files stay', async () => {
    const path = join(folder, 'deep', 'run');
    await fit(makeClassifier(), data, { ...base, epochs: 1, folder: path, config: { form: 'softmax' } });
    expect(JSON.parse(await readFile(join(path, 'config.json'), 'utf8'))).toEqual({
      ...{ form: 'softmax', epochs: 1, batchSize: 8, seed: 5, labelSmoothing: 0, monitor: 'accuracy' },
      ...{ restoreBestWeights: false, optimizer: 'rAdam', learningRate: 0.01, schedule: 'cosine', warmupEpochs: 0 },
      clipNorm: 4,
    });
    await writeFile(join(path, 'note.txt'), 'mine');
    const history = await fit(makeClassifier(), data, { ...base, epochs: 2, validation: undefined, folder: path });
    expect(await lines(path)).toEqual(history);
    expect((await readdir(path)).sort()).toEqual([
      ...['SHA256SUMS', 'checkpoints', 'config.json', 'metrics.jsonl', 'note.txt'],
    ]);
    expect((await readdir(join(path, 'checkpoints'))).sort()).toEqual(['last', 'previous']); // nothing is best without validation
  });

  it('keeps the last checkpoint if the next one cannot be written, and the run goes on from it', async () => {
    const [whole, path] = [join(folder, 'full whole'), join(folder, 'full')];
    const model = makeClassifier();
    await fit(model, data, { ...base, folder: whole });
    const blocked = join(path, 'checkpoints/last', `model.json.${process.pid}.tmp`);
    const onBatchEnd = ({ epoch, batch }: Progress) => {
      if (epoch === 3 && batch === 1) blocking = mkdir(blocked); // stands where the file would be written
    };
    let blocking: Promise<unknown> = Promise.resolve();
    await expect(fit(makeClassifier(), data, { ...base, folder: path, onBatchEnd })).rejects.toThrow(
      /full: epoch 3 could not be saved; what was saved before stays: EISDIR/,
    );
    await blocking;
    expect((await lines(path)).length).toBe(2);
    await rm(blocked, { recursive: true });
    const resumed = makeClassifier();
    await fit(resumed, data, { ...base, folder: path, resume: true });
    expect(weightsOf(resumed)).toEqual(weightsOf(model));
  });

  it('mends metrics that a process left half written, or beyond its checkpoint', async () => {
    const path = join(folder, 'metrics');
    await interrupted(path, base, 2, 3);
    const text = await readFile(join(path, 'metrics.jsonl'), 'utf8');
    await writeFile(join(path, 'metrics.jsonl'), `${text}${text}{"epoch": 5, "lo`);
    await interrupted(path, { ...base, resume: true }, 3, 1);
    expect(await readFile(join(path, 'metrics.jsonl'), 'utf8')).toBe(text);
  });

  it('leaves no tensors behind', async () => {
    const model = makeClassifier();
    const run = (name: string, resume = false) =>
      fit(model, data, { ...base, epochs: 2, folder: join(folder, name), resume, restoreBestWeights: true });
    await run('leaks');
    const { numTensors, numDataBuffers } = tf.memory();
    await run('leaks 2');
    await run('leaks', true);
    expect(tf.memory()).toMatchObject({ numTensors, numDataBuffers });
  });
});
