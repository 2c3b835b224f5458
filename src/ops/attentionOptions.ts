// Options of pa.attention: their types, checks and defaults.

import type { Tensor } from '@tensorflow/tfjs-core';
import { type AttentionAttributes, UNBOUNDED } from '../kernels/attention.js';
import { checkInteger, checkNumber, checkTensor, formatShape } from './checks.js';

/** Options of `attention`; all of them have a default. */
export interface AttentionOptions {
  /** Only 'softmax' in this version. */
  kernel?: 'softmax';
  /** Factor of q.k, finite and not 0; default 1 / sqrt(D). */
  scale?: number;
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
  /** c > 0: score -> c tanh(score / c), before any mask. */
  softcap?: number;
  /** Rate on the attention weights, 0 to below 1; kept weights are divided by 1 - rate. */
  dropout?: number;
  /** 32-bit integer: the same seed drops the same weights; default: another one at every call. */
  seed?: number;
}

const names: ReadonlySet<string> = new Set([
  'kernel',
  'scale',
  'mask',
  'keyLengths',
  'causal',
  'window',
  'queryOffset',
  'softcap',
  'dropout',
  'seed',
] satisfies (keyof AttentionOptions)[]);

/** Of the same vocabulary, but for later versions. */
const later: ReadonlySet<string> = new Set(['batchNorm', 'headScales', 'conv', 'blockMask']);

/** Positions beyond this are as good as infinite, and stay clear of integer overflow. */
const FAR = 1 << 28;

function checkNames(options: AttentionOptions): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || names.has(name)) continue;
    if (later.has(name)) throw new Error(`attention: option '${name}' is not available in this version`);
    throw new Error(`attention: unknown option '${name}'; the options are ${[...names].join(', ')}`);
  }
  const { kernel = 'softmax' } = options;
  if (kernel !== 'softmax') {
    throw new Error(`attention: kernel was '${String(kernel)}'; it must be 'softmax' in this version`);
  }
}

function checkShapes(q: Tensor, k: Tensor, v: Tensor): void {
  checkTensor('attention', 'q', q, ['float32'], '[B, H, N, D]');
  checkTensor('attention', 'k', k, ['float32'], '[B, G, M, D]');
  checkTensor('attention', 'v', v, ['float32'], '[B, G, M, E]');
  const [batch, heads, , depth] = q.shape;
  const [kBatch, keyHeads, keys, kDepth] = k.shape as [number, number, number, number];
  const [vBatch, vHeads, vKeys, valueDepth] = v.shape as [number, number, number, number];
  if (depth < 1) throw new Error(`attention: q was ${formatShape(q)}; its last dimension D must be 1 or more`);
  if (valueDepth < 1) throw new Error(`attention: v was ${formatShape(v)}; its last dimension E must be 1 or more`);
  if (kBatch !== batch || kDepth !== depth) {
    throw new Error(
      `attention: k was ${formatShape(k)}; it must be [${batch}, G, M, ${depth}] to fit q, ${formatShape(q)}`,
    );
  }
  if (vBatch !== batch || vHeads !== keyHeads || vKeys !== keys) {
    throw new Error(
      `attention: v was ${formatShape(v)}; it must be [${batch}, ${keyHeads}, ${keys}, E] to fit k, ${formatShape(k)}`,
    );
  }
  if (keyHeads < 1 || heads % keyHeads !== 0) {
    throw new Error(
      `attention: k was ${formatShape(k)}; its number of heads G = ${keyHeads} must divide that of q, H = ${heads}`,
    );
  }
}

function checkMask(mask: Tensor, shape: readonly number[]): void {
  checkTensor('attention', 'mask', mask, ['bool', 'float32']);
  const fits = mask.rank <= 4 && mask.shape.every((size, index) => size === 1 || size === shape[4 - mask.rank + index]);
  if (!fits) {
    throw new Error(`attention: mask was ${formatShape(mask)}; it must be broadcastable to [${shape.join(', ')}]`);
  }
}

/** One integer for each sample. */
function perSample(name: string, values: unknown, batch: number, low: number, high: number): number[] {
  if (!Array.isArray(values) || values.length !== batch) {
    throw new Error(`attention: ${name} was ${JSON.stringify(values)}; it must hold ${batch} integers, one per sample`);
  }
  return values.map((value, index) => checkInteger('attention', `${name}[${index}]`, value, low, high));
}

function limits(causal: unknown, window: unknown): { left: number; right: number } {
  if (typeof causal !== 'boolean') throw new Error(`attention: causal was ${String(causal)}; it must be true or false`);
  if (!Array.isArray(window) || window.length !== 2) {
    throw new Error(`attention: window was ${JSON.stringify(window)}; it must be [left, right]`);
  }
  const [left, right] = (window as unknown[]).map((side, index) => {
    const size = checkInteger('attention', `window[${index}]`, side, -1, Infinity);
    return size === -1 || size > FAR ? UNBOUNDED : size;
  });
  return { left, right: causal ? 0 : right };
}

/** Checks the arguments of `attention`, and fills in every default. */
export function resolveAttention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  options: AttentionOptions,
): { mask?: Tensor; attributes: AttentionAttributes } {
  checkNames(options);
  checkShapes(q, k, v);
  const [batch, heads, queries, depth] = q.shape as [number, number, number, number];
  const keys = k.shape[2]!;
  const { mask, causal = false, window = [-1, -1], queryOffset = 0, softcap, dropout = 0, seed } = options;
  const { scale = 1 / Math.sqrt(depth), keyLengths = new Array<number>(batch).fill(keys) } = options;
  if (mask !== undefined) checkMask(mask, [batch, heads, queries, keys]);
  checkNumber('attention', 'scale', scale, (x) => Math.fround(x) !== 0, 'finite and not 0');
  if (softcap !== undefined) checkNumber('attention', 'softcap', softcap, (x) => x > 0, 'finite and above 0');
  // The rate is a float32 in the kernel, where it must still be below 1.
  checkNumber('attention', 'dropout', dropout, (x) => x >= 0 && Math.fround(x) < 1, '0 or more and below 1');
  if (seed !== undefined) checkInteger('attention', 'seed', seed, -(2 ** 31), 2 ** 32 - 1);
  const offsets = typeof queryOffset === 'number' ? new Array<number>(batch).fill(queryOffset) : queryOffset;
  return {
    mask,
    attributes: {
      scale,
      keyLengths: perSample('keyLengths', keyLengths, batch, 0, keys),
      queryOffsets: perSample('queryOffset', offsets, batch, -Infinity, Infinity).map((offset) =>
        Math.max(-FAR, Math.min(FAR, offset)),
      ),
      ...limits(causal, window),
      softcap: softcap ?? 0,
      dropout,
      seed: seed ?? Math.floor(Math.random() * 2 ** 32),
    },
  };
}
