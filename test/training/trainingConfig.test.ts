/** How a model was compiled, through its file. */
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import * as pa from '../../src/index.js';
import { folderHandler } from '../../src/training/folderHandler.js';
import { temporaryFolder } from '../support/temporaryFolder.js';

const folder = temporaryFolder();
beforeAll(() => pa.init());

const makeModel = () => sequential({ layers: [layers.dense({ units: 2, inputShape: [3] })] });
const [x, y] = [() => tf.ones([4, 3]), () => tf.zeros([4, 2])];

describe.each<[string, () => tf.Optimizer | string]>([
  ['adam', () => 'adam'],
  ['sgd', () => tf.train.sgd(0.1)],
  ['AdamW', () => pa.adamW({ learningRate: 0.01, weightDecay: 0.1 })],
  ['RAdam', () => pa.rAdam({ learningRate: 0.01 })],
])('%s and a loss', (name, optimizer) => {
  it.each(['save', 'model.save with its optimizer'])('are there after %s', async (way) => {
    const model = makeModel();
    model.compile({ optimizer: optimizer(), loss: 'meanSquaredError', metrics: ['mae'] });
    await model.trainOnBatch(x(), y());
    const place = join(folder, `${name} ${way}`);
    if (way === 'save') await pa.save(model, place);
    else await model.save(folderHandler(place), { includeOptimizer: true });
    const loaded = await pa.load(place);
    expect(loaded.loss).toBe('meanSquaredError');
    expect(loaded.optimizer.getConfig()).toEqual(model.optimizer.getConfig());
    const [before, after] = [model, loaded].map((one) => one.evaluate(x(), y()) as tf.Scalar[]);
    after.forEach((value, i) => expect(value.dataSync()[0]).toBeCloseTo(before[i].dataSync()[0], 6));
    await loaded.trainOnBatch(x(), y());
  });
});

it('a loss that is a function is left out, or an error where it was asked for', async () => {
  const model = makeModel();
  model.compile({ optimizer: 'adam', loss: (labels, outputs) => tf.mean(tf.abs(tf.sub(labels, outputs))) });
  const place = join(folder, 'function');
  await pa.save(model, place);
  const loaded = await pa.load(place);
  expect(() => loaded.evaluate(x(), y())).toThrow(/needs to be compiled/);
  await expect(model.save(folderHandler(place), { includeOptimizer: true })).rejects.toThrow(
    /save: the model's loss is a function, which no file can hold; compile it with the name of a loss/,
  );
});
