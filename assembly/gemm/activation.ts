// Activations after a product, as tfjs-core defines them, and GELU.

import { expm1 } from '../simd/exp2';
import { geluLanes, geluTanhLanes } from '../simd/gelu';
import { loadLanes, storeLanes } from '../simd/lanes';
import { sigmoid } from '../simd/sigmoid';
import { above, flushBelow, NORMAL_HALF, times } from '../simd/subnormal';

/** IDENTITY: none. LEAKY_RELU has one slope, PRELU one for each column. */
export const enum Activation {
  IDENTITY,
  RELU,
  RELU6,
  PRELU,
  LEAKY_RELU,
  SIGMOID,
  ELU,
  GELU,
  GELU_TANH,
}

/**
 * One vector of the kinds but RELU and RELU6, of numbers that are 0 or at least 2^-125 in size; `slopes` are the factors of
 * negative values (PReLU, leaky ReLU).
 */
@inline
function activateLanes(kind: i32, x: v128, slopes: v128, table: usize): v128 {
  const zero = f32x4.splat(0);
  if (kind == Activation.PRELU || kind == Activation.LEAKY_RELU) return v128.bitselect(times(slopes, x), x, f32x4.lt(x, zero));
  if (kind == Activation.GELU) return geluLanes(x, table);
  if (kind == Activation.GELU_TANH) return geluTanhLanes(x, table);
  if (kind == Activation.ELU) return v128.bitselect(expm1(f32x4.pmin(x, zero), table), x, f32x4.lt(x, zero));
  return sigmoid(x, table);
}

/**
 * y = activation(c), which may be the same: rows of `columns` floats, `stride` bytes apart. `slopes`: `columns` floats for
 * PReLU, or 0: then `alpha` is the factor of all. `table` is that of simd/table.ts.
 */
export function activate(
  kind: i32, y: usize, c: usize, stride: usize, rows: i32, columns: i32, slopes: usize, alpha: f32, table: usize,
): void {
  const size = <usize>columns << 2;
  // Rows without gaps are one: that of few columns would be over before it has begun.
  if (stride == size && !slopes) return activateRow(kind, y, c, <usize>rows * size, 0, alpha, table);
  for (let i = 0; i < rows; i++, c += stride, y += stride) activateRow(kind, y, c, size, slopes, alpha, table);
}

/** One row of `size` bytes. Each kind has a loop of its own, of pairs of vectors, which `wide` builds fuse. */
export function activateRow(kind: i32, y: usize, c: usize, size: usize, slopes: usize, alpha: f32, table: usize): void {
  if (kind == Activation.GELU) gelu(y, c, size, table);
  else if (kind == Activation.GELU_TANH) geluTanh(y, c, size, table);
  else if (kind == Activation.SIGMOID) logistic(y, c, size, table);
  else if (kind == Activation.ELU) elu(y, c, size, table);
  else if (kind == Activation.RELU) bound(y, c, size, Infinity);
  else if (kind == Activation.RELU6) bound(y, c, size, 6);
  else leakyRelu(y, c, size, slopes, alpha);
}

function gelu(y: usize, c: usize, size: usize, table: usize): void {
  activatePairs(Activation.GELU, y, c, size, 0, 0, table);
}

function geluTanh(y: usize, c: usize, size: usize, table: usize): void {
  activatePairs(Activation.GELU_TANH, y, c, size, 0, 0, table);
}

function logistic(y: usize, c: usize, size: usize, table: usize): void {
  activatePairs(Activation.SIGMOID, y, c, size, 0, 0, table);
}

function elu(y: usize, c: usize, size: usize, table: usize): void {
  activatePairs(Activation.ELU, y, c, size, 0, 0, table);
}

/** y = c between 0 and `top`; NaN stays NaN. */
function bound(y: usize, c: usize, size: usize, top: f32): void {
  const subnormal = i32x4.splat(size > 0 ? NORMAL_HALF - 1 : 0), most = f32x4.splat(top);
  let x: usize = 0;
  for (; x + 32 <= size; x += 32) {
    const first = boundLanes(v128.load(c + x), subnormal, most);
    const second = boundLanes(v128.load(c + x, 16), subnormal, most);
    v128.store(y + x, first);
    v128.store(y + x, second, 16);
  }
  for (; x < size; x += 4) storeLanes<f32>(y + x, boundLanes(loadLanes<f32>(c + x), subnormal, most));
}

/** max(x, 0) in this order keeps a NaN. */
@inline
function boundLanes(x: v128, subnormal: v128, top: v128): v128 {
  return f32x4.pmin(f32x4.pmax(above(x, subnormal), f32x4.splat(0)), top);
}

function leakyRelu(y: usize, c: usize, size: usize, slopes: usize, alpha: f32): void {
  activatePairs(Activation.PRELU, y, c, size, slopes, alpha, 0);
}

@inline
function activatePairs(kind: i32, y: usize, c: usize, size: usize, slopes: usize, alpha: f32, table: usize): void {
  let x: usize = 0;
  for (; x + 32 <= size; x += 32) {
    const first = activateAt<v128>(kind, c, slopes, x, alpha, table);
    const second = activateAt<v128>(kind, c, slopes, x + 16, alpha, table);
    v128.store(y + x, first);
    v128.store(y + x, second, 16);
  }
  for (; x < size; x += 4) storeLanes<f32>(y + x, activateAt<f32>(kind, c, slopes, x, alpha, table));
}

@inline
function activateAt<T>(kind: i32, c: usize, slopes: usize, x: usize, alpha: f32, table: usize): v128 {
  const slope = slopes ? loadLanes<T>(slopes + x) : f32x4.splat(alpha);
  return activateLanes(kind, flushBelow(loadLanes<T>(c + x), NORMAL_HALF), slope, table);
}
