import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { attention, init, type AttentionOptions } from '../../../src/index.js';
import { attentionWithGradients, maxError, maxSize } from '../../support/attention.js';
import {
  attentionCase,
  type CaseMask,
  type CaseShape,
  checkCase,
  normalOperands,
} from '../../support/attentionCase.js';
import { attentionTensors } from '../../support/attentionTensors.js';
import { normal } from '../../support/normal.js';
import { random } from '../../support/random.js';

beforeAll(async () => {
  await init();
});

/** Failures of one random case. */
function check(shape: CaseShape, options: AttentionOptions = {}, mask?: CaseMask): string[] {
  return checkCase(attentionCase(shape, normalOperands(shape), options, mask));
}

describe('nothing to attend to', () => {
  const full: CaseShape = { B: 2, H: 4, G: 2, N: 5, M: 6, D: 3, E: 7 };

  it.each<[string, Partial<CaseShape>, AttentionOptions]>([
    ['no queries', { N: 0 }, {}],
    ['no keys', { M: 0 }, {}],
    ['neither', { N: 0, M: 0 }, {}],
    ['no samples', { B: 0 }, {}],
    ['no query heads', { H: 0 }, {}],
    ['only padding', {}, { keyLengths: [0, 0] }],
    ['all keys in the future', {}, { causal: true, queryOffset: -5 }],
    ['a window beyond the keys', {}, { window: [2, 2], queryOffset: [100, 8] }],
  ])('%s: zeros, and zero gradients', (_, sizes, options) => {
    const operands = attentionTensors({ ...full, ...sizes });
    const results = attentionWithGradients(operands, options);
    expect(results.out).toHaveLength(operands.dOut.size);
    expect(results.dq).toHaveLength(operands.q.size);
    expect(results.dk).toHaveLength(operands.k.size);
    expect(results.dv).toHaveLength(operands.v.size);
    for (const values of Object.values(results)) expect([...values].filter((value) => value !== 0)).toEqual([]);
  });

  it('keeps the shape', () => {
    const { q, k, v } = attentionTensors({ ...full, N: 0, M: 0 });
    expect(attention(q, k, v).shape).toEqual([2, 4, 0, 7]);
  });

  it.each([{ mask: 'bool' }, { mask: 'float32' }] as const)('a row hidden by a $mask mask alone', ({ mask: dtype }) => {
    const values = Float32Array.from({ length: 30 }, (_, at) => (at < 6 ? 0 : 1));
    const mask = { dtype, shape: [5, 6], values: dtype === 'bool' ? values : values.map((value) => Math.log(value)) };
    expect(check(full, {}, mask)).toEqual([]);
    const { q, k, v } = attentionTensors(full);
    const out = attention(q, k, v, { mask: tf.tensor(mask.values, mask.shape, dtype) });
    const [first, second] = [0, 1].map((row) => tf.slice(out, [0, 0, row, 0], [2, 4, 1, 7]).dataSync());
    expect(first.every((value) => value === 0)).toBe(true);
    expect(second.every((value) => value !== 0)).toBe(true);
  });
});

