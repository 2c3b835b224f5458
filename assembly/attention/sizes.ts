// How large and how small the operands of the products are, found as they are packed.
//
// Products multiply what is hidden by 0, which is nothing only where it is finite, and so is its product with whatever it
// meets. Where an operand may be neither, it is not calm, and the pass selects (selection.ts).
//
// Operands with small numbers are multiplied by a power of two, their shift, so that products with them are not subnormal;
// what is linear in them is divided by it again. That is exact, so it does not matter what decides on it. Of the operands
// of scores and of dP, numbers that are too small beside the largest to change those are left out.

import { padRows } from '../gemm/pack';
import { allOnes, greaterSize, leastSize, lesserSize, scaleAbove, Sizes, sizesOf } from '../simd/sizes';
import { SMALLEST_NORMAL } from '../simd/subnormal';
import { roundUpTile } from './tiles';
import { Workspace } from './workspace';

/** Bits of 2^40. Sums of products of such numbers, with scale and further factors, are finite by a wide margin. */
const MOST: u64 = 0x53800000;
/** The largest scale of scores for which that is so: scores below 2^102 change no finite number of a mask to -Infinity. */
const MOST_SCALE: f32 = 4096;

/** Bits of 2^-62: the product of two such numbers, or of one and a weight, is normal. */
export const LEAST_FACTOR: i32 = 0x20800000;
/** Bits of 2^88. */
const MOST_SUMMED: i32 = 0x6b800000;
/** Bits of 2^8. */
const MOST_KEY: i32 = 0x43800000;

/** Whether the scores' scale leaves products of calm operands finite. */
@inline
export function isCalmScale(scale: f32): bool {
  return abs(scale) <= MOST_SCALE;
}

/** Whether all numbers are below 2^40 in size; NaN is not. */
@inline
export function isCalm(sizes: Sizes): bool {
  return sizes >> 32 < MOST;
}

@inline
export function keysCalm(w: Workspace): bool {
  return load<i32>(w.calm) != 0;
}

@inline
export function valuesCalm(w: Workspace): bool {
  return load<i32>(w.calm, 4) != 0;
}

/** Sizes of `count` rows of `width` floats, `step` bytes apart. */
export function measureRows(rows: usize, count: i32, width: i32, step: usize): Sizes {
  let size = <usize>width << 2;
  if (step == size) {
    // One long row.
    size *= <usize>count;
    count = 1;
  }
  const whole = size & ~31, ones = allOnes(rows != 0);
  let least0 = ones, least1 = ones, most0 = i32x4.splat(0), most1 = i32x4.splat(0);
  for (; count > 0; count--, rows += step) {
    let x = rows;
    for (const end = rows + whole; x != end; x += 32) {
      const x0 = v128.load(x), x1 = v128.load(x, 16);
      least0 = lesserSize(least0, x0, ones);
      least1 = lesserSize(least1, x1, ones);
      most0 = greaterSize(most0, x0);
      most1 = greaterSize(most1, x1);
    }
    for (const end = rows + size; x != end; x += 4) {
      const number = v128.load32_splat(x);
      least0 = lesserSize(least0, number, ones);
      most0 = greaterSize(most0, number);
    }
  }
  return sizesOf(i32x4.min_u(least0, least1), i32x4.max_s(most0, most1));
}

/** The shift that brings the largest number to between the 2^-8th of `most` and `most`, in few steps. */
@inline
function shiftTo(most: i32, sizes: Sizes): i32 {
  return leastSize(sizes) < LEAST_FACTOR ? max(0, (most - <i32>(sizes >> 32)) >> 23) & ~7 : 0;
}

/** The shift of keys, or of queries: their largest number becomes at most 2^8. */
@inline
export function keyShiftOf(sizes: Sizes): i32 {
  return shiftTo(MOST_KEY, sizes);
}

/** The shift of values, or of gradients of outputs: their largest number becomes at most 2^40. */
@inline
export function valueShiftOf(sizes: Sizes): i32 {
  return shiftTo(<i32>MOST, sizes);
}

/** The shift of values whose products are only summed up, with weights: their largest number becomes at most 2^88. */
@inline
export function summedShiftOf(sizes: Sizes): i32 {
  return shiftTo(MOST_SUMMED, sizes);
}

@inline
export function keyShift(w: Workspace): i32 {
  return load<i32>(w.calm, 16);
}

@inline
export function valueShift(w: Workspace): i32 {
  return load<i32>(w.calm, 20);
}

/**
 * Rows of these sizes, padded to whole tiles, times 2^shift: themselves, or `copy`, which they may be. Those below 2^-62
 * after it are 0 where `alone` is false: they are too small beside the others; else, subnormal ones.
 */
export function normalRows(
  copy: usize, rows: usize, count: i32, width: i32, step: usize, sizes: Sizes, shift: i32, alone: bool,
): usize {
  const least = leastKept(shift, alone);
  if (shift == 0 && leastSize(sizes) >= least) return rows;
  if (rows != copy) padRows(copy, rows, count, width, step);
  scaleAbove(copy, <usize>count * <usize>roundUpTile(width), least, shift);
  return copy;
}

/** Packed numbers of these sizes, likewise, in place, `count` of them. */
export function fitPacked(x: usize, count: usize, sizes: Sizes, shift: i32, alone: bool): void {
  const least = leastKept(shift, alone);
  if (shift != 0 || leastSize(sizes) < least) scaleAbove(x, count, least, shift);
}

@inline
function leastKept(shift: i32, alone: bool): i32 {
  return alone ? SMALLEST_NORMAL : max(LEAST_FACTOR - (shift << 23), SMALLEST_NORMAL);
}
