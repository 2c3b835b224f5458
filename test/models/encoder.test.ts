// What the classifiers share: presets, positions, normalisation, attention of each layer, seeds.

import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type EncoderOptions,
  init,
  timeSeriesClassifier,
  tokenClassifier,
  tokenClassifierPresets,
  visionTransformer,
  visionTransformerPresets,
} from '../../src/index.js';
import { normal } from '../support/normal.js';

beforeAll(() => init());

interface Kind {
  name: string;
  make: (options?: EncoderOptions & { preset?: string; positions?: string; normFirst?: boolean }) => LayersModel;
  inputs: () => tf.Tensor[];
}

const series = { channels: 3, length: 12, classes: 4 };
const tokens = { vocabulary: 6, length: 12, classes: 4 };
const images = { height: 8, width: 12, channels: 1, classes: 4 };
const sizes = { feedForward: 16, heads: 2, layers: 2, dropout: 0.2, seed: 1 };
const small = { width: 8, ...sizes };
const lengths = () => tf.tensor2d([12, 5, 1], [3, 1]);
const kinds: Kind[] = [
  {
    name: 'timeSeriesClassifier',
    make: (options) => timeSeriesClassifier({ ...small, ...series, ...options } as never),
    inputs: () => [normal([3, 12, 3], 2), lengths()],
  },
  {
    name: 'tokenClassifier',
    make: (options) => tokenClassifier({ ...small, ...tokens, ...options } as never),
    inputs: () => [tf.randomUniformInt([3, 12], 0, 6, 2), lengths()],
  },
  {
    name: 'visionTransformer',
    make: (options) => visionTransformer({ embedDim: 8, ...sizes, ...images, ...options } as never),
    inputs: () => [normal([3, 8, 12, 1], 2)],
  },
];

const call = (model: LayersModel, inputs: tf.Tensor[], training = false) => model.call(inputs, { training });
const values = (model: LayersModel) => model.getWeights().flatMap((weight) => [...weight.dataSync()]);

