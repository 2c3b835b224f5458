// What Keras's MultiHeadAttention can do besides attention itself: a causal mask, a mask of the call, the scores.

import * as tf from '@tensorflow/tfjs-core';
import { input, model, models } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  attentionWeights,
  init,
  type LayerAttentionOptions,
  MultiHeadAttention,
  type MultiHeadAttentionArgs,
} from '../../src/index.js';
import { pooledCount, poolPositions } from '../../src/ops/poolPositions.js';
import { expectNoLeaks, valueAndGradients } from '../support/differentiable.js';
import { namedWeights } from '../support/namedWeights.js';
import { normal } from '../support/normal.js';
import { maxError } from '../support/attention.js';

beforeAll(() => init());

const [B, N, C] = [2, 7, 6];
const make = (args: Partial<MultiHeadAttentionArgs> = {}) =>
  new MultiHeadAttention({ numHeads: 2, keyDim: 3, seed: 1, ...args });
const x = () => normal([B, N, C]);
const keyLengths = [7, 4];
const lengths = () => tf.tensor2d(keyLengths, [B, 1]);
const withScores = (layer: MultiHeadAttention, inputs: tf.Tensor | tf.Tensor[], options = {}) =>
  layer.apply(inputs, { returnAttentionScores: true, ...options }) as [tf.Tensor3D, tf.Tensor4D];
const apply = (layer: MultiHeadAttention, inputs: tf.Tensor | tf.Tensor[], options = {}) =>
  layer.apply(inputs, options) as tf.Tensor3D;

/**
 * Scores by `attentionWeights`, one head at a time, of 2 heads whose keys are of
 * different scales, or both of scale 1.
 */
function scoresByHead(layer: MultiHeadAttention, { headScales, ...options }: LayerAttentionOptions, unpooled = 0) {
  const named = namedWeights(layer);
  const project = (y: tf.Tensor, name: string, from: number) => {
    const kernel = tf.slice(named[`${name}/kernel`], [0, from], [C, 3]);
    const rows = tf.matMul(tf.reshape(y, [-1, C]), kernel);
    return tf.reshape(tf.add(rows, tf.slice(named[`${name}/bias`], [from], [3])), [B, 1, -1, 3]);
  };
  const scores = [0, 1].map((head) => {
    const q = project(x(), headScales ? 'query' : 'query_key_value', 3 * head);
    if (!headScales)
      return attentionWeights(q, project(x(), 'query_key_value', 6 + 3 * head), { ...options, keyLengths });
    const scale = headScales[head];
    if (unpooled === 0 || scale === 1) {
      const k = project(x(), `key_value_${head}`, 0);
      return attentionWeights(q, k, { ...options, keyLengths, headScales: [scale] });
    }
    const k = project(poolPositions(x(), scale, keyLengths, unpooled), `key_value_${head}`, 0);
    const averaged = keyLengths.map((length) => pooledCount(length, scale, unpooled));
    return attentionWeights(q, k, { ...options, keyLengths: averaged });
  });
  const width = Math.max(...scores.map(({ shape }) => shape[3]));
  return tf.concat(
    scores.map((one) =>
      tf.pad(one, [
        [0, 0],
        [0, 0],
        [0, 0],
        [0, width - one.shape[3]],
      ]),
    ),
    1,
  );
}

describe('useCausalMask', () => {
  it('is attention.causal, as an argument of layer or call', () => {
    const expected = apply(make({ attention: { causal: true } }), x()).dataSync();
    expect(apply(make({ useCausalMask: true }), x()).dataSync()).toEqual(expected);
    expect(apply(make(), x(), { useCausalMask: true }).dataSync()).toEqual(expected);
    expect(apply(make(), x()).dataSync()).not.toEqual(expected);
  });
});

describe('attentionMask', () => {
  it('hides keys from queries', () => {
    const square = tf.tensor2d(
      Array.from({ length: N * N }, (_, at) => Number(at % N <= Math.floor(at / N))),
      [N, N],
    );
    const expected = apply(make({ useCausalMask: true }), [x(), lengths()]).dataSync();
    for (const attentionMask of [square, tf.tile(tf.expandDims(tf.cast(square, 'bool')), [B, 1, 1])]) {
      const masked = apply(make(), [x(), lengths()], { attentionMask });
      expect(maxError(masked.dataSync(), expected)).toBeLessThan(1e-6);
    }
  });

  it('joins a Keras mask', () => {
    const mask = tf.tensor2d([1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0], [B, N], 'bool');
    const attentionMask = tf.less(normal([B, N, N], 1), 1);
    // Of queries and of keys, which are one sequence here.
    const pairs = tf.logicalAnd(tf.expandDims(mask, 1), tf.expandDims(mask, 2));
    const both = tf.logicalAnd(attentionMask, pairs);
    const joined = apply(make(), x(), { mask, attentionMask });
    expect(maxError(joined.dataSync(), apply(make(), x(), { attentionMask: both }).dataSync())).toBeLessThan(1e-6);
  });

  it('must fit', () => {
    expect(() => apply(make(), x(), { attentionMask: tf.ones([N, N + 1]) })).toThrow(
      'MultiHeadAttention: attentionMask was [7, 8]; it must be [2, 7, 7] or [7, 7]',
    );
    expect(() => apply(make({ attention: { headScales: [1, 2] } }), x(), { attentionMask: tf.ones([N, N]) })).toThrow(
      'headScales cannot be combined with a mask',
    );
    expect(() => apply(make({ attention: { kernel: 'linear' } }), x(), { attentionMask: tf.ones([N, N]) })).toThrow(
      "kernel 'linear' and mask cannot be combined",
    );
  });
});

