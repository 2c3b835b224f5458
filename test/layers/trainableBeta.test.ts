import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { init, MultiHeadAttention } from '../../src/index.js';
import { normal } from '../support/normal.js';

beforeAll(async () => {
  await init();
});

it.each([undefined, [1, 2]])('trains the beta of Attention-BN, headScales %j', (headScales) => {
  tf.tidy(() => {
    const attention = { batchNorm: { beta: 0.5 }, ...(headScales && { headScales }) };
    const layer = new MultiHeadAttention({ numHeads: 2, keyDim: 4, attention, trainableBeta: true, seed: 1 });
    const x = tf.add(normal([2, 9, 6], 3), 1);
    const loss = () => tf.sum<tf.Scalar>(tf.square(layer.apply(x) as tf.Tensor));
    loss();
    const weights = layer.getWeights();
    const at = weights.findIndex((weight) => weight.size === 1);
    expect(weights[at].dataSync()[0]).toBe(0.5);
    const { grads } = tf.variableGrads(loss);
    const gradient = Object.entries(grads)
      .find(([name]) => name.includes('beta'))![1]
      .dataSync()[0];
    const moved = (beta: number) => {
      layer.setWeights(weights.map((weight, index) => (index === at ? tf.tensor1d([beta]) : weight)));
      return loss().dataSync()[0];
    };
    const numeric = (moved(0.51) - moved(0.49)) / 0.02;
    expect(Math.abs(gradient - numeric)).toBeLessThan(2e-2 * Math.abs(numeric) + 1e-4);
    expect(MultiHeadAttention.fromConfig(MultiHeadAttention, layer.getConfig()).getConfig().trainableBeta).toBe(true);
  });
});

it('needs Attention-BN', () => {
  expect(() => new MultiHeadAttention({ numHeads: 2, keyDim: 4, trainableBeta: true })).toThrow(
    'trainableBeta was true',
  );
});
