/** What a mask with gaps hides has no part in any layer, whatever it holds, and whatever the form of attention. */
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import * as pa from '../../src/index.js';
import { maxError } from '../support/attention.js';
import { leastArguments, layerClasses, messageOf, validInput } from '../support/everyLayer.js';
import { normal } from '../support/normal.js';

await pa.init();

const [B, N, C] = [2, 4, 4];
const seen = [
  [1, 0, 1, 1],
  [1, 1, 0, 1],
];
const mask = () => tf.tensor2d(seen, [B, N], 'bool');
const positions = (x: tf.Tensor) => tf.expandDims(mask(), x.rank - 1);

/** x with `value` in the hidden positions. */
const hiding = (x: tf.Tensor, value: number) => tf.where(positions(x), x, value);

/** What is seen of an output, the last positions of it; all of it where it has none. */
function shown(y: tf.Tensor): tf.Tensor {
  if (y.rank < 3) return y;
  const sequence = tf.slice(y, [0, y.shape[1]! - N, 0], [B, N, -1]);
  return tf.where(positions(sequence), sequence, 0);
}

type Apply = (layer: InstanceType<(typeof layerClasses)[0][1]>, x: tf.Tensor, training: boolean) => tf.Tensor;

const applications: [string, Apply][] = [
  ['the mask of a call', (layer, x, training) => layer.apply(x, { training, mask: mask() }) as tf.Tensor],
  [
    'the mask of a tensor',
    (layer, x, training) => layer.apply(Object.assign(x, { kerasMask: mask() }), { training }) as tf.Tensor,
  ],
];

describe.each(layerClasses)('%s', (_, Class) => {
  const args = leastArguments((given) => new Class(given));
  const make = () => {
    const known = ['seed', 'kernelInitializer'].filter((name) => !messageOf(() => new Class({ ...args, [name]: 1 })));
    return new Class({ ...args, ...Object.fromEntries(known.map((name) => [name, 1])) });
  };
  const input = validInput(() => new Class(args));
  const isSequence = input instanceof tf.Tensor && input.rank === 3;

  it.runIf(isSequence).each(applications)('%s hides NaN, or is an error', (_how, apply) => {
    const run = (value: number, training: boolean) => {
      const layer = make();
      const x = hiding(normal([B, N, C], 1), value);
      apply(layer, hiding(x, 0), false);
      layer.setWeights(layer.getWeights().map(({ shape }, i) => tf.abs(normal(shape, 7 + i))));
      const loss = (one: tf.Tensor) => {
        const y = shown(apply(layer, one, training));
        return tf.sum<tf.Scalar>(tf.mul(y, normal(y.shape, 2)));
      };
      const weights = layer.trainableWeights.map((weight) => weight.read() as tf.Variable);
      const found = weights.length > 0 ? Object.values(tf.variableGrads(() => loss(x), weights).grads) : [];
      const statistics = layer.nonTrainableWeights.map((weight) => weight.read());
      return [loss(x), tf.grad(loss)(x), ...found, ...statistics].flatMap((tensor) => [...tensor.dataSync()]);
    };
    const refusal = messageOf(() => run(0, false));
    if (refusal !== undefined)
      return expect(refusal).toMatch(
        /mask of x hid positions; it must hide none, since|^TokenEmbedding: token .* must be an integer/,
      );
    for (const training of [false, true]) {
      for (const value of [NaN, Infinity, 3e38]) {
        expect(maxError(run(value, training), run(0, training))).toBeLessThan(1e-4);
      }
    }
  });
});

describe.each([{}, { batchNorm: true }, { kernel: 'linear' }, { kernel: 'linear', batchNorm: true }] as const)(
  'attention %j of keys whose mask has gaps',
  (attention) => {
    const layer = () => new pa.MultiHeadAttention({ numHeads: 2, keyDim: 3, seed: 1, attention: { ...attention } });
    /** Positions of case b that are seen, by themselves. */
    const alone = (x: tf.Tensor, b: number) =>
      tf.gather(
        tf.slice(x, [b, 0, 0], [1, -1, -1]),
        seen[b].flatMap((one, n) => (one ? [n] : [])),
        1,
      );

    it('is that of the others alone, in itself', () => {
      const [x, one] = [hiding(normal([B, N, C], 1), 9), layer()];
      const y = one.apply(x, { mask: mask() }) as tf.Tensor;
      for (let b = 0; b < B; b++) {
        const expected = one.apply(alone(x, b)) as tf.Tensor;
        expect(maxError(alone(y, b).dataSync(), expected.dataSync())).toBeLessThan(1e-5);
      }
    });

    it('is that of the others alone, across sequences, and so are gradients', () => {
      const [query, x, one] = [normal([B, 3, C], 2), hiding(normal([B, N, C], 1), NaN), layer()];
      const y = (keys: tf.Tensor, options?: object) => one.apply([query, keys], options) as tf.Tensor;
      y(hiding(x, 0));
      const gradients = tf.grad((keys) => tf.sum(tf.square(y(keys, { valueMask: mask() }))))(x);
      for (let b = 0; b < B; b++) {
        const own = tf.slice(query, [b, 0, 0], [1, -1, -1]);
        const of = (keys: tf.Tensor) => one.apply([own, keys]) as tf.Tensor;
        const found = tf.slice(y(x, { valueMask: mask() }), [b, 0, 0], [1, -1, -1]);
        expect(maxError(found.dataSync(), of(alone(x, b)).dataSync())).toBeLessThan(1e-5);
        const expected = tf.grad((keys) => tf.sum(tf.square(of(keys))))(alone(x, b));
        expect(maxError(alone(gradients, b).dataSync(), expected.dataSync())).toBeLessThan(1e-4);
      }
      expect(tf.sum(tf.abs(tf.where(positions(x), 0, gradients))).dataSync()[0]).toBe(0);
    });

    it.skipIf('kernel' in attention)('has its scores where the keys are', () => {
      const [x, one] = [normal([B, N, C], 3), layer()];
      const options = { mask: mask(), returnAttentionScores: true };
      const [, scores] = one.apply(x, options) as tf.Tensor[];
      const visible = tf.expandDims(mask(), 1);
      const both = tf.logicalAnd(tf.expandDims(visible, 3), tf.expandDims(visible, 2));
      expect(tf.sum(tf.where(both, 0, scores)).dataSync()[0]).toBe(0);
      const [, expected] = one.apply(alone(x, 0), { returnAttentionScores: true }) as tf.Tensor[];
      const found = [...scores.dataSync().subarray(0, 2 * N * N)].filter((value) => value !== 0);
      expect(maxError(found, expected.dataSync())).toBeLessThan(1e-6);
    });
  },
);

it('attention that needs its keys in place says what it cannot do with gaps', () => {
  const attention = { batchNorm: true, window: [1, 1] as [number, number] };
  const layer = new pa.MultiHeadAttention({ numHeads: 2, keyDim: 2, attention });
  const message = /batchNorm cannot be combined with a mask that hides keys in front of others where their positions/;
  expect(() => layer.apply(tf.ones([B, N, C]), { mask: mask() })).toThrow(message);
});

it.each(['abc', 5, {}, [true]])('a mask that is no tensor, %j, is an error', (mask) => {
  const layer = new pa.PositionEmbedding({ seed: 1 });
  expect(() => layer.apply(tf.ones([B, N, C]), { mask: mask as never })).toThrow(
    /^PositionEmbedding: mask was .* tf.Tensor/,
  );
});
