// Options of pa.attention as a caller gives them.

import type { Scalar, Tensor, Variable } from '@tensorflow/tfjs-core';
import type { BlockMask } from './blockMask.js';

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
  /**
   * ALiBi, H numbers, or true for the usual geometric ones, 2^(-8 (h + 1) / H): slope_h (j - p) is added to the score of
   * key j and query i, p = i + queryOffset, after `softcap`.
   */
  alibiSlopes?: boolean | readonly number[];
  /** Rate on the attention weights, 0 to below 1; kept weights are divided by 1 - rate. */
  dropout?: number;
  /** 32-bit integer: the same seed drops the same weights; default: another one at every call. */
  seed?: number;
}
