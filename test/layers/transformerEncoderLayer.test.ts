import * as tf from '@tensorflow/tfjs-core';
import { input } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { TransformerEncoderLayer, type TransformerEncoderLayerArgs } from '../../src/layers/transformerEncoderLayer.js';
import { init } from '../../src/ops/init.js';
import { activationOracles } from '../oracles/activationOracle.js';
import { denseOracles } from '../oracles/denseOracle.js';
import { attendHeads } from '../oracles/headsOracle.js';
import { add, type Matrix, rowsOf, sections } from '../oracles/matrix.js';
import { layerNormalizationOracle } from '../oracles/normalizationOracle.js';
import { maxError } from '../support/attention.js';
import { modelAndCopy } from '../support/modelAndCopy.js';
import { normal } from '../support/normal.js';

beforeAll(() => init());

const make = (args: Partial<TransformerEncoderLayerArgs> = {}) =>
  new TransformerEncoderLayer({ numHeads: 2, intermediateDim: 6, seed: 1, ...args });
const apply = (layer: TransformerEncoderLayer, inputs: tf.Tensor | tf.Tensor[], training = false) =>
  layer.apply(inputs, { training }) as tf.Tensor3D;

/** Layer normalisation with the initial scale and offset. */
const layerNorm = (x: Matrix): Matrix => {
  const [ones, zeros] = [1, 0].map((value) => x[0].map(() => value));
  return rowsOf(layerNormalizationOracle(x.flat(), ones, zeros, 1e-5), ones.length);
};

describe('TransformerEncoderLayer', () => {
  it.each([false, true])('is attention and feed-forward, as its formulas say: normFirst %s', (normFirst) => {
    const layer = make({ normalization: 'layer', normFirst });
    const x = normal([1, 5, 4], 2);
    const y = apply(layer, [x, tf.tensor2d([3], [1, 1])]);
    const dense = denseOracles(layer);
    const attended = (x: Matrix) => {
      const [q, k, v] = sections(dense['attention/query_key_value'](x), 3);
      return dense['attention/attention_output'](attendHeads(q, k, v, 2, 3));
    };
    const fed = (x: Matrix) => dense.output(dense.intermediate(x).map((row) => row.map(activationOracles.gelu)));
    const step = (x: Matrix, part: (x: Matrix) => Matrix) =>
      normFirst ? add(x, part(layerNorm(x))) : layerNorm(add(x, part(x)));
    const [sample] = x.arraySync() as Matrix[];
    expect(maxError(y.dataSync(), step(step(sample, attended), fed).flat())).toBeLessThan(1e-5);
  });

  const kinds = (['batch', 'layer', 'rms'] as const).flatMap((kind) => [[kind, false] as const, [kind, true] as const]);
  it.each(kinds)(
    'does not let padding change valid outputs or gradients, whatever it holds (%s, normFirst %s)',
    (normalization, normFirst) => {
      const lengths = tf.tensor2d([2, 4], [2, 1]);
      const [short, long] = [normal([1, 2, 4], 3), normal([1, 4, 4], 4)];
      const results = [0, 50, -2, NaN, Infinity, 3e38].map((padding) => {
        const layer = make({ normalization, normFirst, dropout: 0 });
        layer.build([null, 4, 4]);
        const x = tf.concat([tf.concat([short, tf.fill([1, 2, 4], padding)], 1), long], 0);
        const { value, grads } = tf.variableGrads(
          () => {
            const y = apply(layer, [x, lengths], true);
            const valid = tf.tensor3d([1, 1, 0, 0, 1, 1, 1, 1], [2, 4, 1]);
            return tf.sum<tf.Scalar>(tf.mul(tf.square(tf.add(y, 0.5)), valid));
          },
          layer.trainableWeights.map((weight) => weight.read()) as tf.Variable[],
        );
        const moving = layer.nonTrainableWeights.map((weight) => weight.read());
        return [value, ...Object.values(grads), ...moving].flatMap((tensor) => [...tensor.dataSync()]);
      });
      // Queries in the padding still take part in the products, so equal up to rounding.
      for (const result of results.slice(1)) expect(maxError(result, results[0])).toBeLessThan(1e-4);
    },
  );

  it('drops in training only, and again the same after reseed', () => {
    const layer = make({ dropout: 0.3 });
    const x = normal([2, 5, 4], 5);
    const still = apply(layer, x).dataSync();
    layer.reseed(6);
    const first = apply(layer, x, true).dataSync();
    expect(apply(layer, x, true).dataSync()).not.toEqual(first);
    layer.reseed(6);
    expect(apply(layer, x, true).dataSync()).toEqual(first);
    expect(apply(layer, x).dataSync()).toEqual(still);
  });

  it('comes back from JSON with its configuration, weights named under it', async () => {
    const args: TransformerEncoderLayerArgs = {
      name: 'encoder',
      numHeads: 2,
      intermediateDim: 6,
      dropout: 0.2,
      normalization: 'batch',
      normFirst: true,
      attention: { causal: true },
      unpooled: 1,
      seed: 7,
    };
    const layer = new TransformerEncoderLayer(args);
    const [original, copy] = await modelAndCopy(layer, [5, 4]);
    expect(copy.getLayer('encoder').getConfig()).toMatchObject(args);
    expect(copy.weights.map(({ originalName }) => originalName)).toEqual(
      original.weights.map(({ originalName }) => originalName),
    );
    expect(layer.trainableWeights.map(({ originalName }) => originalName)).toContain(
      'encoder/attention/query_key_value/kernel',
    );
    expect(layer.trainableWeights.length).toBe(12);
    expect(layer.nonTrainableWeights.map(({ originalName }) => originalName)).toEqual([
      'encoder/attention_norm/moving_mean',
      'encoder/attention_norm/moving_variance',
      'encoder/feed_forward_norm/moving_mean',
      'encoder/feed_forward_norm/moving_variance',
    ]);
    const inputs = [normal([2, 5, 4], 8), tf.tensor2d([5, 2], [2, 1])];
    const outputs = [original, copy].map((model) => (model.predict(inputs) as tf.Tensor).dataSync());
    expect(outputs[1]).toEqual(outputs[0]);
  });

  it('can be frozen, and frees its weights', () => {
    const layer = make({ normalization: 'batch' });
    const before = tf.memory().numTensors;
    tf.tidy(() => layer.build([null, 5, 4]));
    expect(layer.countParams()).toBe(4 * (4 * 4 + 4) + (4 * 6 + 6) + (6 * 4 + 4) + 2 * 4 * 4);
    layer.trainable = false;
    expect(layer.trainableWeights).toEqual([]);
    expect(layer.nonTrainableWeights.length).toBe(16);
    layer.apply(input({ shape: [5, 4] }));
    layer.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('names a bad argument', () => {
    expect(() => make({ intermediateDim: 0 })).toThrow('TransformerEncoderLayer: intermediateDim was 0');
    expect(() => make({ normalization: 'group' as 'layer' })).toThrow(
      `TransformerEncoderLayer: normalization was 'group'; it must be 'batch' or 'layer'`,
    );
    expect(() => make({ numHeads: 3 }).build([null, 5, 4])).toThrow('numHeads was 3; it must divide the width, 4');
  });
});
