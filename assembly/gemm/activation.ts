// Activations after a product, as tfjs-core defines them, and GELU.

import { geluLanes, geluTanhLanes } from '../nn/gelu';
import { expm1 } from '../simd/exp2';
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
 * One vector of the kinds but RELU and RELU6, of numbers that are 0 or at least 2^-125 in size; `slopes` are the factors of negative values (PReLU, leaky
 * ReLU).
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
 * PReLU, or 0: then `alpha` is the factor of all. `table` is that of `writeExp2Table`.
 */
export function activate(
  kind: i32, y: usize, c: usize, stride: usize, rows: i32, columns: i32, slopes: usize, alpha: f32, table: usize,
): void {
  let size = <usize>columns << 2;
  if (stride == size && !slopes) {
    // One row: that of few columns would be over before it has begun.
    size *= <usize>rows;
    rows = min(rows, 1);
  }
  const whole = size & ~15;
  if (kind == Activation.RELU || kind == Activation.RELU6) {
    const top = f32x4.splat(kind == Activation.RELU6 ? 6 : Infinity);
    for (let i = 0; i < rows; i++, c += stride, y += stride) boundRow(y, c, size, top);
    return;
  }
  for (let i = 0; i < rows; i++, c += stride, y += stride) {
    let x: usize = 0;
    for (; x < whole; x += 16) activateAt<v128>(kind, y, c, slopes, x, alpha, table);
    for (; x < size; x += 4) activateAt<f32>(kind, y, c, slopes, x, alpha, table);
  }
}

/** y = c between 0 and `top`; NaN stays NaN. */
@inline
function boundRow(y: usize, c: usize, size: usize, top: v128): void {
  const subnormal = i32x4.splat(size > 0 ? NORMAL_HALF - 1 : 0);
  let x: usize = 0;
  for (; x + 16 <= size; x += 16) v128.store(y + x, bound(v128.load(c + x), subnormal, top));
  for (; x < size; x += 4) storeLanes<f32>(y + x, bound(loadLanes<f32>(c + x), subnormal, top));
}

/** max(x, 0) in this order keeps a NaN. */
@inline
function bound(x: v128, subnormal: v128, top: v128): v128 {
  return f32x4.pmin(f32x4.pmax(above(x, subnormal), f32x4.splat(0)), top);
}

@inline
function activateAt<T>(kind: i32, y: usize, c: usize, slopes: usize, x: usize, alpha: f32, table: usize): void {
  const slope = slopes ? loadLanes<T>(slopes + x) : f32x4.splat(alpha);
  storeLanes<T>(y + x, activateLanes(kind, flushBelow(loadLanes<T>(c + x), NORMAL_HALF), slope, table));
}
