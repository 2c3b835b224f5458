// Models of all kinds and forms, trained and saved: tfjs's own means load them, and they say the same.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel, type LayersModel } from '@tensorflow/tfjs-layers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  adamW,
  type EncoderOptions,
  init,
  type LayerAttentionOptions,
  load,
  save,
  timeSeriesClassifier,
  tokenClassifier,
  visionTransformer,
} from '../../src/index.js';
import { maxError } from '../support/attention.js';
import { normal } from '../support/normal.js';

let folder: string;
let server: Server;

beforeAll(async () => {
  await init();
  folder = await mkdtemp(join(tmpdir(), 'primal-attention-models-'));
  server = createServer((request, response) => {
    void readFile(join(folder, request.url!)).then((bytes) => response.end(bytes));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

const sizes = { feedForward: 16, heads: 2, layers: 2, seed: 1 };
const lengths = () => tf.tensor2d([9, 5, 1, 0], [4, 1]);
const kinds: [string, (options: EncoderOptions) => LayersModel, () => tf.Tensor[]][] = [
  [
    'timeSeriesClassifier',
    (options) => timeSeriesClassifier({ channels: 2, length: 9, classes: 3, width: 8, ...sizes, ...options }),
    () => [normal([4, 9, 2], 2), lengths()],
  ],
  [
    'tokenClassifier',
    (options) => tokenClassifier({ vocabulary: 5, length: 9, classes: 3, width: 8, ...sizes, ...options }),
    () => [tf.randomUniformInt([4, 9], 0, 5, 2), lengths()],
  ],
  [
    'visionTransformer',
    (options) =>
      visionTransformer({ height: 8, width: 12, channels: 1, classes: 3, embedDim: 8, ...sizes, ...options }),
    () => [normal([4, 8, 12, 1], 2)],
  ],
];
const forms: [string, LayerAttentionOptions | LayerAttentionOptions[]][] = [
  ['softmax', {}],
  ['bn', { batchNorm: true }],
  ['sh', { headScales: [1, 2] }],
  ['bn+sh', { batchNorm: { beta: 0.5, variance: false }, headScales: [2, 3] }],
  ['linear', { kernel: 'linear' }],
  ['linear+bn+sh', { kernel: 'linear', batchNorm: true, headScales: [1, 2] }],
  ['window', { window: [2, 1] }],
  ['a form for each layer', [{ headScales: [1, 3] }, { kernel: 'linear' }]],
];

const predict = (model: LayersModel, inputs: tf.Tensor[]) =>
  (model.predict(inputs.length === 1 ? inputs[0] : inputs) as tf.Tensor).dataSync();

describe.each(kinds)('%s', (kind, make, given) => {
  it.each(forms)('%s', async (form, attention) => {
    const inputs = given();
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    for (const normFirst of [false, true]) {
      const model = make({ attention, normFirst, normalization: kind === 'timeSeriesClassifier' ? 'batch' : 'layer' });
      model.compile({ optimizer: adamW({ learningRate: 0.01 }), loss: 'sparseCategoricalCrossentropy' });
      const untrained = predict(model, inputs);
      const labels = tf.tensor2d([0, 1, 2, 0], [4, 1]);
      for (let step = 0; step < 2; step++) await model.trainOnBatch(inputs.length === 1 ? inputs[0] : inputs, labels);
      const expected = predict(model, inputs);
      expect(maxError(expected, untrained)).toBeGreaterThan(1e-4);

      const name = `${kind} ${form} ${normFirst}`.replaceAll(/\W/g, '-');
      await save(model, join(folder, name));
      let artifacts: tf.io.ModelArtifacts;
      await model.save(
        tf.io.withSaveHandler((saved) => {
          artifacts = saved;
          return Promise.resolve({ modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(saved) });
        }),
      );
      const copies = [
        await load(join(folder, name)),
        await loadLayersModel(`${url}/${name}/model.json`),
        await loadLayersModel(tf.io.fromMemory(artifacts!)),
      ];
      for (const copy of copies) {
        expect(maxError(predict(copy, inputs), expected)).toBeLessThan(1e-5);
        copy.dispose();
      }
      model.dispose();
    }
  });
});
