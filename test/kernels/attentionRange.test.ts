/** Attention on numbers of any size: right where float32 can hold the result, and never subnormal. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { AttentionOptions } from '../../src/index.js';
import { attentionOracle, type CaseShape, type FamilyResult } from '../oracles/attentionOracle.js';
import { maxError } from '../support/attention.js';
import { attentionCase, computeCase, normalOperands, type Operands } from '../support/attentionCase.js';
import { builds, initBuild } from '../support/builds.js';
import { subnormals } from '../support/logUniform.js';

const SMALLEST_NORMAL = 2 ** -126;

type Powers = Record<keyof Operands, number>;

/** Powers of ten that the operands are multiplied by. */
const scales: [string, Partial<Powers>][] = [
  ['tiny values', { v: -37 }],
  ['subnormal values', { v: -39 }],
  ['tiny gradients', { dOut: -37 }],
  ['gradients of 1e-25', { dOut: -25 }],
  ['small values and gradients', { v: -19, dOut: -19 }],
  ['tiny queries', { q: -37 }],
  ['tiny keys', { k: -37 }],
  ['small queries and keys', { q: -19, k: -19 }],
  ['keys as small as queries are large', { q: 9, k: -9 }],
  ['keys far smaller than queries are large', { q: 25, k: -25 }],
  ['queries far smaller than keys are large', { q: -25, k: 25 }],
  ['everything small', { q: -19, k: -19, v: -19, dOut: -19 }],
  ['large values, tiny gradients', { v: 25, dOut: -30 }],
  ['tiny values, large gradients', { v: -30, dOut: 25 }],
];

/** One block of keys and of queries, and several; heads that share keys, and tasks that share a head. */
const shapes: CaseShape[] = [
  { B: 2, H: 2, G: 1, N: 29, M: 20, D: 8, E: 8 },
  { B: 1, H: 2, G: 2, N: 200, M: 150, D: 16, E: 16 },
  { B: 1, H: 1, G: 1, N: 131, M: 70, D: 7, E: 9 },
];

const forms: [string, AttentionOptions][] = [
  ['softmax', {}],
  ['causal', { causal: true, queryOffset: 3 }],
  ['Attention-SH', { headScales: [3, 2] }],
];

const scaled = (x: ArrayLike<number>, power: number) => Float32Array.from(x, (value) => value * 10 ** power);

function scaledOperands({ q, k, v, dOut }: Operands, powers: Partial<Powers>): Operands {
  return {
    q: scaled(q, powers.q ?? 0),
    k: scaled(k, powers.k ?? 0),
    v: scaled(v, powers.v ?? 0),
    dOut: scaled(dOut, powers.dOut ?? 0),
  };
}

/** Each result within rounding of the sizes of its terms; what is below 2^-124 may be 0. */
function expectRight(shape: CaseShape, operands: Operands, options: AttentionOptions): void {
  const one = attentionCase(shape, operands, options);
  const exact = attentionOracle(one.problem);
  for (const [key, found] of Object.entries(computeCase(one))) {
    const name = key as keyof FamilyResult;
    expect(subnormals([tf.tensor1d(found)]), name).toEqual([]);
    expect(maxError(found, exact[name]), name).toBeLessThan(3e-6 * exact.sizes[name] + 4 * SMALLEST_NORMAL);
  }
}

describe.each(builds)('attention on numbers of any size, %s', (build) => {
  beforeAll(() => initBuild(build));

  describe.each(shapes)('H $H, N $N, M $M, D $D', (shape) => {
    const operands = normalOperands(shape);
    it.each(scales)('%s', (_, powers) => {
      for (const [, options] of forms) {
        const headScales = options.headScales?.slice(0, shape.G);
        expectRight(shape, scaledOperands(operands, powers), headScales ? { ...options, headScales } : options);
      }
    });
  });

  it('blocks of queries and gradients of sizes of their own', () => {
    const shape = shapes[1];
    const operands = normalOperands(shape);
    // Up and down, and nothing at all, from block to block: the sums of keys and values follow the largest.
    const powers = [-30, 0, -37, -12];
    const byBlock = (x: ArrayLike<number>, width: number) =>
      Float32Array.from(x, (value, i) => value * 10 ** powers[(Math.floor(i / width) % shape.N) >> 6]);
    for (const name of ['dOut', 'q'] as const) {
      const own = { ...operands, [name]: byBlock(operands[name], name === 'q' ? shape.D : shape.E) };
      expectRight(shape, own, {});
      const dOut = Float32Array.from(own.dOut, (x, i) => ((Math.floor(i / shape.E) % shape.N) >> 6 ? x : 0));
      expectRight(shape, { ...own, dOut }, {});
    }
  });

  it('a row that sees only tiny values has tiny results', () => {
    const shape = { B: 1, H: 1, G: 1, N: 8, M: 8, D: 4, E: 4 };
    const operands = normalOperands(shape);
    const v = Float32Array.from(operands.v, (value, i) => (i < 4 ? value * 1e-30 : value));
    const { out } = computeCase(attentionCase(shape, { ...operands, v }, { causal: true }));
    expect([...out!.subarray(0, 4)]).toEqual([...v.subarray(0, 4)]);
  });
});
