import * as tf from '@tensorflow/tfjs-core';
import { input, layers, model } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { MultiHeadAttention, type MultiHeadAttentionArgs } from '../../src/layers/multiHeadAttention.js';
import { init } from '../../src/ops/init.js';
import { denseOracles } from '../oracles/denseOracle.js';
import { attendHeads } from '../oracles/headsOracle.js';
import { type Matrix, sections } from '../oracles/matrix.js';
import { maxError } from '../support/attention.js';
import { modelAndCopy } from '../support/modelAndCopy.js';
import { normal } from '../support/normal.js';

beforeAll(() => init());

const apply = (layer: layers.Layer, inputs: tf.Tensor | tf.Tensor[], options = {}) =>
  layer.apply(inputs, options) as tf.Tensor3D;

/** The layer's output for one sample, in float64; what follows the sequences is the number of valid keys, and causality. */
function expected(layer: layers.Layer, query: Matrix, value: Matrix, key: Matrix, ...rest: [number, boolean?]) {
  const dense = denseOracles(layer);
  const [q, k, v] = dense.query_key_value
    ? sections(dense.query_key_value(query), 3)
    : [dense.query(query), dense.key(key), dense.value(value)];
  const { numHeads } = layer.getConfig() as Record<string, number>;
  return dense.attention_output(attendHeads(q, k, v, numHeads, ...rest)).flat();
}

