// Rows of floats, or parts of rows, of any length: sizes in bytes, multiples of 4.

import { loadLanes, storeLanes } from './lanes';
import { madd } from './vector';

/** out += x */
@inline
export function addRow(out: usize, x: usize, size: usize): void {
  let i: usize = 0;
  for (; i + 16 <= size; i += 16) addLanes<v128>(out + i, x + i);
  for (; i < size; i += 4) addLanes<f32>(out + i, x + i);
}

@inline
function addLanes<T>(out: usize, x: usize): void {
  storeLanes<T>(out, f32x4.add(loadLanes<T>(out), loadLanes<T>(x)));
}

/** out = a b, which may be one of them. */
@inline
export function multiplyRow(out: usize, a: usize, b: usize, size: usize): void {
  let i: usize = 0;
  for (; i + 16 <= size; i += 16) multiplyLanes<v128>(out + i, a + i, b + i);
  for (; i < size; i += 4) multiplyLanes<f32>(out + i, a + i, b + i);
}

@inline
function multiplyLanes<T>(out: usize, a: usize, b: usize): void {
  storeLanes<T>(out, f32x4.mul(loadLanes<T>(a), loadLanes<T>(b)));
}

/** out += a b */
@inline
export function addProduct(out: usize, a: usize, b: usize, size: usize): void {
  let i: usize = 0;
  for (; i + 16 <= size; i += 16) addProductLanes<v128>(out + i, a + i, b + i);
  for (; i < size; i += 4) addProductLanes<f32>(out + i, a + i, b + i);
}

/** out += the number at `factor` times x */
@inline
export function addScaledRow(out: usize, x: usize, factor: usize, size: usize): void {
  const factors = v128.load32_splat(factor);
  let i: usize = 0;
  for (; i + 16 <= size; i += 16) addScaledLanes<v128>(out + i, factors, x + i);
  for (; i < size; i += 4) addScaledLanes<f32>(out + i, factors, x + i);
}

@inline
function addScaledLanes<T>(out: usize, factors: v128, x: usize): void {
  storeLanes<T>(out, madd(factors, loadLanes<T>(x), loadLanes<T>(out)));
}

@inline
function addProductLanes<T>(out: usize, a: usize, b: usize): void {
  storeLanes<T>(out, madd(loadLanes<T>(a), loadLanes<T>(b), loadLanes<T>(out)));
}

/** Numbers that a long sum adds up in float32 before they go to a sum in float64: the error stays below 32 rounding errors. */
export const SUM_BLOCK: i32 = 32;

/** sums += x, sums float64 [size / 4] */
@inline
export function addToDoubles(sums: usize, x: usize, size: usize): void {
  let i: usize = 0;
  for (; i + 16 <= size; i += 16) {
    const row = v128.load(x + i), sum = sums + (i << 1);
    v128.store(sum, f64x2.add(v128.load(sum), f64x2.promote_low_f32x4(row)));
    const high = v128.shuffle<i32>(row, row, 2, 3, 2, 3);
    v128.store(sum, f64x2.add(v128.load(sum, 16), f64x2.promote_low_f32x4(high)), 16);
  }
  for (; i < size; i += 4) {
    const sum = sums + (i << 1);
    store<f64>(sum, load<f64>(sum) + <f64>load<f32>(x + i));
  }
}

/** out = sums, rounded from float64 */
@inline
export function roundDoubles(out: usize, sums: usize, size: usize): void {
  for (let i: usize = 0; i < size; i += 4) store<f32>(out + i, <f32>load<f64>(sums + (i << 1)));
}
