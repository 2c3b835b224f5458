import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { init } from '../../src/ops/init.js';
import { crossEntropy } from '../../src/training/crossEntropy.js';
import { evaluate } from '../../src/training/evaluate.js';
import { fit } from '../../src/training/fit.js';
import { load } from '../../src/training/load.js';
import { getMetadata, setMetadata } from '../../src/training/metadata.js';
import type { Progress } from '../../src/training/progress.js';
import { rAdam } from '../../src/training/rAdam.js';
import { save } from '../../src/training/save.js';
import { makeClassifier as make, slopes, weightsOf as values } from './slopes.js';
import { temporaryFolder } from '../support/temporaryFolder.js';

const folder = temporaryFolder();

beforeAll(async () => {
  await init();
});

const inputs = () => [tf.randomNormal([3, 6, 1], 0, 1, 'float32', 5), tf.tensor2d([6, 3, 1], [3, 1])];
const predict = (model: LayersModel) => [...(model.predict(inputs()) as tf.Tensor).dataSync()];

describe('fit', () => {
  it('learns, and tells how far it is', async () => {
    const [model, train, test] = [make(), slopes(50, 1), slopes(40, 2)];
    const batches: Progress[] = [];
    const epochs: Progress[] = [];
    const before = evaluate(model, test);
    const history = await fit(model, train, {
      epochs: 20,
      batchSize: 16,
      learningRate: 0.02,
      schedule: 'constant',
      seed: 1,
      onBatchEnd: (progress) => batches.push(progress),
      onEpochEnd: (progress) => void epochs.push(progress),
    });
    const after = evaluate(model, test);
    expect(after.accuracy).toBe(1);
    expect(after.loss).toBeLessThan(Math.min(0.1, before.loss));
    expect(epochs).toEqual(history);
    expect(history.map(({ epoch }) => epoch)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    expect(history[19]).toMatchObject({ epochs: 20, batch: 4, batchesPerEpoch: 4 });
    expect(history[19].loss).toBeLessThan(history[0].loss);
    expect(batches.slice(0, 4).map(({ batch }) => batch)).toEqual([1, 2, 3, 4]);
    expect(batches[3]).toEqual(history[0]);
  });

  it('repeats a run for the same seeds, and only then', async () => {
    const run = async (initial: number, seed: number) => {
      const model = make(initial);
      const history = await fit(model, slopes(20, 3), { epochs: 2, batchSize: 8, seed });
      return { weights: values(model), losses: history.map(({ loss }) => loss) };
    };
    const first = await run(1, 1);
    expect(await run(1, 1)).toEqual(first);
    expect((await run(1, 2)).losses).not.toEqual(first.losses);
    expect((await run(2, 1)).losses).not.toEqual(first.losses);
  });

  it('frees all it took', async () => {
    const model = make();
    const data = slopes(20, 4);
    await fit(model, data, { epochs: 1, batchSize: 8 });
    evaluate(model, data);
    const before = tf.memory();
    await fit(model, data, { epochs: 3, batchSize: 8 });
    evaluate(model, data);
    expect(tf.memory().numTensors).toBe(before.numTensors);
    expect(tf.memory().numDataBuffers).toBe(before.numDataBuffers);
  });

  it("takes the caller's optimizer, and leaves it its moments", async () => {
    const optimizer = rAdam({ learningRate: 0.01 });
    await fit(make(), slopes(20, 5), { epochs: 2, batchSize: 10, optimizer });
    expect(optimizer.iterations).toBe(4);
    expect(optimizer.learningRate).toBe(0.01);
    expect((await optimizer.getWeights()).length).toBeGreaterThan(20);
    optimizer.dispose();
  });

  it('says what is wrong', async () => {
    const [model, data] = [make(), slopes(4, 6)];
    const start = values(model);
    await expect(fit(model, data, { epochs: 0 })).rejects.toThrow('fit: epochs was 0');
    await expect(fit(model, { ...data, channels: 2 })).rejects.toThrow(
      'inputs were [B, 6, 1] and [B, 1]; they must be [B, length, 2] and [B, 1] for these series',
    );
    await expect(fit(model, { ...data, classNames: ['a'] })).rejects.toThrow('had 1 classes; they must be 2');
    const long = { ...data, series: [new Float32Array(7)], lengths: [7], labels: [0] };
    await expect(fit(model, long)).rejects.toThrow('case 1 had 7 positions; it must have at most 6');
    expect(() => evaluate(model, long)).toThrow('evaluate: case 1 had 7 positions');
    expect(values(model)).toEqual(start);
  });
});

describe('crossEntropy', () => {
  it('is -log p, finite and with a gradient for very small p, and NaN for NaN', () => {
    const logits = tf.tensor2d([
      [0, 0, 0],
      [0, Math.log(2), 0],
      [0, 40, 0],
      [0, 200, 0],
    ]);
    const labels = tf.oneHot([2, 1, 0, 2], 3);
    const loss = (logits: tf.Tensor) => crossEntropy(labels, tf.softmax(logits));
    const found = loss(logits).dataSync();
    [Math.log(3), Math.log(2), 40, -Math.log(1e-30)].forEach((value, i) => expect(found[i]).toBeCloseTo(value, 4));
    const grad = tf
      .grad((logits: tf.Tensor) => tf.sum(loss(logits)))(logits)
      .arraySync() as number[][];
    const expected = [
      [1 / 3, 1 / 3, -2 / 3],
      [0.25, -0.5, 0.25],
      [-1, 1, 0],
    ];
    expected.forEach((row, i) => row.forEach((value, j) => expect(grad[i][j]).toBeCloseTo(value, 5)));
    expect(grad[3].every(Number.isFinite)).toBe(true);
    expect(loss(tf.fill([4, 3], NaN)).dataSync()[0]).toBeNaN();
  });
});

describe('evaluate', () => {
  it('counts right answers and takes the mean loss, in batches of any size', () => {
    const [model, data] = [make(), slopes(7, 7)];
    const padded = data.series.map((series) => [...series, ...new Array<number>(6 - series.length).fill(0)]);
    const input = [
      tf.tensor3d(padded.map((series) => series.map((value) => [value]))),
      tf.tensor2d(data.lengths, [7, 1]),
    ];
    const rows = (model.predict(input) as tf.Tensor2D).arraySync();
    const predicted = rows.map(([up, down]) => (up >= down ? 0 : 1));
    const accuracy = predicted.filter((label, index) => label === data.labels[index]).length / 7;
    const loss = rows.reduce((sum, row, index) => sum - Math.log(row[data.labels[index]]) / 7, 0);
    for (const batchSize of [1, 3, 7, 64]) {
      const found = evaluate(model, data, { batchSize });
      expect(found.predicted).toEqual(predicted);
      expect(found.accuracy).toBe(accuracy);
      expect(found.loss).toBeCloseTo(loss, 5);
    }
  });
});

describe('save and load', () => {
  const metadata = {
    data: 'Slopes',
    form: 'softmax',
    kind: 'series' as const,
    classNames: ['up_side', 'Down'],
    statistics: { mean: [0.1], deviation: [1 / 3] },
  };

  it('keep weights, running statistics and metadata', async () => {
    const model = make();
    await fit(model, slopes(20, 8), { epochs: 2, learningRate: 0.01, seed: 3 });
    setMetadata(model, metadata);
    const path = join(folder, 'a', 'model');
    await save(model, path);
    expect((await readdir(path)).sort()).toEqual(['model.json', 'weights.bin']);
    const copy = await load(path);
    expect(predict(copy)).toEqual(predict(model));
    expect(values(copy)).toEqual(values(model));
    expect(getMetadata(copy)).toEqual(metadata);
    expect(evaluate(copy, slopes(9, 9))).toEqual(evaluate(model, slopes(9, 9)));
  });

  it('replace an older model and leave other files', async () => {
    const path = join(folder, 'replaced');
    await save(make(1), path);
    await writeFile(join(path, 'note.txt'), 'mine');
    const newer = make(2);
    await save(newer, path);
    expect(predict(await load(path))).toEqual(predict(newer));
    expect((await readdir(path)).sort()).toEqual(['model.json', 'note.txt', 'weights.2.bin']);
  });

  it('never pair new weights with an older model.json', async () => {
    const path = join(folder, 'paired');
    const [first, second] = [make(1), make(2)];
    await save(first, path);
    // A process that ends between the two files leaves new weights, and the old model.json.
    const older = await readFile(join(path, 'model.json'));
    const olderWeights = await readFile(join(path, 'weights.bin'));
    await save(second, path);
    expect((await readdir(path)).sort()).toEqual(['model.json', 'weights.2.bin']);
    await writeFile(join(path, 'model.json'), older);
    await writeFile(join(path, 'weights.bin'), olderWeights);
    expect(predict(await load(path))).toEqual(predict(first));
    await save(second, path);
    expect(predict(await load(path))).toEqual(predict(second));
    await save(first, path);
    expect((await readdir(path)).sort()).toEqual(['model.json', 'weights.bin']);
  });

  it('leave the older model if the new one cannot be written', async () => {
    const path = join(folder, 'kept');
    const model = make(1);
    await save(model, path);
    // A folder stands where model.json, the second file, would be written first.
    await mkdir(join(path, `model.json.${process.pid}.tmp`));
    await expect(save(make(2), path)).rejects.toThrow('EISDIR');
    expect(predict(await load(path))).toEqual(predict(model));
    expect((await readdir(path)).length).toBe(3);
    await writeFile(join(folder, 'file'), '');
    await expect(save(model, join(folder, 'file'))).rejects.toThrow('EEXIST');
  });

  it('say what is wrong with a damaged model', async () => {
    const path = join(folder, 'damaged');
    await save(make(), path);
    const weights = await readFile(join(path, 'weights.bin'));
    await writeFile(join(path, 'weights.bin'), weights.subarray(0, 100));
    await expect(load(path)).rejects.toThrow();
    await writeFile(join(path, 'model.json'), '{ "modelTopology": ');
    await expect(load(path)).rejects.toThrow('model.json: not a model');
    await rm(join(path, 'model.json'));
    await expect(load(path)).rejects.toThrow('model.json');
  });

  it('ask for metadata where it is needed', () => {
    expect(() => getMetadata(make())).toThrow('the model has no metadata of a classifier');
  });
});
