import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  attention,
  attentionWeights,
  type AttentionOptions,
  MultiHeadAttention,
  type MultiHeadAttentionArgs,
} from '../../../src/index.js';
import { attentionCase, type CaseShape, checkCase, normalOperands } from '../../support/attentionCase.js';
import { builds, initBuild } from '../../support/builds.js';
import { normal } from '../../support/normal.js';

const shape: CaseShape = { B: 2, H: 4, G: 2, N: 70, M: 83, D: 12, E: 9 };
const { B, H, N, M } = shape;

describe.each(builds)('ALiBi, %s build', (build) => {
  beforeAll(async () => {
    await initBuild(build);
  });

  const mask = Float32Array.from({ length: N * M }, (_, index) => (index % 7 === 0 ? -Infinity : Math.sin(index)));
  const bool = Float32Array.from(mask, (value) => Number(value !== -Infinity));

  it.each<[string, AttentionOptions, ('float32' | 'bool')?]>([
    ['the usual slopes', { alibiSlopes: true }],
    ['slopes of any sign and size', { alibiSlopes: [0.5, -0.1, 0, 3] }],
    ['a negative scale', { alibiSlopes: true, scale: -0.4 }],
    ['causal, with a window and offsets', { alibiSlopes: true, causal: true, window: [30, -1], queryOffset: [13, -5] }],
    ['key lengths and a soft cap', { alibiSlopes: [1, 0.5, 0.25, 0.125], keyLengths: [83, 31], softcap: 2 }],
    ['a float mask', { alibiSlopes: true }, 'float32'],
    ['a bool mask and a soft cap', { alibiSlopes: true, softcap: 4 }, 'bool'],
    ['Attention-BN and dropout', { alibiSlopes: true, batchNorm: true, dropout: 0.3, seed: 5 }],
  ])('agrees with the oracle, forward and backward: %s', (_, options, dtype) => {
    const values = dtype === 'bool' ? bool : mask;
    const masked = dtype && { dtype, shape: [N, M], values };
    expect(checkCase(attentionCase(shape, normalOperands(shape), options, masked))).toEqual([]);
  });
});

it('weighs by distance where all scores are equal', () => {
  tf.tidy(() => {
    const [q, k] = [tf.zeros([1, 2, 3, 4]), tf.zeros([1, 2, 3, 4])];
    const weights = attentionWeights(q, k, { alibiSlopes: true, causal: true }).arraySync()[0];
    // Two heads: 2^-4 and 2^-8.
    [1 / 16, 1 / 256].forEach((slope, h) => {
      const powers = [2, 1, 0].map((distance) => Math.exp(-slope * distance));
      const total = powers.reduce((a, b) => a + b);
      powers.forEach((power, j) => expect(weights[h][2][j]).toBeCloseTo(power / total, 6));
    });
  });
});

it('is an option of layers, which a saved model keeps', () => {
  const attentionOptions = { alibiSlopes: [0.5, 0.25], causal: true };
  const layer = new MultiHeadAttention({ numHeads: 2, keyDim: 3, attention: attentionOptions, seed: 1 });
  const again = new MultiHeadAttention(JSON.parse(JSON.stringify(layer.getConfig())) as MultiHeadAttentionArgs);
  tf.tidy(() => {
    const x = normal([B, 5, 6], 3);
    const plain = new MultiHeadAttention({ numHeads: 2, keyDim: 3, attention: { causal: true }, seed: 1 });
    const [one, other, without] = [layer, again, plain].map((own) => (own.apply(x) as tf.Tensor).dataSync());
    expect(other).toEqual(one);
    expect(without).not.toEqual(one);
  });
});

it.each<[string, AttentionOptions]>([
  ['alibiSlopes was [1]; it must be true, false or 4 numbers, one per head', { alibiSlopes: [1] }],
  ['alibiSlopes[1] was NaN; it must be a finite float32', { alibiSlopes: [1, NaN, 1, 1] }],
  ["kernel 'linear' and alibiSlopes cannot be combined", { alibiSlopes: true, kernel: 'linear' }],
  ['headScales and alibiSlopes cannot be combined', { alibiSlopes: true, headScales: [1, 2] }],
])('names what is wrong: %s', (message, options) => {
  tf.tidy(() => {
    const [q, k] = [tf.zeros([1, H, 3, 4]), tf.zeros([1, 2, 3, 4])];
    expect(() => attention(q, k, k, options)).toThrow(`attention: ${message}`);
  });
});
