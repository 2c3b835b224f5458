// Sizes of the numbers of a block, found while it is copied: the smallest but 0, and the largest. They are compared by the
// bits, as integers, since to compare a subnormal number as a float is to read it.

import { loadLanes, storeLanes } from './lanes';
import { above } from './subnormal';

/** Bits of Infinity. */
export const INFINITY: i32 = 0x7f800000;

/** The largest size, of NaN too, in the upper half; the bits of the smallest less 1 in the lower one, all ones for none. */
export type Sizes = u64;

/** Sizes of no numbers. */
export const NO_SIZES: Sizes = 0xffffffff;

/** All bits set where `always`, which is true. A literal would be built anew in each round of a loop by V8. */
@inline
export function allOnes(always: bool): v128 {
  return i32x4.splat(always ? -1 : 0);
}

/**
 * Lane by lane, the lesser of `least` and the size of x, as its bits less 1: that leaves out zeros. From all ones on, which
 * `ones` are.
 */
@inline
export function lesserSize(least: v128, x: v128, ones: v128): v128 {
  return i32x4.min_u(least, i32x4.add(f32x4.abs(x), ones));
}

/** Lane by lane, the greater of `most` and the size of x. From 0 on. */
@inline
export function greaterSize(most: v128, x: v128): v128 {
  return i32x4.max_s(most, f32x4.abs(x));
}

/** Sizes of four lanes each. */
@inline
export function sizesOf(least: v128, most: v128): Sizes {
  const lesser = i32x4.min_u(least, v128.shuffle<i32>(least, least, 2, 3, 0, 1));
  const greater = i32x4.max_s(most, v128.shuffle<i32>(most, most, 2, 3, 0, 1));
  const low = min(<u32>i32x4.extract_lane(lesser, 0), <u32>i32x4.extract_lane(lesser, 1));
  const high = max(i32x4.extract_lane(greater, 0), i32x4.extract_lane(greater, 1));
  return ((<u64>high) << 32) | <u64>low;
}

/** Of two blocks together. */
@inline
export function joinSizes(a: Sizes, b: Sizes): Sizes {
  return (max(a >> 32, b >> 32) << 32) | <u64>min(<u32>a, <u32>b);
}

/** Bits of the smallest number but 0; those of Infinity where there is none. */
@inline
export function leastSize(sizes: Sizes): i32 {
  const bits = <i32>(<u32>sizes + 1);
  return bits == 0 ? INFINITY : bits;
}

/** Bits of the largest finite number of `count` floats at x, whose sizes are given; 0 where there is none. */
export function mostFinite(sizes: Sizes, x: usize, count: usize): i32 {
  let most = <i32>(sizes >> 32);
  if (most < INFINITY) return most;
  most = 0;
  for (const end = x + (count << 2); x != end; x += 4) {
    const size = load<i32>(x) & 0x7fffffff;
    if (size < INFINITY) most = max(most, size);
  }
  return most;
}

/** 2^exponent, from 2^-126 to 2^127. */
@inline
function powerOfTwo(exponent: i32): v128 {
  return i32x4.splat((exponent + 127) << 23);
}

/** 2^exponent as two factors, which reach further than one. From 2^-252 down nothing is left but NaN and Infinity. */
@inline
export function firstPower(exponent: i32): v128 {
  return powerOfTwo(max(exponent, -252) >> 1);
}

@inline
export function secondPower(exponent: i32): v128 {
  return powerOfTwo(max(exponent, -252) - (max(exponent, -252) >> 1));
}

/** x times 2^shift, in place, `count` floats; 0 where they are below the size with the bits `least`. No result overflows. */
export function scaleAbove(x: usize, count: usize, least: i32, shift: i32): void {
  const nothing = i32x4.splat(least - 1), first = firstPower(shift), second = secondPower(shift);
  const end = x + (count << 2), whole = x + ((count << 2) & ~31);
  for (; x != whole; x += 32) {
    scaleLanes<v128>(x, nothing, first, second);
    scaleLanes<v128>(x + 16, nothing, first, second);
  }
  for (; x != end; x += 4) scaleLanes<f32>(x, nothing, first, second);
}

@inline
function scaleLanes<T>(x: usize, nothing: v128, first: v128, second: v128): void {
  storeLanes<T>(x, f32x4.mul(f32x4.mul(above(loadLanes<T>(x), nothing), first), second));
}
