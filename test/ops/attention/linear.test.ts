import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { attention, type AttentionOptions, init } from '../../../src/index.js';
import { maxError } from '../../support/attention.js';
import { attentionCase, type CaseShape, computeCase, normalOperands } from '../../support/attentionCase.js';
import { attentionOracle, type FamilyResult, type OracleSizes } from '../../oracles/attentionOracle.js';

beforeAll(async () => {
  await init();
});

/** The most by which results differ, relative to the terms that they are sums of. */
function disagreement(
  actual: Partial<Record<keyof FamilyResult, ArrayLike<number>>>,
  expected: Partial<Record<keyof FamilyResult, ArrayLike<number>>>,
  sizes: OracleSizes,
): number {
  const names = ['out', 'dq', 'dk', 'dv'] as const;
  return Math.max(...names.map((name) => maxError(actual[name]!, expected[name]!) / Math.max(sizes[name], 1e-30)));
}

const usual: CaseShape = { B: 2, H: 2, G: 2, N: 70, M: 70, D: 8, E: 8 };

function linearCase(sizes: Partial<CaseShape>, options: AttentionOptions) {
  const shape = { ...usual, ...sizes };
  return attentionCase(shape, normalOperands(shape), { kernel: 'linear', ...options });
}

describe('the primal side is the dual side', () => {
  // Around the tiles of 4 and 8 and the blocks of 64 and 256; causal attention has a state for each block of queries.
  const shapes: Partial<CaseShape>[] = [
    { N: 1, M: 1 },
    { N: 1, M: 300 },
    { N: 300, M: 1 },
    { N: 63, M: 65, D: 7, E: 9 },
    { N: 64, M: 64, D: 16, E: 4 },
    { N: 65, M: 64, D: 4, E: 17 },
    { N: 129, M: 257, D: 33, E: 5 },
    { N: 258, M: 131, D: 1, E: 1 },
    { N: 200, M: 200, H: 6, G: 2, D: 12, E: 20 },
    { N: 150, M: 150, H: 3, G: 1 },
  ];
  const forms: [string, (shape: CaseShape) => AttentionOptions][] = [
    ['alone', () => ({})],
    ['causal', () => ({ causal: true })],
    ['causal, later queries', ({ M }) => ({ causal: true, queryOffset: [5, M] })],
    ['causal, earlier queries', ({ N }) => ({ causal: true, queryOffset: [-3, -N] })],
    ['with padding', ({ M }) => ({ keyLengths: [M, Math.floor(M / 2)] })],
    ['causal, with padding', ({ M }) => ({ causal: true, queryOffset: 9, keyLengths: [Math.floor(M / 3), 0] })],
    ['with SH', ({ G }) => ({ headScales: [3, 8].slice(0, G) })],
    ['causal, with SH', ({ G }) => ({ causal: true, queryOffset: [0, 2], headScales: [5, 2].slice(0, G) })],
    ['with BN', () => ({ batchNorm: { epsilon: 0.1 } })],
    ['with BN and SH', ({ G }) => ({ batchNorm: { beta: 0.5, epsilon: 0.1 }, headScales: [1, 4].slice(0, G) })],
    ['with a scale', () => ({ scale: 0.2 })],
  ];

  it.each(forms)('%s', (_, makeOptions) => {
    for (const sizes of shapes) {
      const problem = linearCase(sizes, makeOptions({ ...usual, ...sizes }));
      const [primal, dual] = (['PRIMAL', 'DUAL'] as const).map((side) => computeCase(problem, side));
      const { sizes: terms } = attentionOracle(problem.problem);
      expect(disagreement(primal, dual, terms), problem.label).toBeLessThan(1e-6);
    }
  });

  it.each(forms)('%s, as theory has it', (_, makeOptions) => {
    const shape = { B: 2, H: 4, G: 2, N: 9, M: 11, D: 5, E: 3 };
    const { problem } = linearCase(shape, makeOptions(shape));
    const dual = attentionOracle(problem);
    const primal = attentionOracle({ ...problem, side: 'primal' });
    expect(disagreement(primal, dual, dual.sizes)).toBeLessThan(1e-14);
  });

  it.each<['PRIMAL' | 'DUAL', Partial<CaseShape>, AttentionOptions]>([
    ['DUAL', { N: 8, M: 8, D: 64, E: 64 }, {}],
    ['PRIMAL', { N: 256, M: 256, D: 8, E: 8 }, {}],
    ['DUAL', { N: 128, M: 128, D: 64, E: 64 }, { causal: true }],
    ['PRIMAL', { N: 512, M: 512, D: 8, E: 8 }, { causal: true }],
    ['DUAL', { N: 64, M: 512, D: 16, E: 16 }, { headScales: [64, 64] }],
  ])('takes the %s side where that is cheaper: %j, %j', (side, sizes, options) => {
    const problem = linearCase({ B: 1, ...sizes }, options);
    const other = side === 'PRIMAL' ? 'DUAL' : 'PRIMAL';
    expect(computeCase(problem)).toEqual(computeCase(problem, side));
    expect(computeCase(problem)).not.toEqual(computeCase(problem, other));
  });
});