describe('which key is seen', () => {
  /** Rows of 0 and 1, for each sample. */
  function visible(N: number, M: number, options: AttentionOptions, B = 1): string[][] {
    const v = tf.tile(tf.reshape(tf.eye(M), [1, 1, M, M]), [B, 1, 1, 1]);
    const out = attention(tf.zeros([B, 1, N, 4]), tf.zeros([B, 1, M, 4]), v, options).arraySync();
    return out.map(([rows]) => rows.map((row) => row.map((weight) => (weight > 0 ? 1 : 0)).join(' ')));
  }

  it.each<[string, AttentionOptions, string[]]>([
    ['causal', { causal: true }, ['1 0 0 0', '1 1 0 0', '1 1 1 0', '1 1 1 1']],
    ['causal, later queries', { causal: true, queryOffset: 2 }, ['1 1 1 0', '1 1 1 1', '1 1 1 1', '1 1 1 1']],
    ['causal, earlier queries', { causal: true, queryOffset: -2 }, ['0 0 0 0', '0 0 0 0', '1 0 0 0', '1 1 0 0']],
    ['window to the left', { window: [1, 0] }, ['1 0 0 0', '1 1 0 0', '0 1 1 0', '0 0 1 1']],
    ['window to the right', { window: [0, 1] }, ['1 1 0 0', '0 1 1 0', '0 0 1 1', '0 0 0 1']],
    ['window on both sides', { window: [1, 1] }, ['1 1 0 0', '1 1 1 0', '0 1 1 1', '0 0 1 1']],
    ['window open to the left', { window: [-1, 1] }, ['1 1 0 0', '1 1 1 0', '1 1 1 1', '1 1 1 1']],
    ['window open to the right', { window: [1, -1] }, ['1 1 1 1', '1 1 1 1', '0 1 1 1', '0 0 1 1']],
    ['window without limits', { window: [-1, -1] }, ['1 1 1 1', '1 1 1 1', '1 1 1 1', '1 1 1 1']],
    ['window that moves', { window: [0, 0], queryOffset: 2 }, ['0 0 1 0', '0 0 0 1', '0 0 0 0', '0 0 0 0']],
    ['causal cuts a window', { window: [1, 2], causal: true }, ['1 0 0 0', '1 1 0 0', '0 1 1 0', '0 0 1 1']],
    ['padding', { keyLengths: [3] }, ['1 1 1 0', '1 1 1 0', '1 1 1 0', '1 1 1 0']],
    ['padding, causal', { keyLengths: [2], causal: true }, ['1 0 0 0', '1 1 0 0', '1 1 0 0', '1 1 0 0']],
    ['far offset', { causal: true, queryOffset: 2 ** 40 }, ['1 1 1 1', '1 1 1 1', '1 1 1 1', '1 1 1 1']],
    ['far window', { window: [2 ** 40, 2 ** 40] }, ['1 1 1 1', '1 1 1 1', '1 1 1 1', '1 1 1 1']],
    [
      'far window, out of reach',
      { window: [0, 0], queryOffset: 2 ** 40 },
      ['0 0 0 0', '0 0 0 0', '0 0 0 0', '0 0 0 0'],
    ],
  ])('%s', (_, options, expected) => {
    expect(visible(4, 4, options)).toEqual([expected]);
  });

  it('causal with fewer queries than keys, as documented', () => {
    expect(visible(3, 5, { causal: true, queryOffset: 2 })).toEqual([['1 1 1 0 0', '1 1 1 1 0', '1 1 1 1 1']]);
  });

  it('lengths and offsets of each sample', () => {
    const options = { causal: true, keyLengths: [3, 1, 0], queryOffset: [0, 2, 5] };
    expect(visible(2, 3, options, 3)).toEqual([
      ['1 0 0', '1 1 0'],
      ['1 0 0', '1 0 0'],
      ['0 0 0', '0 0 0'],
    ]);
  });
});

describe('heads', () => {
  it('query head h uses key/value head floor(h / (H / G))', () => {
    const [H, G, M] = [6, 3, 4];
    const v = tf.tensor4d(
      Array.from({ length: G * M }, (_, at) => Math.floor(at / M)),
      [1, G, M, 1],
    );
    const out = attention(normal([1, H, 1, 5]), normal([1, G, M, 5]), v);
    expect(maxError(out.dataSync(), [0, 0, 1, 1, 2, 2])).toBeLessThan(1e-6);
  });

  it.each([
    [4, 1],
    [6, 2],
    [3, 3],
  ])('%i query heads over %i key/value heads', (H, G) => {
    expect(check({ B: 2, H, G, N: 5, M: 9, D: 6, E: 4 }, { causal: true })).toEqual([]);
  });
});