describe('MultiHeadAttention', () => {
  it('is attention between projections, for self-attention with padding', () => {
    const layer = new MultiHeadAttention({ numHeads: 3, keyDim: 4, biasInitializer: 'randomNormal', seed: 1 });
    const x = normal([2, 7, 5], 2);
    const y = apply(layer, [x, tf.tensor2d([7, 4], [2, 1])]);
    expect(y.shape).toEqual([2, 7, 5]);
    const samples = x.arraySync();
    [7, 4].forEach((length, b) => {
      const reference = expected(layer, samples[b], samples[b], samples[b], length);
      expect(maxError(y.arraySync()[b].flat(), reference)).toBeLessThan(1e-5);
    });
  });

  it('attends from a query to another value and key, with widths of their own', () => {
    const args: MultiHeadAttentionArgs = {
      numHeads: 2,
      keyDim: 3,
      valueDim: 5,
      outputShape: 4,
      useBias: false,
      seed: 3,
    };
    const layer = new MultiHeadAttention(args);
    const [query, value, key] = [normal([1, 4, 6], 4), normal([1, 8, 3], 5), normal([1, 8, 2], 6)];
    const y = apply(layer, [query, value, key, tf.tensor2d([5], [1, 1])]);
    expect(y.shape).toEqual([1, 4, 4]);
    expect(layer.computeOutputShape([query, value, key].map(({ shape }) => shape))).toEqual([1, 4, 4]);
    const reference = expected(layer, query.arraySync()[0], value.arraySync()[0], key.arraySync()[0], 5);
    expect(maxError(y.dataSync(), reference)).toBeLessThan(1e-5);
  });

  it('hands the options of attention on', () => {
    const layer = new MultiHeadAttention({ numHeads: 1, keyDim: 4, attention: { causal: true }, seed: 7 });
    const x = normal([1, 6, 4], 8);
    const [sample] = x.arraySync();
    const y = apply(layer, x);
    expect(maxError(y.dataSync(), expected(layer, sample, sample, sample, 6, true))).toBeLessThan(1e-5);
  });

  it('gives the same outputs and gradients whatever stands in the padding', () => {
    const layer = new MultiHeadAttention({ numHeads: 2, keyDim: 3, seed: 9 });
    const lengths = tf.tensor2d([2], [1, 1]);
    const valid = normal([1, 2, 4], 10);
    const valueAndGrad = tf.valueAndGrad((x: tf.Tensor) =>
      tf.sum(tf.square(tf.slice(apply(layer, [x, lengths]), [0, 0, 0], [1, 2, 4]))),
    );
    const results = [0, 100, -3].map((padding) => {
      const { value, grad } = valueAndGrad(tf.concat([valid, tf.fill([1, 3, 4], padding)], 1));
      return [...value.dataSync(), ...grad.dataSync()];
    });
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
    expect(results[0].slice(1 + 2 * 4)).toEqual(Array(3 * 4).fill(0));
  });

  it('hides the keys that a Keras mask marks, as lengths do', () => {
    const layer = new MultiHeadAttention({ numHeads: 2, keyDim: 3, seed: 11 });
    const x = normal([2, 5, 4], 12);
    const mask = tf.tensor2d([1, 1, 1, 1, 1, 1, 1, 1, 0, 0], [2, 5], 'bool');
    const masked = apply(layer, x, { mask });
    const padded = apply(layer, [x, tf.tensor2d([5, 3], [2, 1])]);
    const seen = (y: tf.Tensor) => tf.where(tf.expandDims(mask, 2), y, 0).dataSync();
    expect(maxError(seen(masked), seen(padded))).toBeLessThan(1e-6);
    // A query that is hidden itself sees nothing: the output's bias, 0, is left.
    expect(maxError(masked.dataSync(), seen(padded))).toBeLessThan(1e-6);
    // And as tfjs hands it on from a Masking layer.
    const series = input({ shape: [5, 4] });
    const inner = new MultiHeadAttention({ numHeads: 2, keyDim: 3, seed: 11 });
    const masking = model({
      inputs: series,
      outputs: inner.apply(layers.masking({ maskValue: 9 }).apply(series)) as ReturnType<typeof input>,
    });
    const filled = tf.where(tf.reshape(mask, [2, 5, 1]), x, tf.fill(x.shape, 9));
    const kept = (y: tf.Tensor) => [...tf.slice(y, [1, 0, 0], [1, 3, 4]).dataSync()];
    expect(maxError(kept(masking.predict(filled) as tf.Tensor), kept(padded))).toBeLessThan(1e-6);
  });

  it('drops attention weights in training only, and again the same ones after reseed', () => {
    const layer = new MultiHeadAttention({ numHeads: 2, keyDim: 3, dropout: 0.5, seed: 13 });
    const x = normal([1, 16, 4], 14);
    const step = (training: boolean) => [...apply(layer, x, { training }).dataSync()];
    const still = step(false);
    const first = step(true);
    const second = step(true);
    expect(first).not.toEqual(still);
    expect(second).not.toEqual(first);
    expect(step(false)).toEqual(still);
    layer.reseed(99);
    const again = [step(true), step(true)];
    layer.reseed(99);
    expect([step(true), step(true)]).toEqual(again);
  });

  it('comes back from JSON with its configuration', async () => {
    const args: MultiHeadAttentionArgs = {
      name: 'heads',
      numHeads: 2,
      keyDim: 3,
      valueDim: 4,
      outputShape: 5,
      dropout: 0.25,
      useBias: false,
      kernelInitializer: 'heNormal',
      attention: { causal: true, window: [3, -1], softcap: 20 },
      seed: 15,
    };
    const layer = new MultiHeadAttention(args);
    const [original, copy] = await modelAndCopy(layer, [6, 4]);
    expect(copy.getLayer('heads')).toBeInstanceOf(MultiHeadAttention);
    const kernelInitializer = {
      className: 'VarianceScaling',
      config: { scale: 2, mode: 'fanIn', distribution: 'normal' },
    };
    expect(layer.getConfig()).toMatchObject({ ...args, kernelInitializer });
    expect(copy.getLayer('heads').getConfig()).toMatchObject({ ...args, kernelInitializer });
    // The same seed gives the same initial weights, a different one for each projection.
    const values = copy.weights.map((weight) => [...weight.read().dataSync()]);
    expect(values).toEqual(original.weights.map((weight) => [...weight.read().dataSync()]));
    expect(values[0]).not.toEqual(values[1]);
  });

  it('names a bad argument', () => {
    const make = (args: Partial<MultiHeadAttentionArgs>) => () =>
      new MultiHeadAttention({ numHeads: 2, keyDim: 3, ...args });
    expect(make({ numHeads: 0 })).toThrow('MultiHeadAttention: numHeads was 0');
    expect(make({ keyDim: 1.5 })).toThrow('MultiHeadAttention: keyDim was 1.5');
    expect(make({ dropout: 1 })).toThrow('MultiHeadAttention: dropout was 1; it must be 0 or more and below 1');
    expect(make({ attention: { seed: 1 } as object })).toThrow("MultiHeadAttention: attention had 'seed'");
    expect(make({ kernelInitializer: 'glorot' })).toThrow("kernelInitializer was 'glorot'; it must be one of");
    expect(make({ attention: { headScales: [1, 2, 2] } })).toThrow(
      'headScales was [1, 2, 2]; it must be an array of 2',
    );
    expect(make({ attention: { kernel: 'cosine' as 'linear' } })).toThrow("kernel was 'cosine'; it must be 'softmax'");
    expect(make({ attention: { batchnorm: true } as object })).toThrow("unknown option 'batchnorm'; the options are");
    expect(make({ attention: { batchNorm: { beta: tf.scalar(1) } } })).toThrow('attention.batchNorm.beta was a tensor');
    expect(make({ dropout: 0.1, attention: { kernel: 'linear' } })).toThrow("'linear' and dropout cannot be combined");
    expect(make({ useCausalMask: true, attention: { batchNorm: true } })).toThrow('batchNorm and causal');
    expect(() => make({})().apply(tf.zeros([2, 3]))).toThrow('inputs were of ranks [2]');
  });
});
