// Options of pa.attention: their types, checks and defaults.

import type { Scalar, Tensor, Variable } from '@tensorflow/tfjs-core';
import type { FusedAttentionAttributes } from '../kernels/attention.js';
import { type AttentionAttributes, UNBOUNDED } from '../kernels/attentionProblem.js';
import { checkCombinations } from './attentionCombinations.js';
import { BlockMask } from './blockMask.js';
import { checkTensor, formatShape } from '../checks/tensors.js';
import { checkInteger, checkNumber, checkOptions, formatValue } from '../checks/values.js';

/** Attention-BN: queries and keys are normalised by mean and variance of the valid keys of their sample and head. */
export interface BatchNormOptions {
  /** Share of the mean that is taken off, default 1; a scalar tensor or variable is trained with the rest. */
  beta?: number | Scalar | Variable;
  /** Whether the deviation is divided out; default true. */
  variance?: boolean;
  /** Added to the variance, 0 or more; default 1e-5. */
  epsilon?: number;
}

/** Attention-Conv1D and -Conv2D: a depthwise convolution over the positions of queries and valid keys, before all else. */
export interface ConvolutionOptions {
  /** float32 [G, D, W], or [G, D, Wh, Ww] with `grid`; trained with the rest. */
  kernel: Tensor;
  /** `[h, w]`: positions lie row by row on a grid of h rows and w columns. */
  grid?: readonly [number, number];
}

/** Options of `attention`; all of them have a default. */
export interface AttentionOptions {
  /** 'softmax' (default), or 'linear', with the feature map phi(x) = elu(x) + 1. */
  kernel?: 'softmax' | 'linear';
  /** Factor of q.k, finite and not 0 (for linear above 0); default 1 / sqrt(D), for linear 1. */
  scale?: number;
  /** Attention-BN. */
  batchNorm?: boolean | BatchNormOptions;
  /** Attention-SH, G integers, 1 or more: keys and values of head g are averaged over windows of that many positions. */
  headScales?: readonly number[];
  /** Attention-Conv1D or -Conv2D. */
  conv?: ConvolutionOptions;
  /** Broadcastable to [B, H, N, M]: bool (true = attend), or float32, added to the scores. A constant: no gradient. */
  mask?: Tensor;
  /** B integers 0 .. M: keys from there on are padding. */
  keyLengths?: readonly number[];
  /** Key j is seen from query i only if j <= i + queryOffset. */
  causal?: boolean;
  /** [left, right], -1 = unbounded: key j is seen only if p - left <= j <= p + right, p = i + queryOffset. */
  window?: readonly [left: number, right: number];
  /** Position of query 0 among the keys, one integer or one per sample, may be negative; default 0. */
  queryOffset?: number | readonly number[];
  /** A pattern of blocks from `pa.blockMask`; what it hides costs nothing. */
  blockMask?: BlockMask;
  /** c > 0: score -> c tanh(score / c), before any mask. */
  softcap?: number;
  /** Rate on the attention weights, 0 to below 1; kept weights are divided by 1 - rate. */
  dropout?: number;
  /** 32-bit integer: the same seed drops the same weights; default: another one at every call. */
  seed?: number;
}

const names: readonly (keyof AttentionOptions)[] = [
  'kernel',
  'scale',
  'batchNorm',
  'headScales',
  'conv',
  'mask',
  'keyLengths',
  'causal',
  'window',
  'queryOffset',
  'blockMask',
  'softcap',
  'dropout',
  'seed',
];

/** Positions beyond this are as good as infinite, and stay clear of integer overflow. */
const FAR = 1 << 28;

/** QueryKeySizes of q [B, H, N, D] and k [B, G, M, D]. */
export interface QueryKeySizes {
  batch: number;
  heads: number;
  keyHeads: number;
  queries: number;
  keys: number;
  headWidth: number;
}

