// One attention problem against the oracle.

import * as tf from '@tensorflow/tfjs-core';
import { attention, type AttentionOptions, type BlockMask } from '../../src/index.js';
import { attentionOf } from '../../src/ops/attention.js';
import { checkShapes } from '../../src/ops/attentionShapes.js';
import { resolveAttention } from '../../src/ops/resolveAttention.js';
import { Side } from '../../src/runtime/generated/bindings.js';
import { maxError } from './attention.js';
import { attentionOracle, type CaseShape, type FamilyResult, type OracleProblem } from '../oracles/attentionOracle.js';
import { random } from './random.js';

export type { CaseShape };

export interface CaseMask {
  dtype: 'bool' | 'float32';
  shape: number[];
  values: Float32Array;
}

/** A convolution's kernel, [G, D, W] or [G, D, Wh, Ww]. */
export interface CaseConvolution {
  shape: number[];
  values: Float32Array;
  grid?: [number, number];
}

/** Which keys are seen, for the oracle, and the same as an option. */
export interface CaseBlocks {
  sees: NonNullable<OracleProblem['sees']>;
  blockMask: BlockMask;
}

/** What options say with tensors and functions. */
export interface CaseExtras {
  name?: string;
  conv?: CaseConvolution;
  blocks?: CaseBlocks;
  /** Hand beta, a number in `options`, over as a tensor. */
  tensorBeta?: boolean;
  /** What the kernels get in place of the problem's operands; the results must be the same. */
  harmed?: Operands;
}

export type Operands = Pick<OracleProblem, 'q' | 'k' | 'v' | 'dOut'>;

