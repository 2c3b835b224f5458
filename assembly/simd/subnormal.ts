// Numbers below 2^-126, the smallest normal float32. WebAssembly cannot switch them off, and Intel's cores take 100 to 200
// cycles longer for each instruction that reads or makes one. Kernels make 0 of them where they arise. What decides is the
// bits, as integers: to compare a subnormal number as a float is to read it.

import { loadLanes, storeLanes } from './lanes';
import { madd } from './vector';

/** Bits of 2^-126. */
export const SMALLEST_NORMAL: i32 = 0x00800000;
/** Bits of 1. */
export const ONE: i32 = 0x3f800000;
/** Bits of 2^-125, the smallest number whose half is normal. */
export const NORMAL_HALF: i32 = 0x01000000;

/**
 * The sum of the bits of two numbers, above which their product times `scale`, positive, is normal. Bits of a number are
 * its exponent, in 2^-23, and a little less than log2 of its fraction: they add up, less those of 1, as numbers multiply.
 */
@inline
export function leastProduct(scale: f32): i32 {
  return SMALLEST_NORMAL + 2 * ONE - reinterpret<i32>(scale);
}

/** x, 0 where the bits of its size are not above `least`. NaN stays NaN. */
@inline
export function above(x: v128, least: v128): v128 {
  return v128.and(x, i32x4.gt_s(f32x4.abs(x), least));
}

/** x; 0 where its size is below the number, from 2^-126 up, that has the bits `least`. NaN stays NaN. */
@inline
export function flushBelow(x: v128, least: i32): v128 {
  return v128.and(x, i32x4.ge_s(f32x4.abs(x), i32x4.splat(least)));
}

/** x; 0 where it is subnormal. NaN stays NaN. */
@inline
export function flush(x: v128): v128 {
  return flushBelow(x, SMALLEST_NORMAL);
}

/** out = x, 0 where it is subnormal: `size` bytes. */
@inline
export function flushRow(out: usize, x: usize, size: usize): void {
  let i: usize = 0;
  for (; i + 16 <= size; i += 16) v128.store(out + i, flush(v128.load(x + i)));
  for (; i < size; i += 4) storeLanes<f32>(out + i, flush(loadLanes<f32>(x + i)));
}

/**
 * x; 0 where x y is not normal for sure: where the sum of their sizes' bits is not above `least`. Of products from 2^-126
 * to 2^-125.8 it leaves some out; of those with NaN or Infinity, none.
 */
@inline
export function factorOf(x: v128, y: v128, least: v128): v128 {
  return v128.and(x, i32x4.gt_s(f32x4.abs(x), i32x4.sub(least, f32x4.abs(y))));
}

/** x y; 0 where it would be subnormal. x and y are not subnormal. */
@inline
export function times(x: v128, y: v128): v128 {
  return f32x4.mul(factorOf(x, y, i32x4.splat(leastProduct(1))), y);
}

/** sum + x y, as `madd` rounds it; the product is left out where it would be subnormal. x and y are not subnormal. */
@inline
export function addNormalProduct(sum: v128, x: v128, y: v128): v128 {
  return madd(factorOf(x, y, i32x4.splat(leastProduct(1))), y, sum);
}
