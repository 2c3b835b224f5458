import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { attention, type AttentionOptions, init } from '../../../src/index.js';
import { depthwiseConvolution } from '../../../src/ops/depthwiseConvolution.js';
import { maxError } from '../../support/attention.js';
import {
  attentionCase,
  type CaseConvolution,
  type CaseShape,
  checkCase,
  normalOperands,
} from '../../support/attentionCase.js';
import { normal } from '../../support/normal.js';
import { random } from '../../support/random.js';

beforeAll(async () => {
  await init();
});

describe('the convolution', () => {
  // Wider than the series and higher than the grid as well, and even sizes, where "same" is not symmetric.
  it.each([
    [1, 1, 1, 1],
    [1, 9, 1, 3],
    [1, 9, 1, 4],
    [1, 3, 1, 8],
    [4, 5, 3, 3],
    [4, 5, 2, 4],
    [5, 1, 4, 2],
    [2, 3, 7, 9],
  ])("on a grid of %i x %i with %i x %i taps is tfjs's", (rows, columns, height, width) => {
    tf.tidy(() => {
      for (const headWidth of [1, 3, 8, 13]) {
        const [x, kernel] = [normal([2, 1, rows * columns, headWidth]), normal([1, headWidth, height, width])];
        const lengths = [rows * columns, rows * columns];
        const actual = depthwiseConvolution(x, kernel, { lengths, grid: [rows, columns] });
        // 'same' of tfjs puts less of an odd padding before than after, as (W - 1) / 2 rounded down does.
        const images = tf.reshape<tf.Rank.R4>(x, [2, rows, columns, headWidth]);
        const filter = tf.transpose<tf.Tensor4D>(kernel, [2, 3, 1, 0]);
        const expected = tf.depthwiseConv2d(images, filter, 1, 'same');
        expect(maxError(actual.dataSync(), expected.dataSync()), `headWidth ${headWidth}`).toBeLessThan(1e-5);
      }
    });
  });

  it('slides each kernel over the heads of its group, and no further than a sample is long', () => {
    tf.tidy(() => {
      const x = tf.tensor([1, 2, 3, 4, 1, 1, 1, 1, 5, 6, 7, NaN, 2, 2, 2, NaN], [2, 2, 4, 1]);
      const kernel = tf.tensor([1, 0, 10], [1, 1, 3]);
      const y = depthwiseConvolution(x, kernel, { lengths: [4, 3], grid: [1, 4] });
      expect(y.arraySync()).toEqual([
        [
          [[20], [31], [42], [3]],
          [[10], [11], [11], [1]],
        ],
        [
          [[60], [75], [6], [0]],
          [[20], [22], [2], [0]],
        ],
      ]);
      const own = depthwiseConvolution(x, tf.tensor([1, 2], [2, 1, 1]), { lengths: [4, 3], grid: [1, 4] });
      expect(own.dataSync().slice(0, 8)).toEqual(Float32Array.of(1, 2, 3, 4, 2, 2, 2, 2));
    });
  });
});

