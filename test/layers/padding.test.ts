/** What stands behind the lengths has no part in outputs, gradients or statistics of layers and kernels. */
import * as tf from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { AveragePositions, init, MaskPadding, MultiHeadAttention } from '../../src/index.js';
import { SequenceBatchNormalization } from '../../src/layers/sequenceBatchNormalization.js';
import { SequenceLayerNormalization } from '../../src/layers/sequenceLayerNormalization.js';
import { SequenceRmsNormalization } from '../../src/layers/sequenceRmsNormalization.js';
import { batchNormalization, batchNormalizationInference } from '../../src/ops/batchNormalization.js';
import { poolPositions } from '../../src/ops/poolPositions.js';
import { maxError } from '../support/attention.js';
import { normal } from '../support/normal.js';

beforeAll(() => init());

const harmful = [NaN, Infinity, -Infinity, 3e38];
const [B, N, C] = [2, 5, 4];
const lengths = [2, 5];

const isValid = () =>
  tf.tensor3d(
    lengths.flatMap((length) => Array.from({ length: N }, (_, n) => Number(n < length))),
    [B, N, 1],
  );

/** Series whose padding holds `value`. */
const series = (value: number) => tf.where(tf.equal(isValid(), 1), normal([B, N, C], 1), value);

/** The part of y at valid positions, if it has positions, with a gradient of its own for each number. */
function loss(y: tf.Tensor): tf.Scalar {
  const shown = y.rank === 3 && y.shape[1] === N ? tf.where(tf.equal(isValid(), 1), y, 0) : y;
  return tf.sum(tf.mul(shown, normal(y.shape, 2)));
}

const inputs = (value: number) => [series(value), tf.tensor2d(lengths, [B, 1])];

const layersWithLengths: [string, () => layers.Layer][] = [
  ['MultiHeadAttention', () => new MultiHeadAttention({ numHeads: 2, keyDim: 2, seed: 1 })],
  [
    'MultiHeadAttention, averages',
    () => new MultiHeadAttention({ numHeads: 2, keyDim: 2, seed: 1, attention: { headScales: [1, 2] } }),
  ],
  ['SequenceBatchNormalization', () => new SequenceBatchNormalization()],
  ['SequenceLayerNormalization', () => new SequenceLayerNormalization()],
  ['SequenceRmsNormalization', () => new SequenceRmsNormalization()],
  ['MaskPadding', () => new MaskPadding()],
  ['AveragePositions', () => new AveragePositions()],
];

describe.each(layersWithLengths)('%s', (_, make) => {
  const run = (value: number, training: boolean) => {
    const layer = make();
    layer.apply(inputs(0), { training });
    const apply = (x: tf.Tensor) => loss(layer.apply([x, inputs(0)[1]], { training }) as tf.Tensor);
    const weights = layer.trainableWeights.map((weight) => weight.read() as tf.Variable);
    const ofWeights =
      weights.length > 0 ? Object.values(tf.variableGrads(() => apply(series(value)), weights).grads) : [];
    const ofInput = tf.grad(apply)(series(value));
    const moving = layer.nonTrainableWeights.map((weight) => weight.read());
    return [apply(series(value)), ...ofWeights, ofInput, ...moving].flatMap((tensor) => [...tensor.dataSync()]);
  };

  it.each(harmful)('%d behind the lengths changes nothing', (value) => {
    for (const training of [true, false]) expect(maxError(run(value, training), run(0, training))).toBeLessThan(1e-5);
  });
});

const ops: [string, (x: tf.Tensor, gamma: tf.Tensor) => tf.Tensor][] = [
  ['batchNormalization', (x, gamma) => batchNormalization(x, gamma, tf.zeros([C]), lengths).value],
  [
    'batchNormalizationInference',
    (x, gamma) => batchNormalizationInference(x, gamma, tf.zeros([C]), tf.zeros([C]), tf.ones([C]), 1e-5),
  ],
  ['poolPositions', (x, gamma) => tf.mul(poolPositions(x, 2, lengths, 1), gamma)],
];

it.each(ops)('%s: gradients know nothing of what is behind the lengths', (_, op) => {
  const gradients = (value: number) =>
    tf.grads((x: tf.Tensor, gamma: tf.Tensor) => loss(op(x, gamma)))([series(value), normal([C], 3)]);
  const clean = gradients(0);
  for (const value of harmful) {
    gradients(value).forEach((gradient, i) => {
      expect(maxError(gradient.dataSync(), clean[i].dataSync())).toBeLessThan(1e-6);
    });
  }
});

describe('keys that an attention mask hides from all queries', () => {
  const keys = 4;
  /** Position 1 of the keys of sample 0, and position 3 of those of sample 1, are seen by nobody. */
  const mask = () =>
    tf.tensor3d(
      [1, 3].flatMap((hidden) => Array.from({ length: 3 * keys }, (_, i) => Number(i % keys !== hidden))),
      [B, 3, keys],
    );
  const valueOf = (value: number) => {
    const at = tf.tensor3d(
      [1, 3].flatMap((hidden) => Array.from({ length: keys }, (_, i) => Number(i === hidden))),
      [B, keys, 1],
    );
    return tf.where(tf.equal(at, 1), value, normal([B, keys, C], 3));
  };

  it.each(harmful)('have no part in the gradients of the projections: %s', (value) => {
    const run = (hidden: number) => {
      const layer = new MultiHeadAttention({ numHeads: 2, keyDim: 2, seed: 1 });
      const query = normal([B, 3, C], 4);
      const apply = () => layer.apply([query, valueOf(hidden)], { attentionMask: mask() }) as tf.Tensor;
      const y = apply();
      const weights = layer.trainableWeights.map((weight) => weight.read() as tf.Variable);
      const { grads } = tf.variableGrads(() => tf.sum(tf.mul(apply(), normal(y.shape, 2))), weights);
      return [y, ...Object.values(grads)].flatMap((tensor) => [...tensor.dataSync()]);
    };
    expect(run(value)).toEqual(run(0));
  });
});