/** Checks q and k, and v where there is one. */
export function checkShapes(q: Tensor, k: Tensor, v?: Tensor): QueryKeySizes {
  checkTensor('attention', 'q', q, ['float32'], '[B, H, N, D]');
  checkTensor('attention', 'k', k, ['float32'], '[B, G, M, D]');
  const [batch, heads, queries, headWidth] = q.shape as [number, number, number, number];
  const [kBatch, keyHeads, keys, kHeadWidth] = k.shape as [number, number, number, number];
  if (headWidth < 1) throw new Error(`attention: q was ${formatShape(q)}; its last dimension D must be 1 or more`);
  if (kBatch !== batch || kHeadWidth !== headWidth) {
    throw new Error(
      `attention: k was ${formatShape(k)}; it must be [${batch}, G, M, ${headWidth}] to fit q, ${formatShape(q)}`,
    );
  }
  if (keyHeads < 1 || heads % keyHeads !== 0) {
    throw new Error(
      `attention: k was ${formatShape(k)}; its number of heads G = ${keyHeads} must divide that of q, H = ${heads}`,
    );
  }
  if (v) {
    checkTensor('attention', 'v', v, ['float32'], '[B, G, M, E]');
    const [vBatch, vHeads, vKeys, valueWidth] = v.shape as [number, number, number, number];
    if (valueWidth < 1) throw new Error(`attention: v was ${formatShape(v)}; its last dimension E must be 1 or more`);
    if (vBatch !== batch || vHeads !== keyHeads || vKeys !== keys) {
      throw new Error(
        `attention: v was ${formatShape(v)}; it must be [${batch}, ${keyHeads}, ${keys}, E] to fit k, ${formatShape(k)}`,
      );
    }
  }
  return { batch, heads, keyHeads, queries, keys, headWidth };
}

function checkMask(mask: Tensor, { batch, heads, queries, keys }: QueryKeySizes): void {
  checkTensor('attention', 'mask', mask, ['bool', 'float32']);
  const shape = [batch, heads, queries, keys];
  const fits = mask.rank <= 4 && mask.shape.every((size, index) => size === 1 || size === shape[4 - mask.rank + index]);
  if (!fits) {
    throw new Error(`attention: mask was ${formatShape(mask)}; it must be broadcastable to [${shape.join(', ')}]`);
  }
}

function checkBlockMask(blockMask: unknown, { heads, queries, keys }: QueryKeySizes): asserts blockMask is BlockMask {
  if (!(blockMask instanceof BlockMask)) {
    throw new Error(`attention: blockMask was ${formatValue(blockMask)}; it must come from pa.blockMask(...)`);
  }
  const { heads: own, queries: rows, keys: columns } = blockMask;
  if (rows !== queries || columns !== keys || (own !== 1 && own !== heads)) {
    throw new Error(
      `attention: blockMask was made for ${own} heads, ${rows} queries and ${columns} keys; ` +
        `it must be for 1 or ${heads} heads, ${queries} queries and ${keys} keys`,
    );
  }
}

/** `count` integers from low to high. */
function integers(name: string, values: unknown, count: number, per: string, low: number, high: number): number[] {
  if (!Array.isArray(values) || values.length !== count) {
    throw new Error(
      `attention: ${name} was ${formatValue(values)}; it must be an array of ${count} integers, one per ${per}`,
    );
  }
  return values.map((value, index) => checkInteger('attention', `${name}[${index}]`, value, low, high));
}

function checkBoolean(name: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw new Error(`attention: ${name} was ${formatValue(value)}; it must be true or false`);
}

function limits(window: unknown): { left: number; right: number } {
  if (!Array.isArray(window) || window.length !== 2) {
    throw new Error(`attention: window was ${formatValue(window)}; it must be [left, right]`);
  }
  const [left, right] = (window as unknown[]).map((side, index) => {
    const size = checkInteger('attention', `window[${index}]`, side, -1, Infinity);
    return size === -1 || size > FAR ? UNBOUNDED : size;
  });
  return { left, right };
}

function resolveBatchNorm(option: unknown): { beta?: Tensor; batchNorm?: AttentionAttributes['batchNorm'] } {
  if (option === undefined || option === false) return {};
  const given = option === true ? {} : option;
  if (typeof given !== 'object' || given === null) {
    throw new Error(`attention: batchNorm was ${formatValue(option)}; it must be true, false or an object`);
  }
  checkOptions('attention: batchNorm', given, ['beta', 'variance', 'epsilon'] satisfies (keyof BatchNormOptions)[]);
  const { beta = 1, variance = true, epsilon = 1e-5 } = given as BatchNormOptions;
  checkBoolean('batchNorm.variance', variance);
  checkNumber('attention', 'batchNorm.epsilon', epsilon, (x) => x >= 0, '0 or more');
  if (typeof beta !== 'object') {
    checkNumber('attention', 'batchNorm.beta', beta, () => true, 'a finite float32 or a scalar tensor');
    return { batchNorm: { beta, variance, epsilon } };
  }
  checkTensor('attention', 'batchNorm.beta', beta, ['float32']);
  if (beta.size !== 1) {
    throw new Error(`attention: batchNorm.beta was ${formatShape(beta)}; it must hold one number`);
  }
  return { beta, batchNorm: { beta: NaN, variance, epsilon } };
}