describe('returnAttentionScores', () => {
  it.each<[LayerAttentionOptions, number?]>([
    [{}],
    [{ causal: true, softcap: 3 }],
    [{ batchNorm: true }],
    [{ headScales: [1, 3] }],
    [{ headScales: [2, 3], window: [2, 2] }],
    [{ headScales: [1, 3], batchNorm: true }, 1],
    [{ kernel: 'linear' }],
  ])('gives the weights by which values are mixed: %j, unpooled %s', (attention, unpooled) => {
    const layer = make({ attention, unpooled });
    const [output, scores] = withScores(layer, [x(), lengths()]);
    expect(output.dataSync()).toEqual(apply(layer, [x(), lengths()]).dataSync());
    expect(scores.shape).toEqual([B, 2, N, attention.headScales?.[0] === 2 ? 4 : N]);
    expect(maxError(scores.dataSync(), scoresByHead(layer, attention, unpooled).dataSync())).toBeLessThan(1e-6);
  });

  it('gives those before dropout', () => {
    const layer = make({ dropout: 0.5 });
    const still = withScores(layer, x())[1].dataSync();
    expect(withScores(layer, x(), { training: true })[1].dataSync()).toEqual(still);
  });

  it('gives what gradients flow through', () => {
    const layer = make({ attention: { headScales: [1, 2] } });
    const at = normal([1, 5, C]);
    const loss = (x: tf.Tensor) => tf.square(withScores(layer, x)[1]);
    const [, gradient] = valueAndGradients(loss, [at]);
    const moved = (step: number) => tf.sum(loss(tf.add(at, tf.mul(step, gradient)))).dataSync()[0];
    const slope = (moved(0.01) - moved(-0.01)) / 0.02;
    expect(slope).toBeGreaterThan(0);
    expect(Math.abs(slope - tf.sum(tf.square(gradient)).dataSync()[0])).toBeLessThan(2e-3 * slope);
    const { grads } = tf.variableGrads(() => tf.sum<tf.Scalar>(loss(at)));
    const values = Object.entries(grads).find(([name]) => name.includes('key_value_0/kernel'))!;
    // The scores do not depend on the values' columns, which come after the keys'.
    expect([...tf.slice(values[1], [0, 3], [C, 3]).dataSync()]).toEqual(Array(3 * C).fill(0));
  });

  it('is a second output of a model, which comes back from JSON', async () => {
    const series = input({ shape: [N, C] });
    const outputs = make({ returnAttentionScores: true, attention: { headScales: [2, 3] } }).apply(series);
    const original = model({ inputs: series, outputs: outputs as (typeof series)[] });
    expect(original.outputs.map(({ shape }) => shape)).toEqual([
      [null, N, C],
      [null, 2, N, 4],
    ]);
    const copy = await models.modelFromJSON(original.toJSON(null, false) as never);
    copy.setWeights(original.getWeights());
    const [ours, theirs] = [original, copy].map((one) => one.predict(x()) as tf.Tensor[]);
    ours.forEach((output, index) => {
      expect(output.shape).toEqual([B, ...original.outputs[index].shape.slice(1)]);
      expect(theirs[index].dataSync()).toEqual(output.dataSync());
    });
  });

  it('leaves no tensors behind', () => {
    const layer = make({ attention: { headScales: [1, 2] } });
    const [series, valid] = [x(), lengths()];
    tf.dispose(withScores(layer, [series, valid]));
    expectNoLeaks(() => withScores(layer, [series, valid]));
    const loss = (series: tf.Tensor) => tf.square(withScores(layer, [series, valid])[1]);
    expectNoLeaks(() => valueAndGradients(loss, [series]));
  });
});

it.each(['useCausalMask', 'returnAttentionScores', 'attentionMask'])('a model would lose %s of a call', (name) => {
  const series = input({ shape: [N, C] });
  expect(() => make().apply(series, { [name]: name === 'attentionMask' ? tf.ones([N, N]) : true })).toThrow(
    `MultiHeadAttention: ${name} was given to a call on a symbolic tensor`,
  );
});