describe('widths', () => {
  const widths = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 20, 27, 33, 48, 63, 65, 100, 127, 130, 193, 250, 256];

  it.each(widths.map((D, index) => [D, widths[(index * 7 + 5) % widths.length]]))('D %i, E %i', (D, E) => {
    expect(check({ B: 1, H: 2, G: 1, N: 11, M: 13, D, E })).toEqual([]);
  });
});

describe('masks', () => {
  const shape: CaseShape = { B: 2, H: 3, G: 1, N: 5, M: 9, D: 4, E: 4 };
  const { B, H, N, M } = shape;
  const shapes = [
    [],
    [1],
    [M],
    [1, 1],
    [N, 1],
    [1, M],
    [N, M],
    [H, 1, 1],
    [1, N, M],
    [H, N, 1],
    [H, N, M],
    [1, 1, 1, M],
    [B, 1, 1, M],
    [B, 1, N, 1],
    [1, H, 1, M],
    [B, H, 1, 1],
    [B, H, N, M],
  ];

  it.each(shapes.map((mask) => [mask]))('of shape %j', (maskShape) => {
    const rng = random(`mask ${maskShape.join()}`);
    const size = tf.util.sizeFromShape(maskShape);
    const visible = Float32Array.from({ length: size }, () => (rng.chance(0.7) ? 1 : 0));
    expect(check(shape, {}, { dtype: 'bool', shape: maskShape, values: visible })).toEqual([]);
    const added = visible.map((value) => (value ? Math.fround(rng.normal()) : -Infinity));
    expect(check(shape, {}, { dtype: 'float32', shape: maskShape, values: added })).toEqual([]);
  });

  it('join with causal, window and padding', () => {
    const rng = random('joined');
    const values = Float32Array.from({ length: N * M }, () => (rng.chance(0.8) ? 1 : 0));
    const options = { causal: true, queryOffset: 3, window: [4, -1] as const, keyLengths: [9, 5] };
    expect(check(shape, options, { dtype: 'bool', shape: [N, M], values })).toEqual([]);
  });
});

describe('large scores', () => {
  it.each([
    ['thousands', 1e2],
    ['10^30', 1e16],
  ])('%s: the weights are those of the largest', (_, size) => {
    const { q, k, v, dOut } = attentionTensors({ B: 1, H: 1, G: 1, N: 9, M: 21, D: 16, E: 5 });
    const large = attentionWithGradients({ q: tf.mul(q, size), k: tf.mul(k, size), v, dOut }, {});
    const best = tf.argMax(tf.matMul(q, k, false, true), 3);
    const expected = { out: tf.gather(v, tf.reshape(best, [9]), 2), dv: tf.matMul(tf.oneHot(best, 21), dOut, true) };
    expect(maxError(large.out, expected.out.dataSync())).toBeLessThan(1e-6);
    expect(maxError(large.dv, expected.dv.dataSync())).toBeLessThan(1e-6);
    expect(maxSize(large.dq)).toBeLessThan(1e-6);
    expect(maxSize(large.dk)).toBeLessThan(1e-6);
  });

  it('all alike give the mean, however large', () => {
    const { k, v } = attentionTensors({ B: 1, H: 1, G: 1, N: 3, M: 70, D: 4, E: 6 });
    const [q, same] = [tf.fill([1, 1, 3, 4], 3e18), tf.fill(k.shape, -3e18)];
    const mean = tf.tile(tf.mean(v, 2, true), [1, 1, 3, 1]);
    expect(maxError(attention(q, same, v).dataSync(), mean.dataSync())).toBeLessThan(1e-6);
  });

  it('added by a mask', () => {
    const shape = { B: 1, H: 1, G: 1, N: 7, M: 12, D: 4, E: 4 };
    const values = Float32Array.from({ length: 12 }, (_, at) => (at % 3 === 0 ? -1e9 : 100));
    expect(check(shape, {}, { dtype: 'float32', shape: [12], values })).toEqual([]);
  });
});
