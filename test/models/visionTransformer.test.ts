import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { adamW, init, visionTransformer, type VisionTransformerConfig } from '../../src/index.js';
import { maxError } from '../support/attention.js';
import { normal } from '../support/normal.js';

beforeAll(() => init());

const make = (config: Partial<VisionTransformerConfig> = {}) =>
  visionTransformer({
    ...{ height: 8, width: 12, channels: 2, classes: 3 },
    ...{ embedDim: 8, feedForward: 16, heads: 2, layers: 2, seed: 1 },
    ...config,
  });
const images = (count: number, seed = 3) => normal([count, 8, 12, 2], seed);
const predict = (model: ReturnType<typeof make>, inputs: tf.Tensor) => [
  ...(model.predict(inputs) as tf.Tensor).dataSync(),
];

describe('visionTransformer', () => {
  it('has images for its input, and the parameters of its parts', () => {
    const model = make();
    expect(model.inputs.map(({ shape }) => shape)).toEqual([[null, 8, 12, 2]]);
    expect(model.outputs.map(({ shape }) => shape)).toEqual([[null, 3]]);
    const [patch, positions] = [4 * 4 * 2, 1 + 2 * 3];
    const encoder = 4 * (8 * 8 + 8) + (8 * 16 + 16) + (16 * 8 + 8) + 2 * 2 * 8;
    const count = patch * 8 + 8 + 8 + positions * 8 + 2 * encoder + 2 * 8 + 8 * 3 + 3;
    expect(model.countParams()).toBe(count);
    expect(make({ head: 'mean' }).countParams()).toBe(count - 2 * 8);
    const rows = (model.predict(images(4)) as tf.Tensor2D).arraySync();
    rows.forEach((row) => expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 6));
  });

  it("'deit-tiny' has the 5,717,416 parameters of DeiT-Ti", () => {
    const model = visionTransformer({ height: 224, width: 224, channels: 3, classes: 1000, preset: 'deit-tiny' });
    expect(model.countParams()).toBe(5_717_416);
    expect(model.getLayer('encoder_0').getConfig()).toMatchObject({ numHeads: 3, normFirst: true, dropout: 0 });
    model.dispose();
  });

  it.each(['token', 'mean'] as const)('sees every patch, and where it is (%s)', (head) => {
    const model = make({ head });
    const x = images(1);
    const still = predict(model, x);
    for (let patch = 0; patch < 6; patch++) {
      const [top, left] = [4 * Math.floor(patch / 3), 4 * (patch % 3)];
      const change = tf.pad(tf.ones([1, 4, 4, 2]), [
        [0, 0],
        [top, 4 - top],
        [left, 8 - left],
        [0, 0],
      ]);
      expect(maxError(predict(model, tf.add(x, change)), still)).toBeGreaterThan(1e-5);
    }
    const swapped = tf.concat([tf.slice(x, [0, 4]), tf.slice(x, [0, 0], [1, 4])], 1);
    expect(maxError(predict(model, swapped), still)).toBeGreaterThan(1e-6);
  });

  it('keeps the class token out of the averages of Attention-SH', () => {
    const attention = { headScales: [1, 3] };
    expect(make({ attention }).getLayer('encoder_0').getConfig()).toMatchObject({ unpooled: 1, attention });
    expect(make({ attention, head: 'mean' }).getLayer('encoder_0').getConfig()).toMatchObject({ unpooled: 0 });
    // Six patches in windows of six: with the class token there are two keys.
    const one = make({ attention: { headScales: [6, 6] }, layers: 1 });
    expect(predict(one, images(2))).not.toEqual(predict(make({ layers: 1 }), images(2)));
  });

  it('learns where an image is bright', async () => {
    const model = make({ dropout: 0 });
    model.compile({ optimizer: adamW({ learningRate: 0.01 }), loss: 'sparseCategoricalCrossentropy' });
    const labels = Array.from({ length: 48 }, (_, index) => index % 3);
    const bright = tf.concat(
      labels.map((label) =>
        tf.pad(tf.ones([1, 8, 4, 2]), [
          [0, 0],
          [0, 0],
          [4 * label, 8 - 4 * label],
          [0, 0],
        ]),
      ),
    );
    const inputs = tf.add(bright, tf.mul(images(48), 0.3));
    const losses: number[] = [];
    for (let step = 0; step < 80; step++) {
      losses.push((await model.trainOnBatch(inputs, tf.tensor2d(labels, [48, 1], 'float32'))) as number);
    }
    expect(losses[0]).toBeGreaterThan(0.7);
    expect(losses.at(-1)).toBeLessThan(0.1);
  });

  it('names a bad argument', () => {
    expect(() => make({ patchSize: 5 })).toThrow('patchSize was 5; it must divide height and width, 8 and 12');
    expect(() => make({ embedDim: 0 })).toThrow('visionTransformer: embedDim was 0');
    expect(() => make({ head: 'flatten' as 'mean' })).toThrow(`head was 'flatten'; it must be 'token' or 'mean'`);
    expect(() => make({ preset: 'deit-huge' as 'small' })).toThrow(
      `visionTransformer: preset was 'deit-huge'; it must be 'small' or 'deit-tiny'`,
    );
  });
});
