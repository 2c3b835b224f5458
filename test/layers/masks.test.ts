// Keras masks: made by maskZero or Masking, handed on by tfjs, the same as lengths wherever they hide only ends.

import * as tf from '@tensorflow/tfjs-core';
import { input, layers, type LayersModel, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  AveragePositions,
  ClassToken,
  init,
  type LayerAttentionOptions,
  MaskPadding,
  MultiHeadAttention,
  TokenEmbedding,
  TransformerEncoderLayer,
  type TransformerEncoderLayerArgs,
} from '../../src/index.js';
import { FirstPosition } from '../../src/layers/firstPosition.js';
import { SequenceBatchNormalization } from '../../src/layers/sequenceBatchNormalization.js';
import { normal } from '../support/normal.js';
import { maxError } from '../support/attention.js';

beforeAll(() => init());

const [B, N, C] = [3, 6, 4];
const lengths = [6, 2, 4];
const tokens = () =>
  tf.tensor2d(
    lengths.flatMap((length, b) => Array.from({ length: N }, (_, n) => (n < length ? 1 + ((n * 3 + b) % 4) : 0))),
    [B, N],
  );
const predict = (model: LayersModel, inputs: tf.Tensor | tf.Tensor[]) =>
  (model.predict(inputs) as tf.Tensor).dataSync();

/** Tokens, an encoder and a mean; padding is marked by token 0, or by lengths. */
function classifier(maskZero: boolean, args: Partial<TransformerEncoderLayerArgs>): LayersModel {
  const ids = input({ shape: [N] });
  const valid = input({ shape: [1] });
  const embedded = new TokenEmbedding({ inputDim: 5, outputDim: C, maskZero, seed: 1 }).apply(ids) as SymbolicTensor;
  const encoder = new TransformerEncoderLayer({ numHeads: 2, intermediateDim: 8, seed: 2, ...args });
  const apply = (layer: layers.Layer, x: SymbolicTensor) => layer.apply(maskZero ? x : [x, valid]) as SymbolicTensor;
  const outputs = apply(new AveragePositions(), apply(encoder, embedded));
  return model({ inputs: maskZero ? ids : [ids, valid], outputs });
}

describe('a mask of ends is the same as lengths', () => {
  const cases: [string, LayerAttentionOptions][] = [
    ['softmax', {}],
    ['bn', { batchNorm: true }],
    ['sh', { headScales: [1, 2] }],
    ['bn+sh', { batchNorm: true, headScales: [2, 3] }],
    ['linear', { kernel: 'linear' }],
    ['window', { window: [1, 1] }],
  ];
  it.each(cases)('%s', (_, attention) => {
    for (const normalization of ['batch', 'layer'] as const) {
      for (const normFirst of [false, true]) {
        const args = { attention, normalization, normFirst };
        const [masked, padded] = [classifier(true, args), classifier(false, args)];
        const valid = tf.tensor2d(lengths, [B, 1]);
        // Twice, since tfjs keeps what it hands on.
        for (let call = 0; call < 2; call++) {
          expect(maxError(predict(masked, tokens()), predict(padded, [tokens(), valid]))).toBeLessThan(1e-6);
        }
      }
    }
  });

  it('and takes the same training step', async () => {
    const losses = [true, false].map(async (maskZero) => {
      const made = classifier(maskZero, { dropout: 0, normalization: 'batch' });
      made.compile({ optimizer: tf.train.sgd(0.1), loss: 'meanSquaredError' });
      const inputs = maskZero ? tokens() : [tokens(), tf.tensor2d(lengths, [B, 1])];
      const steps: number[] = [];
      for (let step = 0; step < 3; step++) {
        steps.push((await made.trainOnBatch(inputs, tf.ones([B, C]))) as number);
      }
      return steps;
    });
    const [masked, padded] = await Promise.all(losses);
    expect(maxError(masked, padded)).toBeLessThan(1e-5);
    expect(masked[2]).toBeLessThan(masked[0]);
  });
});