describe.each(kinds)('$name', ({ name, make, inputs }) => {
  it('has the same weights for the same seed, whatever the form of attention', () => {
    expect(values(make())).toEqual(values(make()));
    expect(values(make({ seed: 2 }))).not.toEqual(values(make()));
    expect(values(make({ attention: { batchNorm: true } }))).toEqual(values(make()));
  });

  it('takes attention for all layers, or for each', () => {
    const each = [{ headScales: [1, 2] }, { kernel: 'linear' as const, headScales: [2, 2] }];
    const scales = (model: LayersModel) =>
      [0, 1].map((index) => model.getLayer(`encoder_${index}`).getConfig().attention);
    expect(scales(make({ attention: each }))).toEqual(each);
    expect(scales(make({ attention: each[0] }))).toEqual([each[0], each[0]]);
    expect(scales(make())).toEqual([{}, {}]);
    expect(() => make({ attention: [{}] })).toThrow(
      `${name}: attention was a list of 1; it must hold the options of each of 2 layers`,
    );
  });

  it('normalises before the parts of a layer and after the last one, or after the sums', () => {
    const [first, last] = [true, false].map((normFirst) => make({ normFirst, normalization: 'layer' }));
    expect(first.getLayer('encoder_1').getConfig().normFirst).toBe(true);
    expect(first.getLayer('encoder_norm').getClassName()).toBe('SequenceLayerNormalization');
    expect(last.getLayer('encoder_1').getConfig().normFirst).toBe(false);
    expect(() => last.getLayer('encoder_norm')).toThrow();
    expect(make({ normFirst: true, normalization: 'batch' }).getLayer('encoder_norm').getClassName()).toBe(
      'SequenceBatchNormalization',
    );
  });

  it('leaves no tensors behind', () => {
    const model = make({ attention: { headScales: [1, 2], batchNorm: true } });
    const given = inputs();
    const step = () =>
      tf.tidy(() => {
        const loss = () => tf.sum<tf.Scalar>(tf.square([call(model, given, true)].flat()[0]));
        return Object.values(tf.variableGrads(loss).grads).map((gradient) => gradient.shape);
      });
    tf.dispose(call(model, given));
    expect(step()).toHaveLength(model.trainableWeights.length);
    const before = tf.memory();
    for (let i = 0; i < 3; i++) {
      tf.dispose(call(model, given));
      tf.dispose(model.predict(given.length === 1 ? given[0] : given));
      step();
    }
    expect(tf.memory().numTensors).toBe(before.numTensors);
    expect(tf.memory().numDataBuffers).toBe(before.numDataBuffers);
    tf.dispose(given);
    const { numTensors } = tf.memory();
    make().dispose();
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  it('names a bad argument', () => {
    expect(() => make({ preset: 'huge' })).toThrow(`${name}: preset was 'huge'; it must be '`);
    expect(() => make({ layers: 0 })).toThrow(`${name}: layers was 0; it must be an integer, 1 or more`);
    expect(() => make({ heads: 3 })).toThrow('heads was 3; it must divide ');
    expect(() => make({ dropout: 1 })).toThrow('dropout was 1');
    expect(() => make({ normalization: 'group' as 'batch' })).toThrow(
      `normalization was 'group'; it must be 'batch' or`,
    );
  });
});

describe('presets', () => {
  const facts = (model: LayersModel) => {
    const { numHeads, intermediateDim } = model.getLayer('encoder_0').getConfig();
    const layers = model.layers.filter((layer) => layer.getClassName() === 'TransformerEncoderLayer').length;
    return {
      width: model.getLayer('encoder_0').outputShape.at(-1),
      feedForward: intermediateDim,
      heads: numHeads,
      layers,
    };
  };

  it("of timeSeriesClassifier are the public protocol's; explicit values override them", () => {
    expect(facts(timeSeriesClassifier({ ...series, preset: 'public' }))).toEqual({
      ...{ width: 512, feedForward: 2048, heads: 8, layers: 2 },
    });
    expect(facts(timeSeriesClassifier({ ...series, preset: 'small' }))).toEqual({
      ...{ width: 64, feedForward: 256, heads: 8, layers: 3 },
    });
    expect(facts(timeSeriesClassifier({ ...series, preset: 'small', layers: 1, heads: 4, width: undefined }))).toEqual({
      ...{ width: 64, feedForward: 256, heads: 4, layers: 1 },
    });
    expect(facts(timeSeriesClassifier(series))).toEqual({ width: 128, feedForward: 256, heads: 8, layers: 2 });
    expect(() => timeSeriesClassifier({ ...series, preset: 'large' as 'small' })).toThrow(
      `timeSeriesClassifier: preset was 'large'; it must be 'public' or 'small'`,
    );
  });

  it('of the others', () => {
    expect(facts(tokenClassifier({ ...tokens, preset: 'small' }))).toEqual(tokenClassifierPresets.small);
    expect(facts(tokenClassifier({ ...tokens, preset: 'lra', layers: 2 }))).toEqual({
      ...tokenClassifierPresets.lra,
      layers: 2,
    });
    const { embedDim, feedForward, heads, layers } = visionTransformerPresets.small;
    expect(facts(visionTransformer(images))).toEqual({ width: embedDim, feedForward, heads, layers });
  });
});

it('positions are learned or sinusoidal', () => {
  const classOf = (positions?: 'learned' | 'sinusoidal') =>
    timeSeriesClassifier({ ...series, ...small, positions })
      .getLayer('positions')
      .getClassName();
  expect([classOf(), classOf('learned'), classOf('sinusoidal')]).toEqual([
    'PositionEmbedding',
    'PositionEmbedding',
    'SinePositionEncoding',
  ]);
  expect(() => classOf('rotary' as 'learned')).toThrow(
    `timeSeriesClassifier: positions was 'rotary'; it must be 'learned' or 'sinusoidal'`,
  );
});
