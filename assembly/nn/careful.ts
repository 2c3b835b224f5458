// Arithmetic of the normalisations. Rows whose numbers may be subnormal on the way are computed with care, which makes 0 of
// those, and takes a little longer; `careful` is a constant wherever it is passed, so that each way is a loop of its own.

import { loadLanes, storeLanes } from '../simd/lanes';
import { allOnes, leastSize, lesserSize, sizesOf } from '../simd/sizes';
import { addNormalProduct, flush, flushBelow, times } from '../simd/subnormal';
import { madd, nmadd } from '../simd/vector';

/** A variance below it may be that of numbers whose squares vanish: 2^-60. */
export const LEAST_VARIANCE: f32 = 8.673617379884035e-19;
/** A variance above it is computed again in float64: 2^100. */
export const MOST_VARIANCE: f32 = 1.2676506002282294e30;
/** Bits of 2^-104 and 2^-20: smaller numbers and gradients, and smaller factors of them, ask for care. */
export const LEAST_NUMBER: i32 = 0x0b800000;
export const LEAST_FACTOR: i32 = 0x35800000;

/** Bits of 2^-63, the smallest number whose square is normal. */
const LEAST_ROOT: i32 = 0x20000000;

/** Four numbers, or one in every lane. */
@inline
export function loadNumbers<T>(address: usize, careful: bool): v128 {
  return careful ? flush(loadLanes<T>(address)) : loadLanes<T>(address);
}

/** x - y */
@inline
export function difference(x: v128, y: v128, careful: bool): v128 {
  return careful ? flush(f32x4.sub(x, y)) : f32x4.sub(x, y);
}

/** x + y */
@inline
export function sum(x: v128, y: v128, careful: bool): v128 {
  return careful ? flush(f32x4.add(x, y)) : f32x4.add(x, y);
}

/** x y */
@inline
export function product(x: v128, y: v128, careful: bool): v128 {
  return careful ? times(x, y) : f32x4.mul(x, y);
}

/** z + x y */
@inline
export function addProduct(z: v128, x: v128, y: v128, careful: bool): v128 {
  return careful ? flush(addNormalProduct(z, x, y)) : madd(x, y, z);
}

/** z - x y */
@inline
export function subtractProduct(z: v128, x: v128, y: v128, careful: bool): v128 {
  return careful ? flush(addNormalProduct(z, f32x4.neg(x), y)) : nmadd(x, y, z);
}

/** x^ = (x - mean) scale */
@inline
export function normalized(x: v128, mean: v128, scale: v128, careful: bool): v128 {
  return product(difference(x, mean, careful), scale, careful);
}

/** y = gamma x^ + beta, of the numbers at these addresses. */
@inline
export function storeNormalized<T>(y: usize, normal: v128, gamma: usize, beta: usize, careful: bool): void {
  storeLanes<T>(y, addProduct(loadNumbers<T>(beta, careful), normal, loadNumbers<T>(gamma, careful), careful));
}

/** d, or 0 where its square would be subnormal, in builds in which it is rounded by itself. */
@inline
export function squarable(d: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? d : flushBelow(d, LEAST_ROOT);
}

/** Whether numbers below the one with the bits `limit`, but not 0, are among `size` bytes of a row. */
export function needsCare(x: usize, size: usize, limit: i32): bool {
  const ones = allOnes(x != 0);
  let least0 = ones, least1 = ones;
  let i: usize = 0;
  for (; i + 32 <= size; i += 32) {
    least0 = lesserSize(least0, v128.load(x + i), ones);
    least1 = lesserSize(least1, v128.load(x + i, 16), ones);
  }
  for (; i + 16 <= size; i += 16) least0 = lesserSize(least0, v128.load(x + i), ones);
  for (; i < size; i += 4) least0 = lesserSize(least0, loadLanes<f32>(x + i), ones);
  return leastSize(sizesOf(i32x4.min_u(least0, least1), i32x4.splat(0))) < limit;
}