describe('attention with it', () => {
  const shape: CaseShape = { B: 2, H: 4, G: 2, N: 12, M: 12, D: 6, E: 5 };
  const { G, D } = shape;
  const taps = (...sizes: number[]) => {
    const kernel = [G, D, ...sizes];
    return { shape: kernel, values: random(sizes.join()).normals(tf.util.sizeFromShape(kernel), 0.6) };
  };

  it.each<[string, Partial<CaseShape>, AttentionOptions, CaseConvolution]>([
    ['one tap', {}, {}, taps(1)],
    ['three taps', {}, {}, taps(3)],
    ['an even number of taps', {}, {}, taps(4)],
    ['more taps than positions', { N: 3, M: 5 }, {}, taps(11)],
    ['more queries than keys', { N: 21, M: 7 }, {}, taps(5)],
    ['padding', {}, { keyLengths: [12, 5] }, taps(5)],
    ['only padding', {}, { keyLengths: [0, 1] }, taps(3)],
    ['a grid', {}, {}, { ...taps(3, 3), grid: [3, 4] }],
    ['a grid, even sizes', {}, {}, { ...taps(2, 4), grid: [4, 3] }],
    ['a grid, one row of taps', {}, {}, { ...taps(1, 3), grid: [2, 6] }],
    ['a grid with padding', {}, { keyLengths: [7, 10] }, { ...taps(3, 3), grid: [3, 4] }],
  ])('%s', (_, sizes, options, conv) => {
    const full = { ...shape, ...sizes };
    expect(checkCase(attentionCase(full, normalOperands(full), options, undefined, { conv }))).toEqual([]);
  });

  it('with a kernel of one 1 is attention without', () => {
    tf.tidy(() => {
      const [q, k, v] = [normal([1, 2, 9, 4], 'q'), normal([1, 2, 9, 4], 'k'), normal([1, 2, 9, 4], 'v')];
      const centre = tf.tensor(
        Array.from({ length: 2 * 4 * 3 }, (_, at) => Number(at % 3 === 1)),
        [2, 4, 3],
      );
      const out = attention(q, k, v, { conv: { kernel: centre } });
      expect(out.dataSync()).toEqual(attention(q, k, v).dataSync());
    });
  });

  it('trains its kernel', () => {
    const [q, k, v] = tf.tidy(() => [normal([1, 1, 9, 4], 'q'), normal([1, 1, 9, 4], 'k'), normal([1, 1, 9, 4], 'v')]);
    const target = tf.tidy(() => attention(q, k, v, { conv: { kernel: normal([1, 4, 3], 'target') } }));
    const kernel = tf.tidy(() => tf.variable(normal([1, 4, 3], 'start')));
    const optimizer = tf.train.adam(0.05);
    const loss = () => tf.sum<tf.Scalar>(tf.squaredDifference(attention(q, k, v, { conv: { kernel } }), target));
    const losses = Array.from({ length: 60 }, () => {
      const value = optimizer.minimize(loss, true, [kernel])!;
      const [number] = value.dataSync();
      value.dispose();
      return number;
    });
    expect(losses.at(-1)!).toBeLessThan(0.3 * losses[0]);
    tf.dispose([q, k, v, target, kernel]);
    optimizer.dispose();
  });
});

describe('a wrong convolution', () => {
  it.each<[string, () => unknown]>([
    ['attention: conv: options was null; it must be an object', () => null],
    ["unknown option 'stride'; the options are kernel, grid", () => ({ kernel: tf.ones([2, 6, 3]), stride: 2 })],
    ['conv.kernel was undefined; it must be a tf.Tensor', () => ({})],
    ['conv.kernel was bool; it must be float32', () => ({ kernel: tf.ones([2, 6, 3], 'bool') })],
    ['conv.kernel was [6, 3]; it must be [G, D, W]', () => ({ kernel: tf.ones([6, 3]) })],
    ['conv.kernel was [2, 6, 3, 3]; it must be [G, D, W]', () => ({ kernel: tf.ones([2, 6, 3, 3]) })],
    ['conv.kernel was [2, 6, 3]; it must be [G, D, Wh, Ww]', () => ({ kernel: tf.ones([2, 6, 3]), grid: [3, 4] })],
    ['conv.kernel was [4, 6, 3]; its first dimensions must be [2, 6], G and D', () => ({ kernel: tf.ones([4, 6, 3]) })],
    ['conv.kernel was [2, 5, 3]; its first dimensions must be [2, 6]', () => ({ kernel: tf.ones([2, 5, 3]) })],
    [
      'conv.kernel was [2, 6, 0]; its first dimensions must be [2, 6], G and D, and none 0',
      () => ({ kernel: tf.ones([2, 6, 0]) }),
    ],
    ['conv.grid was 12; it must be [h, w]', () => ({ kernel: tf.ones([2, 6, 3, 3]), grid: 12 })],
    ['conv.grid was [12]; it must be [h, w]', () => ({ kernel: tf.ones([2, 6, 3, 3]), grid: [12] })],
    ['conv.grid[1] was 2.5; it must be an integer', () => ({ kernel: tf.ones([2, 6, 3, 3]), grid: [5, 2.5] })],
    ['conv.grid[0] was 0; it must be an integer', () => ({ kernel: tf.ones([2, 6, 3, 3]), grid: [0, 4] })],
    [
      'conv.grid was [3, 5]; it must have as many positions as q and k: 12 and 12',
      () => ({ kernel: tf.ones([2, 6, 3, 3]), grid: [3, 5] }),
    ],
  ])('%s', (message, make) => {
    tf.tidy(() => {
      const [q, k] = [tf.ones([2, 4, 12, 6]), tf.ones([2, 2, 12, 6])];
      expect(() => attention(q, k, k, { conv: make() } as AttentionOptions)).toThrow(message);
    });
  });
});
