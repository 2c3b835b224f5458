// One attention problem against the oracle.

import * as tf from '@tensorflow/tfjs-core';
import type { AttentionOptions } from '../../src/index.js';
import { attentionWithGradients, maxError } from './attention.js';
import { attentionOracle, type OracleProblem } from './attentionOracle.js';
import { random } from './random.js';

export interface CaseShape {
  B: number;
  H: number;
  G: number;
  N: number;
  M: number;
  D: number;
  E: number;
}

export interface CaseMask {
  dtype: 'bool' | 'float32';
  shape: number[];
  values: Float32Array;
}

export interface AttentionCase {
  /** All that is needed to make the case again. */
  label: string;
  problem: OracleProblem;
  options: AttentionOptions;
  mask?: CaseMask;
}

/** Normal operands; v and dOut are of deviation 1. */
export function normalOperands(
  shape: CaseShape,
  rng = random(`operands ${JSON.stringify(shape)}`),
  deviation = 1,
): Pick<OracleProblem, 'q' | 'k' | 'v' | 'dOut'> {
  const { B, H, G, N, M, D, E } = shape;
  return {
    q: rng.normals(B * H * N * D, deviation),
    k: rng.normals(B * G * M * D, deviation),
    v: rng.normals(B * G * M * E),
    dOut: rng.normals(B * H * N * E),
  };
}

/** What the oracle adds to the score of (b, h, i, j). */
function maskReader({ dtype, shape, values }: CaseMask): NonNullable<OracleProblem['mask']> {
  const padded = [...new Array<number>(4 - shape.length).fill(1), ...shape];
  const strides = [...tf.util.computeStrides(padded), 1].map((stride, index) => (padded[index] === 1 ? 0 : stride));
  return (b, h, i, j) => {
    const value = values[b * strides[0] + h * strides[1] + i * strides[2] + j * strides[3]];
    return dtype === 'float32' ? value : value ? 0 : -Infinity;
  };
}

export function attentionCase(
  shape: CaseShape,
  operands: Pick<OracleProblem, 'q' | 'k' | 'v' | 'dOut'>,
  options: AttentionOptions,
  mask?: CaseMask,
  name = '',
): AttentionCase {
  const shown = { ...shape, ...options, mask: mask && `${mask.dtype} [${mask.shape.join(', ')}]` };
  return {
    label: `${name}${JSON.stringify(shown)}`,
    problem: { ...shape, ...operands, ...options, mask: mask && maskReader(mask) } as OracleProblem,
    options,
    mask,
  };
}

/**
 * Runs one case. An error may be at most 3 times that of a plain float32 evaluation of the same formulas; where that is
 * exact by luck (one key, one term), 2^-23 of the terms that were summed.
 * @returns a line for every result that is worse.
 */
export function checkCase({ label, problem, options, mask }: AttentionCase): string[] {
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