describe('a mask with holes', () => {
  // Position 1 of sample 0 is hidden in front of others; sample 1 ends at 2.
  const mask = () => tf.tensor2d([1, 0, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0], [B, N], 'bool');
  const seen = (x: tf.Tensor) => tf.where(tf.expandDims(mask(), 2), x, 0);
  const x = () => normal([B, N, C]);
  const call = (layer: layers.Layer, inputs: tf.Tensor | tf.Tensor[], options: object) =>
    layer.apply(inputs, options) as tf.Tensor;

  it('is left out of means and set to 0', () => {
    const counts = tf.tensor2d([5, 2, 4], [B, 1]);
    const mean = tf.div(tf.sum(seen(x()), 1), counts);
    expect(maxError(call(new AveragePositions(), x(), { mask: mask() }).dataSync(), mean.dataSync())).toBeLessThan(
      1e-6,
    );
    expect(call(new MaskPadding(), x(), { mask: mask() }).dataSync()).toEqual(seen(x()).dataSync());
    // Lengths hide more.
    const shorter = tf.tensor2d([3, 6, 6], [B, 1]);
    const both = call(new AveragePositions(), [x(), shorter], { mask: mask() });
    const two = tf.div(tf.add(tf.slice(x(), [0, 0, 0], [1, 1, C]), tf.slice(x(), [0, 2, 0], [1, 1, C])), 2);
    expect(maxError(tf.slice(both, [0, 0], [1, C]).dataSync(), two.dataSync())).toBeLessThan(1e-6);
  });

  it('hides keys, from queries of the same sequence and of another', () => {
    const layer = new MultiHeadAttention({ numHeads: 2, keyDim: 3, seed: 4 });
    const cross = new MultiHeadAttention({ numHeads: 2, keyDim: 3, seed: 4 });
    const changed = tf.where(tf.expandDims(mask(), 2), x(), 9);
    const kept = (y: tf.Tensor) => seen(y).dataSync();
    expect(
      maxError(kept(call(layer, changed, { mask: mask() })), kept(call(layer, x(), { mask: mask() }))),
    ).toBeLessThan(1e-5);
    const query = normal([B, 2, C], 1);
    const of = (value: tf.Tensor) => call(cross, [query, value], { mask: [null, mask()] }).dataSync();
    expect(maxError(of(changed), of(x()))).toBeLessThan(1e-5);
    // A mask of the query hides no keys from others; what it hides sees none, and gives the output's bias, 0.
    const first = tf.tensor2d([1, 0, 1, 0, 1, 0], [B, 2], 'bool');
    expect(call(cross, [query, x()], { mask: [first, null] }).dataSync()).toEqual(
      tf.where(tf.expandDims(first, 2), call(cross, [query, x()], {}), 0).dataSync(),
    );
  });

  it('has no part in batch statistics', () => {
    const [one, two] = [new SequenceBatchNormalization(), new SequenceBatchNormalization()];
    const rows = [0, 2, 3, 4, 5, 6, 7, 12, 13, 14, 15];
    const valid = tf.gather(tf.reshape(x(), [B * N, C]), tf.tensor1d(rows, 'int32'));
    call(one, x(), { training: true, mask: mask() });
    call(two, tf.reshape(valid, [1, rows.length, C]), { training: true });
    [one, two]
      .map((layer) => layer.nonTrainableWeights[0].read().dataSync())
      .reduce((a, b) => {
        expect(maxError(a, b)).toBeLessThan(1e-6);
        return b;
      });
  });

  it('cannot be averaged away', () => {
    const layer = new MultiHeadAttention({ numHeads: 2, keyDim: 3, attention: { headScales: [1, 2] } });
    expect(() => call(layer, x(), { mask: mask() })).toThrow(
      'headScales cannot be combined with a mask that hides keys',
    );
  });

  it('must be of the right shape', () => {
    expect(() => call(new MaskPadding(), x(), { mask: tf.ones([B, N + 1]) })).toThrow(
      'MaskPadding: mask was [3, 7]; it must be [3, 6]',
    );
  });
});

it('a class token is seen, and ends the mask with its sequence', () => {
  const token = new ClassToken();
  const mask = tf.tensor2d([1, 0], [1, 2], 'bool');
  expect([...(token.computeMask(tf.zeros([1, 2, 3]), mask) as tf.Tensor).dataSync()]).toEqual([1, 1, 0]);
  expect(token.computeMask(tf.zeros([1, 2, 3]))).toBeNull();
  expect(new FirstPosition().computeMask()).toBeNull();
  const ids = input({ shape: [N] });
  const steps = [
    new TokenEmbedding({ inputDim: 5, outputDim: C, maskZero: true, seed: 1 }),
    token,
    new MultiHeadAttention({ numHeads: 1, keyDim: 2, seed: 2 }),
    new FirstPosition(),
  ];
  const read = model({ inputs: ids, outputs: steps.reduce((y, layer) => layer.apply(y) as SymbolicTensor, ids) });
  const [short, long] = [
    [1, 2, 3, 0, 0, 0],
    [1, 2, 3, 0, 4, 0],
  ].map((values) => predict(read, tf.tensor2d(values, [1, N])));
  expect(long).not.toEqual(short);
  // By hand: the token and three positions, nothing after them.
  const embedded = steps[0].apply(tf.tensor2d([1, 2, 3], [1, 3])) as tf.Tensor;
  const attended = steps[2].apply(token.apply(embedded)) as tf.Tensor;
  expect(maxError(short, (steps[3].apply(attended) as tf.Tensor).dataSync())).toBeLessThan(1e-6);
});
