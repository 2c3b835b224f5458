// Calls of models, training and analysis, on models of a few numbers.

import { mkdtempSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import * as pa from '../../../src/index.js';
import type { Random } from '../../support/random.js';
import type { Call, Generator } from '../runCall.js';
import { imageData, seriesData, tokenData } from './dataCalls.js';
import { isHuge } from './layerCalls.js';
import { normals, someOf } from './tensors.js';

const small = { feedForward: 4, heads: 2, layers: 1, dropout: 0.1, seed: 1 };

const attentionOf = (rng: Random) =>
  someOf(rng, { attention: () => rng.pick([{}, { batchNorm: true }, { kernel: 'linear' }, { window: [1, 1] }]) }, 0.5);

const seriesConfig = (rng: Random) => ({
  ...{ channels: 2, length: 6, classes: 3, width: 4, ...small, ...attentionOf(rng) },
  ...someOf(rng, {
    normalization: () => rng.pick(['batch', 'layer', 'rms']),
    normFirst: () => true,
    positions: () => 'sinusoidal',
    head: () => 'mean',
  }),
});

/** Numbers in a configuration that only tell how much memory there is, or patience. */
const MOST = 200;

/** A model whose classes are known. */
function classifier(config: pa.TimeSeriesClassifierConfig): LayersModel {
  const model = pa.timeSeriesClassifier(config);
  const classNames = ['a', 'b', 'c'];
  pa.setMetadata(model, { statistics: { mean: [0, 0], deviation: [1, 1] }, classNames } as never);
  return model;
}

/** Makes a model, and calls `run` with it and the other arguments. */
function modelCall(
  rest: (rng: Random) => unknown[],
  run: (model: LayersModel, ...others: never[]) => unknown,
  more: Partial<Call> = {},
): Generator {
  return (rng) => ({
    args: [seriesConfig(rng), ...rest(rng)],
    run: (config: pa.TimeSeriesClassifierConfig, ...others: never[]) =>
      [config, ...others].some((arg) => isHuge(arg, MOST)) ? undefined : run(classifier(config), ...others),
    ...more,
  });
}

/** What the model makes of tensors; of anything else tfjs's own `predict` would have to say something. */
const outputs = (model: LayersModel, ...inputs: tf.Tensor[]) =>
  inputs.every((input) => input instanceof tf.Tensor && !input.isDisposed) &&
  model.predict(inputs.length === 1 ? inputs[0] : inputs);

function optimizerCall(make: (args?: object) => tf.Optimizer): Generator {
  return (rng) => ({
    args: [
      someOf(rng, {
        learningRate: () => 0.1,
        weightDecay: () => 0.01,
        globalClipnorm: () => 1,
      }),
      normals(rng, 3, 4),
    ],
    legal: true,
    run: (args: object, gradient: tf.Tensor) => {
      const optimizer = make(args);
      const variable = tf.variable(tf.ones([3, 4]), true, `fuzzed ${rng.next()}`);
      for (let step = 0; step < 2; step++) optimizer.applyGradients({ [variable.name]: gradient });
      const results = [tf.clone(variable)];
      optimizer.dispose();
      return results;
    },
  });
}

const temporary = () => mkdtempSync('saved-');

/** By the names of the exports. */
export const exportedModels: Record<string, Generator> = {
  timeSeriesClassifier: (rng) => ({
    args: [seriesConfig(rng), normals(rng, 2, 6, 2), tf.tensor2d([6, 3], [2, 1])],
    run: (config: pa.TimeSeriesClassifierConfig, x: tf.Tensor, lengths: tf.Tensor) =>
      isHuge(config, MOST) ? undefined : outputs(pa.timeSeriesClassifier(config), x, lengths),
  }),
  timeSeriesRegressor: (rng) => {
    return {
      args: [{ ...seriesConfig(rng), classes: undefined }, normals(rng, 2, 6, 2), tf.tensor2d([6, 3], [2, 1])],
      run: (config: pa.TimeSeriesRegressorConfig, x: tf.Tensor, lengths: tf.Tensor) =>
        isHuge(config, MOST) ? undefined : outputs(pa.timeSeriesRegressor(config), x, lengths),
    };
  },
  timeSeriesForecaster: (rng) => ({
    args: [
      { channels: 2, length: 6, horizon: 3, width: 4, patchLength: 2, ...small, ...attentionOf(rng) },
      normals(rng, 2, 6, 2),
    ],
    run: (config: pa.TimeSeriesForecasterConfig, x: tf.Tensor) =>
      isHuge(config, MOST) ? undefined : outputs(pa.timeSeriesForecaster(config), x),
  }),
  tokenClassifier: (rng) => ({
    args: [
      { vocabulary: 4, length: 6, classes: 2, width: 4, ...small, ...attentionOf(rng) },
      tf.tensor2d([0, 1, 2, 3, 0, 0, 1, 2, 3, 0, 1, 1], [2, 6], 'int32'),
      tf.tensor2d([6, 3], [2, 1]),
    ],
    run: (config: pa.TokenClassifierConfig, x: tf.Tensor, lengths: tf.Tensor) =>
      isHuge(config, MOST) ? undefined : outputs(pa.tokenClassifier(config), x, lengths),
  }),
  tokenRegressor: (rng) => ({
    args: [
      { vocabulary: 4, length: 6, width: 4, ...small, ...attentionOf(rng) },
      tf.tensor2d([0, 1, 2, 3, 0, 0, 1, 2, 3, 0, 1, 1], [2, 6], 'int32'),
      tf.tensor2d([6, 3], [2, 1]),
    ],
    run: (config: pa.TokenRegressorConfig, x: tf.Tensor, lengths: tf.Tensor) =>
      isHuge(config, MOST) ? undefined : outputs(pa.tokenRegressor(config), x, lengths),
  }),
  visionRegressor: (rng) => ({
    args: [
      { height: 4, width: 4, channels: 1, patchSize: 2, embedDim: 4, ...small, ...attentionOf(rng) },
      normals(rng, 2, 4, 4, 1),
    ],
    run: (config: pa.VisionRegressorConfig, x: tf.Tensor) =>
      isHuge(config, MOST) ? undefined : outputs(pa.visionRegressor(config), x),
  }),
  visionTransformer: (rng) => ({
    args: [
      { height: 4, width: 4, channels: 1, classes: 2, patchSize: 2, embedDim: 4, ...small, ...attentionOf(rng) },
      normals(rng, 2, 4, 4, 1),
    ],
    run: (config: pa.VisionTransformerConfig, x: tf.Tensor) =>
      isHuge(config, MOST) ? undefined : outputs(pa.visionTransformer(config), x),
  }),
  attentionForm: (rng) => ({
    args: [rng.pick(pa.attentionFormNames), { heads: 4, length: 20 }],
    run: (name: string, sizes: pa.FormSizes) => pa.attentionForm(name)(sizes),
  }),
  modelForm: (rng) => ({
    args: [rng.pick(pa.modelFormNames), { heads: 4, length: 20, layers: 2 }],
    run: (name: string, sizes: pa.ModelFormSizes) => pa.modelForm(name)(sizes),
  }),
  fit: modelCall(
    (rng) => [
      seriesData(rng),
      {
        ...{ epochs: 1, batchSize: 4, seed: 1 },
        ...someOf(rng, {
          optimizer: () => rng.pick(['adamW', 'rAdam', 'sgd']),
          labelSmoothing: () => 0.1,
          validation: () => seriesData(rng),
          clipNorm: () => null,
          schedule: () => 'constant',
        }),
      },
    ],
    async (model, data: pa.LabelledData, options: pa.FitOptions) => {
      const history = await pa.fit(model, data, options);
      return history.map(({ loss }) => loss);
    },
  ),
  evaluate: modelCall((rng) => [seriesData(rng), {}], pa.evaluate),
  predict: modelCall((rng) => [seriesData(rng), { batchSize: 2 }], pa.predict),
  save: modelCall(() => [temporary()], pa.save, { varies: true }),
  load: modelCall(
    () => [temporary()],
    async (model, folder: string) => {
      await pa.save(model, folder);
      return (await pa.load(folder)).getWeights();
    },
    { varies: true },
  ),
  folderHandler: modelCall(
    () => [temporary()],
    (model, folder: string) => model.save(pa.folderHandler(folder)),
    { varies: true },
  ),
  setMetadata: modelCall(
    () => [{ statistics: null, classNames: ['a', 'b'] }],
    (model, metadata: never) => {
      pa.setMetadata(model, metadata);
      return pa.getMetadata(model);
    },
  ),
  getMetadata: modelCall(() => [], pa.getMetadata),
  metadataOf: (rng) => ({
    args: [rng.pick([seriesData, imageData, tokenData])(rng), { data: 'd', form: 'softmax', statistics: null }],
    run: pa.metadataOf,
  }),
  writeRunReport: () => ({ varies: true, args: [temporary(), {}], run: pa.writeRunReport }),
  adamW: optimizerCall(pa.adamW),
  rAdam: optimizerCall(pa.rAdam),
  sgd: optimizerCall(pa.sgd),
  attentionCosts: modelCall(() => [{ batch: 2 }], pa.attentionCosts, { varies: true }),
  modelFlops: modelCall(() => [{ batch: 2, lengths: [3, 6] }], pa.modelFlops),
  attentionMaps: modelCall((rng) => [seriesData(rng), [0, 1]], pa.attentionMaps),
  attentionSupport: modelCall((rng) => [seriesData(rng), { cases: [0, 1] }], pa.attentionSupport),
  explain: modelCall((rng) => [seriesData(rng), { cases: [0, 1] }], pa.explain),
  headOverlap: modelCall((rng) => [seriesData(rng), { cases: [0, 1] }], pa.headOverlap),
  headRedundancy: modelCall((rng) => [seriesData(rng), { cases: [0, 1] }], pa.headRedundancy),
};
