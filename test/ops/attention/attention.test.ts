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
import { random } from '../../support/random.js';

beforeAll(async () => {
  await init();
});

const normal = (shape: number[], seed: number | string = 0) =>
  tf.tensor(random(`normal ${shape.join()} ${seed}`).normals(tf.util.sizeFromShape(shape)), shape);

/** Operands of `shape` as tensors. */
function tensors({ B, H, G, N, M, D, E }: CaseShape, seed: number | string = 0) {
  return {
    q: normal([B, H, N, D], `q ${seed}`),
    k: normal([B, G, M, D], `k ${seed}`),
    v: normal([B, G, M, E], `v ${seed}`),
    dOut: normal([B, H, N, E], `dOut ${seed}`),
  };
}

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
    const operands = tensors({ ...full, ...sizes });
    const results = attentionWithGradients(operands, options);
    expect(results.out).toHaveLength(operands.dOut.size);
    expect(results.dq).toHaveLength(operands.q.size);
    expect(results.dk).toHaveLength(operands.k.size);
    expect(results.dv).toHaveLength(operands.v.size);
    for (const values of Object.values(results)) expect([...values].filter((value) => value !== 0)).toEqual([]);
  });

  it('keeps the shape', () => {
    const { q, k, v } = tensors({ ...full, N: 0, M: 0 });
    expect(attention(q, k, v).shape).toEqual([2, 4, 0, 7]);
  });

  it.each([{ mask: 'bool' }, { mask: 'float32' }] as const)('a row hidden by a $mask mask alone', ({ mask: dtype }) => {
    const values = Float32Array.from({ length: 30 }, (_, at) => (at < 6 ? 0 : 1));
    const mask = { dtype, shape: [5, 6], values: dtype === 'bool' ? values : values.map((value) => Math.log(value)) };
    expect(check(full, {}, mask)).toEqual([]);
    const { q, k, v } = tensors(full);
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

describe('padding', () => {
  // One key, whole and ragged tiles of 4 and 8, and blocks of 64 and 256.
  it.each([0, 1, 3, 4, 7, 63, 64, 65, 257])('after %i keys is never read', (length) => {
    const shape = { B: 2, H: 2, G: 1, N: 9, M: 300, D: 8, E: 8 };
    const { q, k, v, dOut } = tensors(shape);
    const options = { keyLengths: [length, 300] };
    const clean = attentionWithGradients({ q, k, v, dOut }, options);
    const poisons = [NaN, Infinity, -Infinity, 3e38];
    const poison = (operand: tf.Tensor) => {
      const values = operand.dataSync();
      for (let at = length * 8; at < 300 * 8; at++) values[at] = poisons[at % poisons.length];
      return tf.tensor(values, operand.shape);
    };
    const poisoned = attentionWithGradients({ q, k: poison(k), v: poison(v), dOut }, options);
    expect(poisoned).toEqual(clean);
    for (const gradient of [poisoned.dk, poisoned.dv]) {
      expect(gradient.subarray(length * 8, 300 * 8).every((value) => value === 0)).toBe(true);
    }
  });

  it.each<[string, number, number, AttentionOptions]>([
    ['the future', 0, 8, { causal: true }],
    ['what lies outside a window', 96, 108, { window: [4, 0], queryOffset: 100 }],
  ])('tiles in %s are never read', (_, first, end, options) => {
    const { q, k, v, dOut } = tensors({ B: 1, H: 2, G: 2, N: 8, M: 600, D: 8, E: 5 });
    const poison = (operand: tf.Tensor) => {
      const keys = tf.reshape(tf.range(0, 600), [1, 1, 600, 1]);
      return tf.where(tf.logicalAnd(tf.greaterEqual(keys, first), tf.less(keys, end)), operand, NaN);
    };
    const results = attentionWithGradients({ q, k: poison(k), v: poison(v), dOut }, options);
    expect(results).toEqual(attentionWithGradients({ q, k, v, dOut }, options));
  });
});

describe('large scores', () => {
  it.each([
    ['thousands', 1e2],
    ['10^30', 1e16],
  ])('%s: the weights are those of the largest', (_, size) => {
    const { q, k, v, dOut } = tensors({ B: 1, H: 1, G: 1, N: 9, M: 21, D: 16, E: 5 });
    const large = attentionWithGradients({ q: tf.mul(q, size), k: tf.mul(k, size), v, dOut }, {});
    const best = tf.argMax(tf.matMul(q, k, false, true), 3);
    const expected = { out: tf.gather(v, tf.reshape(best, [9]), 2), dv: tf.matMul(tf.oneHot(best, 21), dOut, true) };
    expect(maxError(large.out, expected.out.dataSync())).toBeLessThan(1e-6);
    expect(maxError(large.dv, expected.dv.dataSync())).toBeLessThan(1e-6);
    expect(maxSize(large.dq)).toBeLessThan(1e-6);
    expect(maxSize(large.dk)).toBeLessThan(1e-6);
  });

  it('all alike give the mean, however large', () => {
    const { k, v } = tensors({ B: 1, H: 1, G: 1, N: 3, M: 70, D: 4, E: 6 });
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

describe('dropout', () => {
  /** Uniform weights over 128 keys, one column each. */
  function weights(options: AttentionOptions): tf.Tensor4D {
    const [B, H, N, M] = [2, 3, 64, 128];
    const v = tf.tile(tf.reshape(tf.eye(M), [1, 1, M, M]), [B, H, 1, 1]);
    return attention(tf.zeros([B, H, N, 4]), tf.zeros([B, H, M, 4]), v, options);
  }
  const kept = (options: AttentionOptions) => tf.cast(tf.greater(weights(options), 0), 'float32');

  it.each([0.1, 0.5, 0.9])('of %f keeps that share, whatever the head, query or key', (dropout) => {
    const out = kept({ dropout, seed: 5 });
    // Five standard deviations of a mean of `count` choices.
    const tolerance = (count: number) => 5 * Math.sqrt((dropout * (1 - dropout)) / count);
    for (const axes of [
      [0, 1, 2, 3],
      [2, 3],
      [0, 1, 3],
      [0, 1, 2],
    ]) {
      const rates = tf.mean(out, axes).dataSync();
      const error = maxError(
        rates,
        Float32Array.from(rates, () => 1 - dropout),
      );
      expect(error, `over axes ${axes.join()}`).toBeLessThan(tolerance(out.size / rates.length));
    }
  });

  it('divides what it keeps by 1 - rate', () => {
    const values = new Set(weights({ dropout: 0.75, seed: 1 }).dataSync());
    expect([...values].sort()).toEqual([0, 4 / 128]);
  });

  it('of 0 is none', () => {
    const { q, k, v } = tensors({ B: 1, H: 1, G: 1, N: 5, M: 7, D: 4, E: 4 });
    expect(attention(q, k, v, { dropout: 0, seed: 3 }).dataSync()).toEqual(attention(q, k, v).dataSync());
  });

  it('repeats with the same seed, and only then', () => {
    const draw = (seed?: number) => weights({ dropout: 0.5, seed }).dataSync();
    expect(draw(7)).toEqual(draw(7));
    expect(draw(-1)).toEqual(draw(2 ** 32 - 1));
    const draws = [draw(7), draw(8), draw(-7), draw(), draw()];
    for (const [index, one] of draws.entries()) {
      for (const other of draws.slice(index + 1)) {
        const agreement = one.filter((value, at) => value === other[at]).length / one.length;
        expect(agreement).toBeGreaterThan(0.48);
        expect(agreement).toBeLessThan(0.52);
      }
    }
  });

  it('drops the same weights forward and backward, without a seed too', () => {
    const { q, k, v, dOut } = tensors({ B: 1, H: 2, G: 2, N: 70, M: 90, D: 8, E: 8 });
    // The output is linear in v, so that <out, dOut> = <v, dv> where both passes draw alike.
    const loss = (v: tf.Tensor) => tf.sum(tf.mul(attention(q, k, v, { dropout: 0.5 }), dOut));
    const { value, grad } = tf.valueAndGrad(loss)(v);
    const [forward] = value.dataSync();
    const [backward] = tf.sum(tf.mul(v, grad)).dataSync();
    expect(Math.abs(backward / forward - 1)).toBeLessThan(1e-4);
  });
});

describe('gradients', () => {
  const shape: CaseShape = { B: 2, H: 2, G: 2, N: 5, M: 5, D: 4, E: 4 };

  it('add up where q, k and v are one tensor', () => {
    const { q: x, dOut } = tensors(shape);
    const { dq, dk, dv } = attentionWithGradients({ q: x, k: tf.clone(x), v: tf.clone(x), dOut }, { causal: true });
    const gradient = tf.grad((x: tf.Tensor) => attention(x, x, x, { causal: true }));
    const sum = dq.map((value, at) => value + dk[at] + dv[at]);
    expect(maxError(gradient(x, dOut).dataSync(), sum)).toBeLessThan(1e-6);
  });

  it.each(['q', 'k', 'v'] as const)('for %s alone', (name) => {
    const { dOut, ...operands } = tensors(shape);
    const all = attentionWithGradients({ ...operands, dOut }, {});
    const { q, k, v } = operands;
    const attend = {
      q: (x: tf.Tensor) => attention(x, k, v),
      k: (x: tf.Tensor) => attention(q, x, v),
      v: (x: tf.Tensor) => attention(q, k, x),
    };
    const alone = tf.grad(attend[name])(operands[name], dOut);
    expect(alone.dataSync()).toEqual(all[`d${name}`]);
  });

  it('reach the variables of a model', () => {
    const { q, k, v, dOut } = tensors(shape);
    const variables = Object.entries({ q, k, v }).map(([name, value]) => tf.variable(value, true, name));
    const [qVariable, kVariable, vVariable] = variables;
    const loss = () => tf.sum<tf.Scalar>(tf.mul(attention(qVariable, kVariable, vVariable), dOut));
    const { grads } = tf.variableGrads(loss);
    const expected = attentionWithGradients({ q, k, v, dOut }, {});
    expect(Object.keys(grads).sort()).toEqual(['k', 'q', 'v']);
    for (const name of ['q', 'k', 'v'] as const) expect(grads[name].dataSync()).toEqual(expected[`d${name}`]);
    const before = loss().dataSync()[0];
    tf.train.sgd(0.01).minimize(loss);
    expect(loss().dataSync()[0]).toBeLessThan(before);
    tf.dispose(variables);
  });

  it('pass through chains of attention', () => {
    const { q, k, v, dOut } = tensors(shape);
    const dq = tf.grad((q: tf.Tensor) => attention(attention(q, k, v), k, v))(q, dOut);
    const inner = attention(q, k, v);
    const dInner = attentionWithGradients({ q: inner, k, v, dOut }, {}).dq;
    const expected = attentionWithGradients({ q, k, v, dOut: tf.tensor(dInner, inner.shape) }, {}).dq;
    expect(dq.dataSync()).toEqual(expected);
  });

  it('of a mask are an error that names it', () => {
    const { q, k, v } = tensors(shape);
    const gradient = tf.grad((mask: tf.Tensor) => attention(q, k, v, { mask }));
    expect(() => gradient(tf.zeros([5, 5]))).toThrow('attention: mask cannot be differentiated');
  });

  it('of second order are an error', () => {
    const { q, k, v } = tensors(shape);
    const first = tf.grad((q: tf.Tensor) => tf.square(attention(q, k, v)));
    expect(() => tf.grad((q: tf.Tensor) => first(q))(q)).toThrow('gradient function not found for FusedAttentionGrad');
  });
});
