// What batch normalisation makes of the numbers of a column: rows of factors, one number a column, so that
//
//   d = power x - power mean;   y = slope d + beta,   slope = gamma / (power sqrt(variance + epsilon))
//
// Powers of two are chosen for numbers of the size of the mean and the deviation, where x may be larger, since neither
// padding nor a model's input need be like what the statistics are of. Small d may come of small x only, down to 2^-78.

import { loadLanes, storeLanes } from '../simd/lanes';
import { leastOfFactor, negligible, normal, normalAbove, partOfFactor, powersOf, scaled, TOP } from '../simd/powers';
import { above, SMALLEST_NORMAL } from '../simd/subnormal';

// Rows of factors.
export const POWER: usize = 0;
/** Bits of the largest x that is 0 beside the others. */
export const LEAST: usize = 1;
/** The mean, times power. */
export const MEAN: usize = 2;
/** Three rows: see writeSlope. */
export const SLOPE: usize = 3;
export const BETA: usize = 6;

// Rows for the backward pass, which has the first three too: dX = slope (power dY - common - along d).
export const GRADIENT_POWER: usize = 3;
export const GRADIENT_LEAST: usize = 4;
export const COMMON: usize = 5;
export const ALONG: usize = 6;
/** Three rows. */
export const GRADIENT_SLOPE: usize = 7;

/** Rows in all. @shared */
export const FACTOR_ROWS: i32 = 10;
/** 2^48, the largest power: x up to 2^79 does not overflow. */
const MOST_POWER: f32 = 281474976710656;
/** Bits of 2^-78, the smallest d. */
export const LEAST_DIFFERENCE: i32 = 0x18800000;
/** Bits of 2^-102: a smaller beta is 0, so that sums with it are hardly ever subnormal. */
const LEAST_BETA: i32 = 0x0c800000;

/** Writes the factors of the column whose place in the first row is `at`. */
export function writeColumn(at: usize, step: usize, mean: f64, variance: f64, gamma: f32, beta: f32, epsilon: f32): void {
  const size = abs(mean) + 16 * sqrt<f64>(variance);
  const most = <f32>min<f64>(size, f32.MAX_VALUE);
  const own = powersOf(i32x4.splat(reinterpret<i32>(normalAbove(most, 0))), TOP);
  const power = min(MOST_POWER, f32x4.extract_lane(own, 0));
  const factor = 1 / (sqrt<f64>(variance + <f64>epsilon) * <f64>power);
  store<f32>(at + POWER * step, power);
  const least = power < MOST_POWER ? i32x4.extract_lane(negligible(own, TOP), 0) : SMALLEST_NORMAL - 1;
  store<i32>(at + LEAST * step, least);
  store<f32>(at + MEAN * step, normalAbove(<f32>(mean * <f64>power), LEAST_DIFFERENCE));
  writeSlope(at + SLOPE * step, step, <f64>gamma * factor);
  store<f32>(at + BETA * step, normalAbove(beta, LEAST_BETA));
}

/** A slope but for a part of it, and in the next rows what its product may be subnormal with, and the part. */
@inline
export function writeSlope(at: usize, step: usize, slope: f64): void {
  const part = partOfFactor(slope), rounded = normal(slope / <f64>part);
  store<f32>(at, rounded);
  store<i32>(at + step, leastOfFactor(rounded, part));
  store<f32>(at + 2 * step, part);
}

/** d, without the limit. `factors` is the column's place in the first row. */
@inline
export function differenceAt<T>(x: usize, factors: usize, step: usize): v128 {
  const numbers = scaled(loadLanes<T>(x), loadLanes<T>(factors), loadLanes<T>(factors + LEAST * step));
  return f32x4.sub(numbers, loadLanes<T>(factors + MEAN * step));
}

/**
 * x times the part of a slope, 0 where x times the slope would be subnormal; `slopes` is the column's place in the row of
 * slopes.
 */
@inline
export function partOfProduct<T>(x: v128, slopes: usize, step: usize): v128 {
  return f32x4.mul(above(x, loadLanes<T>(slopes + step)), loadLanes<T>(slopes + 2 * step));
}

/** out = slope x, where that is not subnormal; `slopes` is the column's place in the row of slopes. */
@inline
export function storeProduct<T>(out: usize, x: v128, slopes: usize, step: usize): void {
  storeLanes<T>(out, f32x4.mul(partOfProduct<T>(x, slopes, step), loadLanes<T>(slopes)));
}
