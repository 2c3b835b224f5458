// Rows of numbers of any size, multiplied by powers of two, which is exact, so that the largest is from 2^30 up. What is then
// below 2^-22 is 0: less than 2^-52 of the largest. The others, and their differences from a number that is 0 or at least
// 2^-22, are multiples of 2^-45 below 2^32: neither their sums nor their squares overflow or become subnormal. All of it is
// done to numbers of any size alike, so that they take the same time.

import { loadLanes, storeLanes } from './lanes';
import { greaterSize } from './sizes';
import { above, leastProduct, SMALLEST_NORMAL } from './subnormal';

/** Exponents of what the largest number of a row becomes: 2^TOP to 2^(TOP + 1). */
export const TOP: i32 = 30;
/** The same of rows of factors, whose products with such numbers are multiples of 2^-97. */
export const FACTOR_TOP: i32 = 0;
/** Numbers below 2^-WINDOW of the largest are 0. */
const WINDOW: i32 = 52;
/** Exponent of 1 in the bits of a number. */
const BIAS: i32 = 127;
/** Bits of 2^-22, the smallest number that is left of a row. */
export const LEAST_SCALED: i32 = 0x34800000;

/** Powers of two for numbers whose largest sizes have these bits. */
@inline
export function powersOf(most: v128, top: i32): v128 {
  const exponents = i32x4.sub(i32x4.splat(top + 2 * BIAS), i32x4.shr_u(most, 23));
  // What is just above 2^-126 need not grow further; and 2^-126 is the least power.
  return i32x4.shl(i32x4.max_s(i32x4.min_s(exponents, i32x4.splat(top + BIAS + WINDOW + 22)), i32x4.splat(1)), 23);
}

/** Bits of the largest numbers that are 0 beside numbers with these powers. */
@inline
export function negligible(powers: v128, top: i32): v128 {
  const exponents = i32x4.sub(i32x4.splat(top + 2 * BIAS - WINDOW), i32x4.shr_u(powers, 23));
  return i32x4.sub(i32x4.shl(i32x4.max_s(exponents, i32x4.splat(1)), 23), i32x4.splat(1));
}

/** 1 / power, exactly. */
@inline
export function inverseOf(power: f32): f64 {
  return <f64>reinterpret<f32>(((2 * BIAS) << 23) - reinterpret<i32>(power));
}

/** x times a power of two, 0 where its size has bits that are not above `least`. */
@inline
export function scaled(x: v128, power: v128, least: v128): v128 {
  return f32x4.mul(above(x, least), power);
}

/** Bits of the largest size among `size` bytes. */
@inline
export function largestSize(x: usize, size: usize): i32 {
  let a = i32x4.splat(0), b = i32x4.splat(0);
  let i: usize = 0;
  for (; i + 32 <= size; i += 32) {
    a = greaterSize(a, v128.load(x + i));
    b = greaterSize(b, v128.load(x + i, 16));
  }
  for (; i + 16 <= size; i += 16) a = greaterSize(a, v128.load(x + i));
  for (; i < size; i += 4) a = greaterSize(a, loadLanes<f32>(x + i));
  a = i32x4.max_s(a, b);
  a = i32x4.max_s(a, v128.shuffle<i32>(a, a, 2, 3, 0, 1));
  return max(i32x4.extract_lane(a, 0), i32x4.extract_lane(a, 1));
}

/** out = x, `size` bytes, times the power for its largest number, which is returned. */
export function scaleRow(out: usize, x: usize, size: usize, top: i32): f32 {
  const power = powersOf(i32x4.splat(largestSize(x, size)), top), least = negligible(power, top);
  let i: usize = 0;
  for (; i + 16 <= size; i += 16) v128.store(out + i, scaled(v128.load(x + i), power, least));
  for (; i < size; i += 4) storeLanes<f32>(out + i, scaled(loadLanes<f32>(x + i), power, least));
  return f32x4.extract_lane(power, 0);
}

/** 2^-126 */
const SMALLEST_DOUBLE: f64 = 1.1754943508222875e-38;

/** Two numbers rounded to float32 in lanes 0 and 1, 0 where they would be subnormal. NaN stays NaN. */
@inline
export function normalLanes(x: v128): v128 {
  return f32x4.demote_f64x2_zero(v128.andnot(x, f64x2.lt(f64x2.abs(x), f64x2.splat(SMALLEST_DOUBLE))));
}

/** Four numbers rounded to float32, as normalLanes. */
@inline
export function normalFour(low: v128, high: v128): v128 {
  return v128.shuffle<i32>(normalLanes(low), normalLanes(high), 0, 1, 4, 5);
}

/** x rounded to float32, 0 where it would be subnormal. */
@inline
export function normal(x: f64): f32 {
  return abs(x) < SMALLEST_DOUBLE ? 0 : <f32>x;
}

/** Below this size, 2^-96, a factor of numbers below 2^31 may be subnormal where its products are not. */
const SMALL_FACTOR: f64 = 1.262177448353619e-29;
/** 2^-30 */
const SMALL_PART: f32 = 9.313225746154785e-10;

/** A power of two that is left out of a small factor, and multiplied with afterwards: 1 or 2^-30. */
@inline
export function partOfFactor(factor: f64): f32 {
  return abs(factor) < SMALL_FACTOR ? SMALL_PART : 1;
}

/** Bits above which a number's product with `factor` times `part` of it is normal, and with `factor` too. */
@inline
export function leastOfFactor(factor: f32, part: f32): i32 {
  return leastProduct(abs(factor)) - reinterpret<i32>(part);
}

/** x, 0 below 2^-126 and the size with the bits `least`. */
@inline
export function normalAbove(x: f32, least: i32): f32 {
  return (reinterpret<i32>(x) & 0x7fffffff) < max(least, SMALLEST_NORMAL) ? 0 : x;
}
