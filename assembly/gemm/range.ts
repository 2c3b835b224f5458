// The range of numbers. A product of matrices multiplies each number of a block of A by one of a block of B, and adds up. If
// all products of two numbers are 0 or at least 2^-78, neither they nor their sums can be subnormal: factors have 24 digits,
// products are multiples of 2^-125, and so is what is left where they cancel out.
//
// Blocks whose numbers are smaller are multiplied by a power of two, and what is too small beside their largest is 0. The
// product is divided by it again, in the tile.

import { loadLanes, storeLanes } from '../simd/lanes';
import { firstPower, INFINITY, leastSize, mostFinite, scaleAbove, secondPower, Sizes } from '../simd/sizes';
import { above, SMALLEST_NORMAL } from '../simd/subnormal';

/** Bits of 1, and of 2^0 in units of an exponent's step. */
const ONE: i64 = 0x3f800000;
const DOUBLE: i64 = 1 << 23;
/** Bits of 2^-78, as above, and of 2^116: a block's 256 products, and their sum, do not overflow. */
const LEAST_PRODUCT: i64 = ONE - 78 * DOUBLE;
const MOST_PRODUCT: i64 = ONE + 116 * DOUBLE;
/** Bits of 2^-39: a block of B with a smaller number is scaled, so that its largest is from 2^57 to 2^58. */
const LEAST_RIGHT: i64 = ONE - 39 * DOUBLE;
const MOST_RIGHT: i64 = ONE + 58 * DOUBLE;
/** Bits of 2^120: what numbers of A may become where those of B are small. */
const MOST_LEFT: i64 = ONE + 120 * DOUBLE;

/** A packed block of B, multiplied by 2^shift: sizes of its numbers, as bits. */
@unmanaged
export class RightBlock {
  least: i32;
  most: i32;
  shift: i32;
}

/** Brings a block of B, `count` packed floats, into range. */
export function fitRight(block: RightBlock, panels: usize, count: usize, sizes: Sizes): void {
  block.least = leastSize(sizes);
  block.most = mostFinite(sizes, panels, count);
  block.shift = 0;
  if (block.least >= <i32>LEAST_RIGHT) return;
  const shift = (MOST_RIGHT - block.most) >> 23;
  const kept = max(<i64>SMALLEST_NORMAL, LEAST_RIGHT - shift * DOUBLE);
  scaleAbove(panels, count, <i32>kept, <i32>shift);
  block.least = <i32>(kept + shift * DOUBLE);
  block.most = block.most < <i32>kept ? 0 : block.most + <i32>(shift * DOUBLE);
  block.shift = <i32>shift;
}

/**
 * Brings a block of A, `count` packed floats, into range beside blocks of B whose numbers have sizes from `least` to `most`.
 * Returns the power of two that it is multiplied by.
 */
export function fitLeft(
  panels: usize, count: usize, sizes: Sizes, least: i32, most: i32, scaledRight: bool,
): i32 {
  const own = leastSize(sizes);
  const small = own < SMALLEST_NORMAL || <i64>own + least - ONE < LEAST_PRODUCT;
  if (!small && !scaledRight) return 0;
  const ownMost = mostFinite(sizes, panels, count);
  if (!small && <i64>ownMost + most - ONE <= MOST_PRODUCT) return 0;
  const shift = (min(MOST_PRODUCT + ONE - max(most, SMALLEST_NORMAL), MOST_LEFT) - ownMost) >> 23;
  scaleAbove(panels, count, <i32>max(<i64>SMALLEST_NORMAL, LEAST_PRODUCT + ONE - least - shift * DOUBLE), <i32>shift);
  return <i32>shift;
}

/** c = init + x 2^-shift, 0 where it is subnormal: rows of `size` bytes, steps from row to row. */
export function addUnscaled(
  c: usize, cStep: usize, init: usize, initStep: usize, x: usize, xStep: usize, rows: i32, size: usize, shift: i32,
): void {
  const nothing = i32x4.splat(<i32>min(<i64>INFINITY, <i64>SMALLEST_NORMAL + <i64>shift * DOUBLE) - 1);
  const subnormal = i32x4.splat(rows > 0 ? SMALLEST_NORMAL - 1 : 0);
  const first = firstPower(-shift), second = secondPower(-shift);
  const whole = size & ~15;
  for (; rows > 0; rows--, c += cStep, init += initStep, x += xStep) {
    let i: usize = 0;
    for (; i < whole; i += 16) addLanes<v128>(c + i, init + i, x + i, nothing, subnormal, first, second);
    for (; i < size; i += 4) addLanes<f32>(c + i, init + i, x + i, nothing, subnormal, first, second);
  }
}

@inline
function addLanes<T>(
  c: usize, init: usize, x: usize, nothing: v128, subnormal: v128, first: v128, second: v128,
): void {
  const product = f32x4.mul(f32x4.mul(above(loadLanes<T>(x), nothing), first), second);
  storeLanes<T>(c, above(f32x4.add(loadLanes<T>(init), product), subnormal));
}
