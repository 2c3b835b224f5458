// 2^x, the exponential of the softmax: scores carry log2(e), so the range reduction is one exact subtraction. No argument
// gives a subnormal number. `table` is that of table.ts.

import { madd, nmadd } from './vector';

/** Scores in powers of two are natural ones times this: 2^(x log2 e) = e^x. */
export const LOG2E: f32 = 1.4426950408889634;

/** Adding it to x in [-127, 128] leaves round(x) + 127, the exponent field of 2^round(x), in the low bits. */
const ROUND_AND_BIAS: f32 = 12582912.0 + 127.0;

/**
 * Scores this far below the maximum give exactly 0. A weight below 2^-62.5 is nothing beside the largest one of its row,
 * which is 1, and what it is multiplied by may be as small as 2^-63 before their product is subnormal.
 */
const LOWEST: f32 = -63.0;
/** Adding it leaves an exponent field that is 0 at LOWEST; the power is RESCALE too small. */
const ROUND_AND_LOW_BIAS: f32 = 12582912.0 - LOWEST;
/** 2^(127 + LOWEST) */
const RESCALE: f32 = 18446744073709551616.0;

// 2^f = 1 + f (C1 + f (C2 + ...)) on [-1/2, 1/2], minimax in the relative error (9.2e-8) with 2^0 = 1 exactly.
const C1: f32 = 0.6931470036506653;
const C2: f32 = 0.24022242426872253;
const C3: f32 = 0.05550733581185341;
const C4: f32 = 0.009671512991189957;
const C5: f32 = 0.001326472731307149;

// ln 2 in two parts; n LN2_HIGH is exact for |n| < 2^9.
const LN2_HIGH: f32 = 0.693359375;
const LN2_LOW: f32 = -2.12194440e-4;

/** Bits of 2^-60: e^x is 1 for a smaller x, and callers make it 0, since terms of the series would be subnormal. */
export const LEAST_EXPONENT: i32 = 0x21800000;

/** Above it e^x is a normal number, and so are the terms it is made of. */
const LOWEST_EXPONENT: f32 = -80;

// Where the table holds them.
export const AT_ROUND_AND_LOW_BIAS: usize = 0;
export const AT_LOWEST: usize = 4;
export const AT_C1: usize = 8;
export const AT_C2: usize = 12;
export const AT_C3: usize = 16;
export const AT_C4: usize = 20;
export const AT_C5: usize = 24;
export const AT_RESCALE: usize = 28;
const AT_ROUND_AND_BIAS: usize = 32;
const AT_LOWEST_EXPONENT: usize = 36;
const AT_LOG2E: usize = 40;
const AT_LN2_HIGH: usize = 44;
const AT_LN2_LOW: usize = 48;
/** 1 */
export const AT_ONE: usize = 52;
export const EXP2_END: usize = 56;

export function writeExp2(table: usize): void {
  store<f32>(table, ROUND_AND_LOW_BIAS, AT_ROUND_AND_LOW_BIAS);
  store<f32>(table, LOWEST, AT_LOWEST);
  store<f32>(table, C1, AT_C1);
  store<f32>(table, C2, AT_C2);
  store<f32>(table, C3, AT_C3);
  store<f32>(table, C4, AT_C4);
  store<f32>(table, C5, AT_C5);
  store<f32>(table, RESCALE, AT_RESCALE);
  store<f32>(table, ROUND_AND_BIAS, AT_ROUND_AND_BIAS);
  store<f32>(table, LOWEST_EXPONENT, AT_LOWEST_EXPONENT);
  store<f32>(table, LOG2E, AT_LOG2E);
  store<f32>(table, LN2_HIGH, AT_LN2_HIGH);
  store<f32>(table, LN2_LOW, AT_LN2_LOW);
  store<f32>(table, 1, AT_ONE);
}

