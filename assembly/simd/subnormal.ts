// Numbers below 2^-126, the smallest normal float32. WebAssembly cannot switch them off, and Intel's cores take 100 to 200
// cycles longer for each instruction that reads or makes one. Kernels make 0 of them where they arise. What decides is the
// bits, as integers: to compare a subnormal number as a float is to read it.

import { madd } from './vector';

/** Bits of 2^-126. */
const SMALLEST_NORMAL: i32 = 0x00800000;
/** Bits of 2^-125, the smallest number whose half is normal. */
export const NORMAL_HALF: i32 = 0x01000000;

/**
 * Bits of a number are its exponent, in 2^-23, and a little less than log2 of its fraction, so bits add up as numbers
 * multiply. The sum of two numbers' bits above this, the bits of 1 and of 2^-126, tells that their product is normal.
 */
export const NORMAL_PRODUCT: i32 = 0x3f800000 + SMALLEST_NORMAL;

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

/**
 * Where the product of x and y is normal for sure, all bits: the sum of their sizes' bits is above `least`. Of products
 * from 2^-126 to 2^-125.8 it leaves some out; of those with NaN or Infinity, none.
 */
@inline
export function isProductNormal(x: v128, y: v128, least: v128): v128 {
  return i32x4.gt_s(f32x4.abs(x), i32x4.sub(least, f32x4.abs(y)));
}

/** x y; 0 where it would be subnormal. x and y are not subnormal. */
@inline
export function times(x: v128, y: v128): v128 {
  return f32x4.mul(v128.and(x, isProductNormal(x, y, i32x4.splat(NORMAL_PRODUCT))), y);
}

/** sum + x y, as `madd` rounds it; the product is left out where it would be subnormal. x and y are not subnormal. */
@inline
export function addNormalProduct(sum: v128, x: v128, y: v128): v128 {
  return madd(v128.and(x, isProductNormal(x, y, i32x4.splat(NORMAL_PRODUCT))), y, sum);
}
