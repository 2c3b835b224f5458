// Rows of floats, or parts of rows, of any length: sizes in bytes, multiples of 4.

import { loadLanes, storeLanes } from './lanes';
import { normal } from './powers';
import { above, factorOf, leastProduct, SMALLEST_NORMAL } from './subnormal';
import { madd, promoteHigh } from './vector';

/** out += x, where x is not subnormal */
@inline
export function addRow(out: usize, x: usize, size: usize): void {
  const subnormal = i32x4.splat(size > 0 ? SMALLEST_NORMAL - 1 : 0);
  let i: usize = 0;
  for (; i + 16 <= size; i += 16) addLanes<v128>(out + i, x + i, subnormal);
  for (; i < size; i += 4) addLanes<f32>(out + i, x + i, subnormal);
}

@inline
function addLanes<T>(out: usize, x: usize, subnormal: v128): void {
  storeLanes<T>(out, f32x4.add(loadLanes<T>(out), above(loadLanes<T>(x), subnormal)));
}

/** out = a b, which may be one of them; 0 where that would be subnormal. */
@inline
export function multiplyRow(out: usize, a: usize, b: usize, size: usize): void {
  const least = i32x4.splat(leastProduct(1));
  let i: usize = 0;
  for (; i + 16 <= size; i += 16) multiplyLanes<v128>(out + i, a + i, b + i, least);
  for (; i < size; i += 4) multiplyLanes<f32>(out + i, a + i, b + i, least);
}

@inline
function multiplyLanes<T>(out: usize, a: usize, b: usize, least: v128): void {
  const factor = loadLanes<T>(b);
  storeLanes<T>(out, f32x4.mul(factorOf(loadLanes<T>(a), factor, least), factor));
}

/** out += a b, where that is not subnormal */
@inline
export function addProduct(out: usize, a: usize, b: usize, size: usize): void {
  const subnormal = i32x4.splat(size > 0 ? SMALLEST_NORMAL - 1 : 0), least = i32x4.splat(leastProduct(1));
  let i: usize = 0;
  for (; i + 16 <= size; i += 16) addProductLanes<v128>(out + i, a + i, b + i, subnormal, least);
  for (; i < size; i += 4) addProductLanes<f32>(out + i, a + i, b + i, subnormal, least);
}

@inline
function addProductLanes<T>(out: usize, a: usize, b: usize, subnormal: v128, least: v128): void {
  const factor = above(loadLanes<T>(b), subnormal);
  const kept = factorOf(loadLanes<T>(a), factor, least);
  storeLanes<T>(out, above(madd(kept, factor, loadLanes<T>(out)), subnormal));
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

/** sums += x, where it is not subnormal; sums float64 [size / 4], which do not become subnormal. */
@inline
export function addToDoubles(sums: usize, x: usize, size: usize): void {
  const subnormal = i32x4.splat(size > 0 ? SMALLEST_NORMAL - 1 : 0);
  let i: usize = 0;
  for (; i + 16 <= size; i += 16) {
    const row = above(v128.load(x + i), subnormal), sum = sums + (i << 1);
    v128.store(sum, f64x2.add(v128.load(sum), f64x2.promote_low_f32x4(row)));
    v128.store(sum, f64x2.add(v128.load(sum, 16), promoteHigh(row)), 16);
  }
  for (; i < size; i += 4) {
    const sum = sums + (i << 1);
    store<f64>(sum, load<f64>(sum) + <f64>f32x4.extract_lane(above(loadLanes<f32>(x + i), subnormal), 0));
  }
}

/** Rows that are added up in float32 before their sum goes on in float64: so many roundings are 1e-6 of it at most. */
export const SUM_ROWS: i32 = 32;

/** sums += x, where no number is subnormal; x becomes 0. */
export function moveToDoubles(sums: usize, x: usize, size: usize): void {
  let i: usize = 0;
  for (; i + 16 <= size; i += 16) {
    const row = v128.load(x + i), sum = sums + (i << 1);
    v128.store(x + i, f32x4.splat(0));
    v128.store(sum, f64x2.add(v128.load(sum), f64x2.promote_low_f32x4(row)));
    v128.store(sum, f64x2.add(v128.load(sum, 16), promoteHigh(row)), 16);
  }
  for (; i < size; i += 4) {
    const sum = sums + (i << 1);
    store<f64>(sum, load<f64>(sum) + <f64>load<f32>(x + i));
    store<f32>(x + i, 0);
  }
}

/** sums += others, float64, `size` bytes: a multiple of 16. */
export function addDoubles(sums: usize, others: usize, size: usize): void {
  for (let i: usize = 0; i < size; i += 16) v128.store(sums + i, f64x2.add(v128.load(sums + i), v128.load(others + i)));
}

/** out = factor sums, rounded from float64; 0 where that is subnormal */
@inline
export function roundDoubles(out: usize, sums: usize, size: usize, factor: f64 = 1): void {
  for (let i: usize = 0; i < size; i += 4) store<f32>(out + i, normal(load<f64>(sums + (i << 1)) * factor));
}