function resolveConvolution(
  option: ConvolutionOptions | undefined,
  sizes: QueryKeySizes,
): ConvolutionOptions | undefined {
  if (option === undefined) return undefined;
  checkOptions('attention: conv', option, ['kernel', 'grid'] satisfies (keyof ConvolutionOptions)[]);
  const { kernel, grid } = option;
  checkTensor('attention', 'conv.kernel', kernel, ['float32'], grid ? '[G, D, Wh, Ww]' : '[G, D, W]');
  const { keyHeads, queries, keys, headWidth } = sizes;
  if (kernel.shape[0] !== keyHeads || kernel.shape[1] !== headWidth || kernel.size === 0) {
    throw new Error(
      `attention: conv.kernel was ${formatShape(kernel)}; its first dimensions must be [${keyHeads}, ${headWidth}], G and D, ` +
        `and none 0`,
    );
  }
  if (grid) {
    if (!Array.isArray(grid) || grid.length !== 2) {
      throw new Error(`attention: conv.grid was ${formatValue(grid)}; it must be [h, w]`);
    }
    const [rows, columns] = grid.map((side, index) => checkInteger('attention', `conv.grid[${index}]`, side, 1, FAR));
    if (rows * columns !== queries || rows * columns !== keys) {
      throw new Error(
        `attention: conv.grid was [${rows}, ${columns}]; it must have as many positions as q and k: ${queries} and ${keys}`,
      );
    }
  }
  return { kernel, grid };
}

/** The arguments of `attention`, checked, with every default filled in. */
export interface ResolvedAttention {
  mask?: Tensor;
  beta?: Tensor;
  conv?: ConvolutionOptions;
  attributes: FusedAttentionAttributes;
}

/** Checks options against the shapes of q and k, and fills in every default. */
export function resolveAttention(options: AttentionOptions, sizes: QueryKeySizes): ResolvedAttention {
  checkOptions('attention', options, names);
  const {
    kernel = 'softmax',
    mask,
    causal = false,
    window = [-1, -1],
    queryOffset = 0,
    softcap,
    dropout = 0,
  } = options;
  if (kernel !== 'softmax' && kernel !== 'linear') {
    throw new Error(`attention: kernel was ${formatValue(kernel)}; it must be 'softmax' or 'linear'`);
  }
  const { batch, keyHeads, keys, headWidth } = sizes;
  const { scale = kernel === 'linear' ? 1 : 1 / Math.sqrt(headWidth), seed, blockMask } = options;
  const { keyLengths = new Array<number>(batch).fill(keys), headScales = new Array<number>(keyHeads).fill(1) } =
    options;
  if (mask !== undefined) checkMask(mask, sizes);
  if (blockMask !== undefined) checkBlockMask(blockMask, sizes);
  checkNumber(
    'attention',
    'scale',
    scale,
    (x) => (kernel === 'linear' ? x > 0 : x !== 0),
    kernel === 'linear' ? 'a finite float32 above 0 for linear attention' : 'a finite float32 and not 0',
  );
  if (softcap !== undefined) checkNumber('attention', 'softcap', softcap, (x) => x > 0, 'a finite float32 above 0');
  checkNumber('attention', 'dropout', dropout, (x) => x >= 0 && x < 1, '0 or more and below 1');
  if (seed !== undefined) checkInteger('attention', 'seed', seed, -(2 ** 31), 2 ** 32 - 1);
  const offsets = typeof queryOffset === 'number' ? new Array<number>(batch).fill(queryOffset) : queryOffset;
  const { beta, batchNorm } = resolveBatchNorm(options.batchNorm);
  const attributes: FusedAttentionAttributes = {
    kernel,
    side: 'auto',
    scale,
    keyLengths: integers('keyLengths', keyLengths, batch, 'sample', 0, keys),
    queryOffsets: integers('queryOffset', offsets, batch, 'sample', -Infinity, Infinity).map((offset) =>
      Math.max(-FAR, Math.min(FAR, offset)),
    ),
    headScales: integers('headScales', headScales, keyHeads, 'key/value head', 1, FAR),
    pooled: false,
    ...limits(window),
    causal: checkBoolean('causal', causal),
    blocks: blockMask,
    batchNorm,
    softcap: softcap ?? 0,
    dropout,
    seed: seed ?? Math.floor(Math.random() * 2 ** 32),
    hasMask: mask !== undefined,
    hasBeta: beta !== undefined,
  };
  const conv = resolveConvolution(options.conv, sizes);
  checkCombinations(options, attributes);
  return { mask, beta, conv, attributes };
}
