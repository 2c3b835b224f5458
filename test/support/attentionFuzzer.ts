// Random attention problems against the oracle: what a kernel gets wrong it gets wrong at odd shapes and options.

import * as tf from '@tensorflow/tfjs-core';
import type { AttentionOptions } from '../../src/index.js';
import { attentionWithGradients, maxError } from './attention.js';
import { attentionOracle, type OracleProblem } from './attentionOracle.js';
import { random, type Random } from './random.js';

/** Around the tiles of the kernels (4, 8, 64, 256), and primes. */
const lengths = [1, 2, 3, 4, 5, 7, 8, 9, 13, 16, 29, 31, 37, 61, 63, 64, 65, 97, 127, 128, 131, 199, 255, 256, 257, 293];
const widths = [1, 2, 3, 4, 5, 7, 8, 9, 12, 16, 17, 24, 31, 32, 33, 64];
/** Rarely, since their oracle is slow. */
const wideWidths = [128, 255, 256];

export interface FuzzCase {
  /** All that is needed to make the case again. */
  label: string;
  problem: OracleProblem;
  options: AttentionOptions;
  mask?: { dtype: 'bool' | 'float32'; shape: number[]; values: Float32Array };
}

function maskOf(rng: Random, full: number[]): NonNullable<FuzzCase['mask']> {
  const shape = full.map((size) => (rng.chance(0.4) ? 1 : size)).slice(rng.integer(0, 2));
  const values = Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => 0);
  const dtype = rng.pick(['bool', 'float32'] as const);
  for (let i = 0; i < values.length; i++) {
    if (dtype === 'bool') values[i] = rng.chance(0.7) ? 1 : 0;
    else values[i] = rng.chance(0.2) ? -Infinity : Math.fround(rng.normal());
  }
  return { dtype, shape, values };
}

export function fuzzCase(seed: number): FuzzCase {
  const rng = random(`attention ${seed}`);
  const N = rng.pick(lengths);
  const M = rng.chance(0.4) ? N : rng.chance(0.03) ? 0 : rng.pick(lengths);
  const wide = N * M < 5000 && rng.chance(0.1);
  const D = rng.pick(wide ? wideWidths : widths);
  const E = rng.chance(0.5) ? D : rng.pick(wide ? wideWidths : widths);
  // As many heads and samples as the oracle has time for.
  const budget = 1e6 / (N * Math.max(M, 1) * (D + E));
  const G = rng.integer(1, Math.max(1, Math.min(3, budget)));
  const H = G * rng.integer(1, Math.max(1, Math.min(3, budget / G)));
  const B = rng.integer(1, Math.max(1, Math.min(3, budget / H)));
  const deviation = rng.pick([0.3, 1, 1, 3]);
  const problem: OracleProblem = {
    ...{ B, H, G, N, M, D, E },
    q: rng.normals(B * H * N * D, deviation),
    k: rng.normals(B * G * M * D, deviation),
    v: rng.normals(B * G * M * E),
    dOut: rng.normals(B * H * N * E),
  };
  const options: AttentionOptions = {};
  if (rng.chance(0.2)) options.scale = rng.pick([-0.3, 0.05, 0.7]);
  if (rng.chance(0.3)) options.keyLengths = Array.from({ length: B }, () => rng.integer(0, M));
  if (rng.chance(0.3)) options.causal = true;
  if (rng.chance(0.3)) options.window = [rng.integer(-1, 70), rng.integer(-1, 70)];
  if (rng.chance(0.2)) options.queryOffset = rng.integer(-N, M);
  else if (rng.chance(0.1)) options.queryOffset = Array.from({ length: B }, () => rng.integer(-N, M));
  if (rng.chance(0.2)) options.softcap = rng.pick([0.5, 2, 30]);
  if (rng.chance(0.2)) {
    options.dropout = rng.pick([0.1, 0.5, 0.9]);
    options.seed = rng.integer(-(2 ** 31), 2 ** 31 - 1);
  }
  Object.assign(problem, options);
  const mask = rng.chance(0.3) ? maskOf(rng, [B, H, N, M]) : undefined;
  if (mask) {
    const padded = [...new Array<number>(4 - mask.shape.length).fill(1), ...mask.shape];
    const strides = [...tf.util.computeStrides(padded), 1].map((stride, index) => (padded[index] === 1 ? 0 : stride));
    problem.mask = (b, h, i, j) => {
      const value = mask.values[b * strides[0] + h * strides[1] + i * strides[2] + j * strides[3]];
      return mask.dtype === 'float32' ? value : value ? 0 : -Infinity;
    };
  }
  const shown = { B, H, G, N, M, D, E, ...options, mask: mask && `${mask.dtype} [${mask.shape.join(', ')}]` };
  return { label: `seed ${seed}: ${JSON.stringify(shown)}`, problem, options, mask };
}

/**
 * Runs one case. An error may be at most 3 times that of a plain float32 evaluation of the same formulas; where that is
 * exact by luck (one key, one term), 2^-23 of the terms that were summed.
 * @returns a line for every result that is worse.
 */
export function checkFuzzCase({ label, problem, options, mask }: FuzzCase): string[] {
  const { B, H, G, N, M, D, E } = problem;
  const exact = attentionOracle(problem);
  const plain = attentionOracle(problem, Math.fround);
  const actual = tf.tidy(() =>
    attentionWithGradients(
      {
        q: tf.tensor4d(problem.q as Float32Array, [B, H, N, D]),
        k: tf.tensor4d(problem.k as Float32Array, [B, G, M, D]),
        v: tf.tensor4d(problem.v as Float32Array, [B, G, M, E]),
        dOut: tf.tensor4d(problem.dOut as Float32Array, [B, H, N, E]),
      },
      mask ? { ...options, mask: tf.tensor(mask.values, mask.shape, mask.dtype) } : options,
    ),
  );
  const failures: string[] = [];
  for (const name of ['out', 'dq', 'dk', 'dv'] as const) {
    const error = maxError(actual[name], exact[name]);
    const allowed = 3 * maxError(plain[name], exact[name]) + 2 ** -23 * exact.sizes[name];
    if (!(error <= allowed)) failures.push(`${label}: ${name} is off by ${error}, allowed ${allowed}`);
  }
  return failures;
}
