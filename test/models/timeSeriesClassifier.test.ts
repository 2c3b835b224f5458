import * as tf from '@tensorflow/tfjs-core';
import { models } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { timeSeriesClassifier, type TimeSeriesClassifierConfig } from '../../src/models/index.js';
import { init } from '../../src/ops/init.js';
import { adamW } from '../../src/training/adamW.js';
import { normal } from '../support/normal.js';

beforeAll(() => init());

const make = (config: Partial<TimeSeriesClassifierConfig> = {}) =>
  timeSeriesClassifier({
    channels: 3,
    length: 6,
    classes: 4,
    width: 8,
    feedForward: 16,
    heads: 2,
    layers: 2,
    seed: 1,
    ...config,
  });

/** A series whose first `length` positions are the same each time. */
function series(length: number, padding: number): tf.Tensor {
  const valid = normal([1, length, 3], 2);
  return tf.concat([valid, tf.fill([1, 6 - length, 3], padding)], 1);
}

const predict = (model: ReturnType<typeof make>, inputs: tf.Tensor[]) => [
  ...(model.predict(inputs) as tf.Tensor).dataSync(),
];

describe('timeSeriesClassifier', () => {
  it('has the inputs, the output and the parameters of the protocol', () => {
    const model = make();
    expect(model.inputs.map(({ shape }) => shape)).toEqual([
      [null, 6, 3],
      [null, 1],
    ]);
    expect(model.outputs.map(({ shape }) => shape)).toEqual([[null, 4]]);
    const encoder = 4 * (8 * 8 + 8) + (8 * 16 + 16) + (16 * 8 + 8) + 2 * 4 * 8;
    expect(model.countParams()).toBe(3 * 8 + 8 + 6 * 8 + 2 * encoder + 6 * 8 * 4 + 4);
    const rows = (model.predict([tf.zeros([5, 6, 3]), tf.fill([5, 1], 6)]) as tf.Tensor2D).arraySync();
    rows.forEach((row) => expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 6));
  });

  it.each([
    ['batch', 'flatten'],
    ['batch', 'mean'],
    ['layer', 'flatten'],
    ['layer', 'mean'],
  ] as const)('does not see the padding (%s, %s)', (normalization, head) => {
    const model = make({ normalization, head });
    const lengths = tf.tensor2d([4], [1, 1]);
    const [zero, other] = [0, 30].map((padding) => predict(model, [series(4, padding), lengths]));
    expect(other).toEqual(zero);
    expect(predict(model, [series(4, 0), tf.tensor2d([5], [1, 1])])).not.toEqual(zero);
  });

  it('starts from the same weights for the same seed', () => {
    const values = [make(), make(), make({ seed: 2 })].map((model) =>
      model.weights.map((weight) => [...weight.read().dataSync()]),
    );
    expect(values[1]).toEqual(values[0]);
    expect(values[2]).not.toEqual(values[0]);
  });

  it('comes back from JSON with its weights', async () => {
    const model = make({ normalization: 'layer', head: 'mean', attention: { causal: true } });
    const copy = await models.modelFromJSON(model.toJSON(null, false) as never);
    copy.weights.forEach((weight) => weight.write(tf.zeros(weight.shape as number[])));
    copy.setWeights(model.getWeights());
    const inputs = [series(5, 0), tf.tensor2d([5], [1, 1])];
    expect(predict(copy, inputs)).toEqual(predict(model, inputs));
  });

  it.each(['sparseCategoricalCrossentropy', 'categoricalCrossentropy'])(
    'compiles and trains on batches as tfjs models do, with %s',
    async (loss) => {
      const model = make({ dropout: 0 });
      model.compile({ optimizer: adamW({ learningRate: 0.01 }), loss, metrics: ['accuracy'] });
      const inputs = [normal([16, 6, 3], 3), tf.fill([16, 1], 6)];
      const classes = tf
        .range(0, 16)
        .arraySync()
        .map((index) => index % 4);
      const labels =
        loss === 'categoricalCrossentropy' ? tf.oneHot(classes, 4) : tf.tensor2d(classes, [16, 1], 'float32');
      const history: number[][] = [];
      for (let step = 0; step < 40; step++) history.push((await model.trainOnBatch(inputs, labels)) as number[]);
      expect(history[0][0]).toBeGreaterThan(1);
      expect(history[39][0]).toBeLessThan(0.2);
      expect(history[39][1]).toBe(1);
    },
  );

  it.each(['batch', 'layer', 'rms'] as const)('gradients know nothing of what is behind the lengths, %s', (kind) => {
    const gradients = (padding: number) => {
      const model = make({ normalization: kind, dropout: 0 });
      const inputs = [tf.concat([series(6, 0), series(4, padding)]), tf.tensor2d([6, 4], [2, 1])];
      const loss = () => tf.sum<tf.Scalar>(tf.square(model.apply(inputs, { training: true }) as tf.Tensor));
      const weights = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
      return Object.values(tf.variableGrads(loss, weights).grads).flatMap((gradient) => [...gradient.dataSync()]);
    };
    for (const padding of [NaN, Infinity, 3e38]) expect(gradients(padding)).toEqual(gradients(0));
  });

  it('names a bad argument', () => {
    expect(() => make({ classes: 1 })).toThrow('timeSeriesClassifier: classes was 1');
    expect(() => make({ head: 'last' as 'mean' })).toThrow(`head was 'last'; it must be 'flatten' or 'mean'`);
    expect(() => make({ dropout: -0.1 })).toThrow('dropout was -0.1');
    expect(() => make({ heads: 3 })).toThrow('heads was 3; it must divide width, 8');
  });
});