export interface AttentionCase extends CaseExtras {
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
): Operands {
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

function tapsOf({ shape, values, grid }: CaseConvolution): OracleProblem['conv'] {
  const [rows, columns] = shape.length === 4 ? shape.slice(2) : [1, shape[2]];
  return { values, rows, columns, width: grid?.[1] };
}

export function attentionCase(
  shape: CaseShape,
  operands: Operands,
  options: AttentionOptions,
  mask?: CaseMask,
  extras: CaseExtras = {},
): AttentionCase {
  const { name = '', conv, blocks, tensorBeta, harmed } = extras;
  const shown = {
    ...shape,
    ...options,
    mask: mask && `${mask.dtype} [${mask.shape.join(', ')}]`,
    conv: conv && { kernel: conv.shape, grid: conv.grid },
    blockMask: blocks && { heads: blocks.blockMask.heads, blockSize: blocks.blockMask.blockSize },
    tensorBeta,
    harmed: harmed && true,
  };
  const problem = {
    ...{ ...shape, ...operands, ...options },
    mask: mask && maskReader(mask),
    conv: conv && tapsOf(conv),
    sees: blocks?.sees,
  } as OracleProblem;
  return { ...extras, label: `${name}${JSON.stringify(shown)}`, problem, options, mask };
}

/** `attention`, with the side of linear attention given. */
function attentionOnSide(
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  options: AttentionOptions,
  side: keyof typeof Side,
): tf.Tensor {
  const sizes = checkShapes(q, k, v);
  const { fields, ...resolved } = resolveAttention(options, sizes);
  return attentionOf({ q, k, v }, sizes, { ...resolved, fields: { ...fields, side: Side[side] } });
}

/** Results of the kernels by their names, with those gradients that the case has. */
export function computeCase(
  { problem, options, mask, conv, blocks, tensorBeta, harmed }: AttentionCase,
  side?: keyof typeof Side,
): Partial<Record<keyof FamilyResult, Float32Array>> {
  const { B, H, G, N, M, D, E } = problem;
  const operands = harmed ?? problem;
  return tf.tidy(() => {
    const inputs = {
      dq: tf.tensor(operands.q, [B, H, N, D]),
      dk: tf.tensor(operands.k, [B, G, M, D]),
      dv: tf.tensor(operands.v, [B, G, M, E]),
      ...(conv && { dKernel: tf.tensor(conv.values, conv.shape) }),
      ...(tensorBeta && { dBeta: tf.scalar((options.batchNorm as { beta: number }).beta) }),
    };
    const names = Object.keys(inputs) as (keyof typeof inputs)[];
    const f = (...tensors: tf.Tensor[]) => {
      const [q, k, v] = tensors;
      const { dKernel: kernel, dBeta: beta } = Object.fromEntries(names.map((name, index) => [name, tensors[index]]));
      const all: AttentionOptions = {
        ...options,
        ...(mask && { mask: tf.tensor(mask.values, mask.shape, mask.dtype) }),
        ...(kernel && { conv: { kernel, grid: conv?.grid } }),
        ...(blocks && { blockMask: blocks.blockMask }),
        ...(beta && { batchNorm: { ...(options.batchNorm as object), beta: beta as tf.Scalar } }),
      };
      return side ? attentionOnSide(q, k, v, all, side) : attention(q, k, v, all);
    };
    const dOut = tf.tensor(operands.dOut, [B, H, N, E]);
    const gradients = tf.grads(f)(Object.values(inputs), dOut);
    const results = Object.fromEntries(names.map((name, index) => [name, gradients[index].dataSync() as Float32Array]));
    return { out: f(...Object.values(inputs)).dataSync() as Float32Array, ...results };
  });
}

/** Stages that operands pass one after the other, each with roundings of its own. */
function stagesOf({ kernel, batchNorm, headScales, conv }: OracleProblem): number {
  return [true, kernel === 'linear', batchNorm, headScales, conv].filter(Boolean).length;
}

/**
 * Runs one case, linear attention on both its sides. An error may be at most 3 times that of a plain float32 evaluation
 * of the same formulas; where that is exact by luck (one key, one term), 2^-23 of the terms that were summed, for each
 * stage. The primal side may be as far off as either side is, since it takes the keys near the diagonal by the dual one.
 * @returns a line for every result that is worse.
 */
export function checkCase(attention: AttentionCase): string[] {
  const { problem, label } = attention;
  const exact = attentionOracle(problem);
  const dual = attentionOracle(problem, Math.fround);
  const primal = problem.kernel === 'linear' && attentionOracle({ ...problem, side: 'primal' }, Math.fround);
  const sides = primal ? (['PRIMAL', 'DUAL'] as const) : [undefined];
  return sides.flatMap((side) =>
    Object.entries(computeCase(attention, side)).flatMap(([key, actual]) => {
      const name = key as keyof FamilyResult;
      const plain = primal && side === 'PRIMAL' ? [primal, dual] : [dual];
      const errors = plain.map((results) => maxError(results[name], exact[name]));
      const allowed = 3 * Math.max(...errors) + stagesOf(problem) * 2 ** -23 * exact.sizes[name];
      const error = maxError(actual, exact[name]);
      return error <= allowed ? [] : [`${side ?? ''} ${label}: ${name} is off by ${error}, allowed ${allowed}`];
    }),
  );
}

/**
 * Runs one case with operands of which some are NaN or infinite, the oracle's and the kernels' alike: just what the
 * oracle makes NaN or infinite must be one of both, and all else be as far from it as rounding explains.
 * @returns a line for every result that is otherwise.
 */
export function checkShown(attention: AttentionCase, harmed: Operands): string[] {
  const exact = attentionOracle({ ...attention.problem, ...harmed });
  const plain = attentionOracle(attention.problem);
  return Object.entries(computeCase({ ...attention, harmed })).flatMap(([key, actual]) => {
    const name = key as keyof FamilyResult;
    const allowed = 1e-4 * Math.max(1, plain.sizes[name]);
    const wrong = actual.findIndex((value, i) => {
      const expected = exact[name][i];
      return !Number.isFinite(expected) ? Number.isFinite(value) : !(Math.abs(value - expected) <= allowed);
    });
    if (wrong < 0) return [];
    return [`${attention.label}: ${name}[${wrong}] was ${actual[wrong]}, must be ${exact[name][wrong]}`];
  });
}
