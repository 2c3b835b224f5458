import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { adamW, init, tokenClassifier, type TokenClassifierConfig } from '../../src/index.js';
import { uniform } from '../../src/random.js';

beforeAll(() => init());

const make = (config: Partial<TokenClassifierConfig> = {}) =>
  tokenClassifier({ vocabulary: 6, length: 8, classes: 3, width: 8, feedForward: 16, heads: 2, seed: 1, ...config });

/** One sequence whose first `length` tokens are the same each time. */
const tokens = (length: number, padding: number) =>
  tf.tensor2d(
    Array.from({ length: 8 }, (_, n) => (n < length ? (n * 5 + 1) % 6 : padding)),
    [1, 8],
  );
const predict = (model: ReturnType<typeof make>, inputs: tf.Tensor[]) => [
  ...(model.predict(inputs) as tf.Tensor).dataSync(),
];

describe('tokenClassifier', () => {
  it('has tokens and lengths for inputs, and the parameters of its parts', () => {
    const model = make();
    expect(model.inputs.map(({ shape }) => shape)).toEqual([
      [null, 8],
      [null, 1],
    ]);
    expect(model.outputs.map(({ shape }) => shape)).toEqual([[null, 3]]);
    const encoder = 4 * (8 * 8 + 8) + (8 * 16 + 16) + (16 * 8 + 8) + 2 * 2 * 8;
    expect(model.countParams()).toBe(6 * 8 + 2 * encoder + 2 * 8 + 8 * 3 + 3);
    expect(make({ positions: 'learned', head: 'flatten', normFirst: false }).countParams()).toBe(
      6 * 8 + 8 * 8 + 2 * encoder + 8 * 8 * 3 + 3,
    );
    const rows = (model.predict([tf.ones([4, 8]), tf.fill([4, 1], 8)]) as tf.Tensor2D).arraySync();
    rows.forEach((row) => expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 6));
  });

  it.each(['flatten', 'mean'] as const)('does not see the padding, and sees the order (%s)', (head) => {
    const model = make({ head });
    const lengths = tf.tensor2d([5], [1, 1]);
    expect(predict(model, [tokens(5, 3), lengths])).toEqual(predict(model, [tokens(5, 0), lengths]));
    expect(predict(model, [tokens(6, 0), tf.tensor2d([6], [1, 1])])).not.toEqual(
      predict(model, [tokens(6, 0), lengths]),
    );
    const reversed = tf.reverse(tf.slice(tokens(8, 0), [0, 0], [1, 5]), 1);
    const padded = tf.concat([reversed, tf.zeros([1, 3])], 1);
    expect(predict(model, [padded, lengths])).not.toEqual(predict(model, [tokens(5, 0), lengths]));
  });

  it('learns which token comes first', async () => {
    const model = make({ dropout: 0 });
    model.compile({ optimizer: adamW({ learningRate: 0.01 }), loss: 'sparseCategoricalCrossentropy' });
    const next = uniform(2);
    const sequences = Array.from({ length: 60 }, () => Array.from({ length: 8 }, () => Math.floor(3 * next())));
    const labels = tf.tensor2d(sequences.map(([first]) => [first]));
    const inputs = [tf.tensor2d(sequences), tf.fill([60, 1], 8)];
    const losses: number[] = [];
    for (let step = 0; step < 80; step++) losses.push((await model.trainOnBatch(inputs, labels)) as number);
    expect(losses[0]).toBeGreaterThan(0.9);
    expect(losses.at(-1)).toBeLessThan(0.1);
  });

  it('names a bad argument, and a token outside the vocabulary', () => {
    expect(() => make({ vocabulary: 0 })).toThrow('tokenClassifier: vocabulary was 0');
    expect(() => make({ positions: 'rotary' as 'learned' })).toThrow(
      `positions was 'rotary'; it must be 'learned' or 'sinusoidal'`,
    );
    expect(() => predict(make(), [tf.add(tokens(8, 0), 1), tf.tensor2d([8], [1, 1])])).toThrow(
      'it must be an integer from 0 to 5',
    );
  });
});
