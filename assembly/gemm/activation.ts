// Activations after a product, as tfjs-core defines them, and GELU.

import { geluLanes, geluTanhLanes } from '../nn/gelu';
import { expm1 } from '../simd/exp2';
import { loadLanes, storeLanes } from '../simd/lanes';
import { sigmoid } from '../simd/sigmoid';
import { flushBelow, NORMAL_HALF, times } from '../simd/subnormal';

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
 * One vector, of numbers that are 0 or at least 2^-125 in size; `slopes` are the factors of negative values (PReLU, leaky
 * ReLU).
 */
@inline
function activateLanes(kind: i32, x: v128, slopes: v128, table: usize): v128 {
  const zero = f32x4.splat(0);
  // max(x, 0) in this order keeps a NaN.
  if (kind == Activation.RELU) return f32x4.pmax(x, zero);
  if (kind == Activation.RELU6) return f32x4.pmin(f32x4.pmax(x, zero), f32x4.splat(6));
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
  const size = <usize>columns << 2;
  const whole = size & ~15;
  for (let i = 0; i < rows; i++, c += stride, y += stride) {
    let x: usize = 0;
    for (; x < whole; x += 16) activateAt<v128>(kind, y, c, slopes, x, alpha, table);
    for (; x < size; x += 4) activateAt<f32>(kind, y, c, slopes, x, alpha, table);
  }
}

@inline
function activateAt<T>(kind: i32, y: usize, c: usize, slopes: usize, x: usize, alpha: f32, table: usize): void {
  const slope = slopes ? loadLanes<T>(slopes + x) : f32x4.splat(alpha);
  storeLanes<T>(y + x, activateLanes(kind, flushBelow(loadLanes<T>(c + x), NORMAL_HALF), slope, table));
}