/**
 * 2^x per lane for x <= 128, within 2 ULP; exactly 0 below x = -62.5 (-Infinity too); NaN stays NaN.
 * The arguments after x are the table's first constants, in its order, so that a loop can hold them in registers.
 */
@inline
export function exp2(
  x: v128, round: v128, lowest: v128, c1: v128, c2: v128, c3: v128, c4: v128, c5: v128, rescale: v128,
): v128 {
  // In this order pmax keeps a NaN; f32x4.max would do so too, but is 5.7 times slower.
  const clamped = f32x4.pmax(x, lowest);
  const biased = f32x4.add(clamped, round);
  const f = f32x4.sub(clamped, f32x4.sub(biased, round));
  let p = madd(c5, f, c4);
  p = madd(p, f, c3);
  p = madd(p, f, c2);
  p = madd(p, f, c1);
  const power = f32x4.mul(i32x4.shl(biased, 23), rescale);
  // power (1 + f p): the product with 1 is exact.
  return madd(f32x4.mul(p, f), power, power);
}

/** exp2 with the table's constants. */
@inline
export function exp2At(x: v128, table: usize): v128 {
  return exp2(
    x, v128.load32_splat(table, AT_ROUND_AND_LOW_BIAS), v128.load32_splat(table, AT_LOWEST),
    v128.load32_splat(table, AT_C1), v128.load32_splat(table, AT_C2), v128.load32_splat(table, AT_C3),
    v128.load32_splat(table, AT_C4), v128.load32_splat(table, AT_C5), v128.load32_splat(table, AT_RESCALE),
  );
}

/** n = round(x log2 e) with its bias: e^x = 2^n (1 + `remainder`) for x in [-80, 88]. */
@inline
function reduce(x: v128, table: usize): v128 {
  return madd(x, v128.load32_splat(table, AT_LOG2E), v128.load32_splat(table, AT_ROUND_AND_BIAS));
}

/** Two steps take n ln 2 from x, so that no digits of a large x are lost. */
@inline
function remainder(x: v128, biased: v128, table: usize): v128 {
  const n = f32x4.sub(biased, v128.load32_splat(table, AT_ROUND_AND_BIAS));
  const rest = nmadd(n, v128.load32_splat(table, AT_LN2_LOW), nmadd(n, v128.load32_splat(table, AT_LN2_HIGH), x));
  const f = f32x4.mul(rest, v128.load32_splat(table, AT_LOG2E));
  let p = madd(v128.load32_splat(table, AT_C5), f, v128.load32_splat(table, AT_C4));
  p = madd(p, f, v128.load32_splat(table, AT_C3));
  p = madd(p, f, v128.load32_splat(table, AT_C2));
  p = madd(p, f, v128.load32_splat(table, AT_C1));
  return f32x4.mul(p, f);
}

/**
 * e^x per lane for x <= 88, within 3 ULP; 0 from -80 down, where it is below 1.8e-35. NaN stays NaN. x is 0 or at least 2^-60
 * in size (LEAST_EXPONENT).
 */
@inline
export function exp(x: v128, table: usize): v128 {
  const lowest = v128.load32_splat(table, AT_LOWEST_EXPONENT);
  const clamped = f32x4.pmax(x, lowest);
  const biased = reduce(clamped, table);
  const power = i32x4.shl(biased, 23);
  const value = madd(remainder(clamped, biased, table), power, power);
  return v128.andnot(value, f32x4.le(x, lowest));
}

/** e^x - 1 per lane for x <= 88, within 4 ULP, small x included; -1 from -80 down. NaN stays NaN. */
@inline
export function expm1(x: v128, table: usize): v128 {
  const clamped = f32x4.pmax(x, v128.load32_splat(table, AT_LOWEST_EXPONENT));
  const biased = reduce(clamped, table);
  const power = i32x4.shl(biased, 23);
  return madd(remainder(clamped, biased, table), power, f32x4.sub(power, v128.load32_splat(table, AT_ONE)));
}