describe('its definition', () => {
  /** One query, one key, one feature, value 1. */
  const weight = (q: number, k: number, options: AttentionOptions = {}) =>
    tf.tidy(() => {
      const [query, key, value] = [q, k, 1].map((number) => tf.tensor4d([number], [1, 1, 1, 1]));
      return attention(query, key, value, { kernel: 'linear', ...options }).dataSync()[0];
    });

  it('adds 1e-6 to the divisor', () => {
    expect(weight(0, Math.log(1e-6))).toBeCloseTo(0.5, 6);
    expect(weight(0, Math.log(3e-6))).toBeCloseTo(0.75, 6);
    expect(weight(0, 0)).toBeCloseTo(1 / (1 + 1e-6), 7);
  });

  it('multiplies the similarity by the scale', () => {
    expect(weight(0, 0, { scale: 1e-6 })).toBeCloseTo(0.5, 6);
    expect(weight(1, 2, { scale: 1e-6 })).toBeCloseTo(6 / 7, 6);
  });

  it('gives 0, not NaN, where no feature is left', () => {
    expect(weight(-1000, 3)).toBeLessThan(1e-30);
    expect(weight(-1000, -1000)).toBeLessThan(1e-30);
  });

  it('needs a scale above 0', () => {
    for (const scale of [0, -1, NaN]) {
      expect(() => weight(1, 1, { scale })).toThrow(
        `scale was ${scale}; it must be a finite float32 above 0 for linear`,
      );
    }
  });
});

describe('causal', () => {
  it.each([
    [40, 0],
    [200, 0],
    [200, 70],
    [130, -65],
  ])('%i queries from position %i on do not depend on later keys', (N, queryOffset) => {
    const { problem, options } = linearCase({ B: 1, N, M: N }, { causal: true, queryOffset });
    const { D, E } = problem;
    const run = (k: tf.Tensor, v: tf.Tensor) => {
      const q = tf.tensor(problem.q, [1, 2, N, D]);
      return attention(q, k, v, options).arraySync()[0];
    };
    const change = 37;
    const changed = (values: ArrayLike<number>, width: number) => {
      const later = tf.reshape(tf.greaterEqual(tf.range(0, N), change), [1, 1, N, 1]);
      const x = tf.tensor(values, [1, 2, N, width]);
      return [x, tf.where(later, tf.add(x, 5), x)];
    };
    tf.tidy(() => {
      const [[k, laterK], [v, laterV]] = [changed(problem.k, D), changed(problem.v, E)];
      const [before, after] = [run(k, v), run(laterK, laterV)];
      const seesNone = Math.max(0, Math.min(N, change - queryOffset));
      before.forEach((rows, h) => expect(after[h].slice(0, seesNone)).toEqual(rows.slice(0, seesNone)));
      if (seesNone < N) expect(after[0][seesNone]).not.toEqual(before[0][seesNone]);
    });
  });
});
