import * as tf from '@tensorflow/tfjs-core';
import { input, model, models } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { TransformerEncoderLayer, type TransformerEncoderLayerArgs } from '../../src/layers/transformerEncoderLayer.js';
import { init } from '../../src/ops/init.js';
import { addRow, attend, type Matrix, matMul, maxDifference, paperWeights } from '../oracles/layerOracle.js';

beforeAll(() => init());

const make = (args: Partial<TransformerEncoderLayerArgs> = {}) =>
  new TransformerEncoderLayer({ numHeads: 2, intermediateDim: 6, seed: 1, ...args });
const apply = (layer: TransformerEncoderLayer, inputs: tf.Tensor | tf.Tensor[], training = false) =>
  layer.apply(inputs, { training }) as tf.Tensor3D;
const random = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 1, 'float32', seed);

/** erf by its series, exact to float64 for |x| < 4. */
function erf(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; n < 100; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

const layerNorm = (x: Matrix): Matrix =>
  x.map((row) => {
    const mean = row.reduce((a, b) => a + b) / row.length;
    const variance = row.reduce((a, b) => a + (b - mean) ** 2, 0) / row.length;
    return row.map((value) => (value - mean) / Math.sqrt(variance + 1e-5));
  });

const add = (a: Matrix, b: Matrix): Matrix => a.map((row, i) => row.map((value, j) => value + b[i][j]));

describe('TransformerEncoderLayer', () => {
  it.each([false, true])('is attention and feed-forward, as its formulas say: normFirst %s', (normFirst) => {
    const layer = make({ normalization: 'layer', normFirst });
    const x = random([1, 5, 4], 2);
    const y = apply(layer, [x, tf.tensor2d([3], [1, 1])]);
    const named = Object.fromEntries(
      layer.weights.map((weight) => [weight.originalName.split('/').slice(1).join('/'), weight.read().arraySync()]),
    ) as Record<string, Matrix & number[]>;
    const own = Object.entries(named).map(([name, value]) => [name.replace('attention/', ''), value]);
    const w = paperWeights(Object.fromEntries(own) as typeof named, [2], 2, 2);
    const project = (name: string, x: Matrix) => addRow(matMul(x, w[`${name}/kernel`]), w[`${name}/bias`]);
    const attended = (x: Matrix) => {
      const [q, k, v] = ['query', 'key', 'value'].map((name) => project(name, x));
      return project('attention_output', attend(q, k, v, 2, 3));
    };
    const fed = (x: Matrix) => {
      const hidden = project('intermediate', x).map((row) =>
        row.map((value) => (value * (1 + erf(value / Math.SQRT2))) / 2),
      );
      return project('output', hidden);
    };
    const step = (x: Matrix, part: (x: Matrix) => Matrix) =>
      normFirst ? add(x, part(layerNorm(x))) : layerNorm(add(x, part(x)));
    const [sample] = x.arraySync() as Matrix[];
    expect(maxDifference(y.dataSync(), step(step(sample, attended), fed).flat())).toBeLessThan(1e-5);
  });

  it.each(['batch', 'layer'] as const)(
    'does not let padding change valid outputs or gradients (%s)',
    (normalization) => {
      const lengths = tf.tensor2d([2, 4], [2, 1]);
      const [short, long] = [random([1, 2, 4], 3), random([1, 4, 4], 4)];
      const results = [0, 50, -2].map((padding) => {
        const layer = make({ normalization, dropout: 0 });
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
      expect(maxDifference(results[1], results[0])).toBeLessThan(1e-4);
      expect(maxDifference(results[2], results[0])).toBeLessThan(1e-4);
    },
  );

  it('drops in training only, and again the same after reseed', () => {
    const layer = make({ dropout: 0.3 });
    const x = random([2, 5, 4], 5);
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
    const series = input({ shape: [5, 4], name: 'series' });
    const lengths = input({ shape: [1], name: 'lengths' });
    const layer = new TransformerEncoderLayer(args);
    const original = model({ inputs: [series, lengths], outputs: layer.apply([series, lengths]) as typeof series });
    const copy = await models.modelFromJSON(original.toJSON(null, false) as never);
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
    const inputs = [random([2, 5, 4], 8), tf.tensor2d([5, 2], [2, 1])];
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
