/** Arithmetic and memory against softmax attention. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  attentionCosts,
  init,
  type LayerAttentionOptions,
  modelFlops,
  timeSeriesClassifier,
  tokenClassifier,
  visionTransformer,
} from '../../src/index.js';

beforeAll(() => init({ threads: 1 }));

const sizes = { length: 64, classes: 3, width: 16, feedForward: 16, heads: 2, layers: 1, dropout: 0 };
const classifier = (attention?: LayerAttentionOptions) => timeSeriesClassifier({ channels: 5, ...sizes, attention });

describe('attentionCosts', () => {
  it('are those of softmax for softmax, and the same each time', async () => {
    const model = classifier();
    const before = tf.memory().numTensors;
    const costs = await attentionCosts(model, { batch: 3 });
    expect(tf.memory().numTensors).toBe(before);
    expect(costs.own).toEqual(costs.softmax);
    expect(await attentionCosts(model, { batch: 3 })).toEqual(costs);
    const { forward, trainingStep } = modelFlops(model, { batch: 3 });
    expect([costs.own.forward.flops, costs.own.trainingStep.flops]).toEqual([forward, trainingStep]);
  });

  it('count every tensor that lives at the worst moment', async () => {
    const { own } = await attentionCosts(classifier(), { batch: 3 });
    const activation = 4 * 3 * 64 * 16;
    // Queries, keys and values (three) with what they come from, at least.
    expect(own.forward.bytes).toBeGreaterThan(4 * activation);
    // What is saved for the gradients: at least an activation for each of seven products and two normalisations.
    expect(own.trainingStep.bytes).toBeGreaterThan(9 * activation);
    const { own: twice } = await attentionCosts(classifier(), { batch: 6 });
    expect(twice.trainingStep.bytes / own.trainingStep.bytes).toBeGreaterThan(1.5);
  });

  it('are against softmax where a beta is trained, too', async () => {
    const model = timeSeriesClassifier({ channels: 5, ...sizes, attention: { batchNorm: true }, trainableBeta: true });
    const { softmax } = await attentionCosts(model, { batch: 4 });
    expect(softmax).toEqual((await attentionCosts(classifier(), { batch: 4 })).own);
  });

  it('are less for averaged keys', async () => {
    const model = classifier({ headScales: [4, 4] });
    const { own, softmax } = await attentionCosts(model, { batch: 4 });
    expect(softmax).toEqual((await attentionCosts(classifier(), { batch: 4 })).own);
    for (const pass of ['forward', 'trainingStep'] as const) {
      expect(own[pass].flops).toBeLessThan(softmax[pass].flops);
    }
    expect(own.trainingStep.bytes).toBeLessThan(softmax.trainingStep.bytes);
  });

  it('leave the model as it is, and work for images and tokens', async () => {
    const attention = { kernel: 'linear' as const };
    const images = visionTransformer({ height: 32, width: 32, channels: 3, classes: 2, layers: 1, attention });
    const tokens = tokenClassifier({ vocabulary: 5, length: 40, classes: 2, layers: 1, attention });
    for (const model of [images, tokens]) {
      const weights = () => model.getWeights().map((weight) => [...weight.dataSync()]);
      const before = weights();
      const { own, softmax } = await attentionCosts(model, { batch: 2 });
      expect(weights()).toEqual(before);
      expect(own.forward.flops).not.toBe(softmax.forward.flops);
    }
    await expect(attentionCosts(images, { batch: 0 })).rejects.toThrow('attentionCosts: batch was 0; it must be');
  });
});
