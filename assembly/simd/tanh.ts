// Hyperbolic tangent, for the soft cap on scores and the tanh form of GELU.

import { AT_ONE, EXP2_END, exp2At, LOG2E } from './exp2';
import { madd } from './vector';

/** Above this size the exponential form is as exact as the polynomial. */
const SMALL: f32 = 0.625;
/** 2^-30: below this size tanh x rounds to x, and the terms of the polynomial would become subnormal. */
const TINY: f32 = 9.313225746154785e-10;
/** Beyond 9.02 it rounds to 1. */
const LARGEST: f32 = 10;

// tanh x = x + x^3 (T0 + x^2 (T1 + ...)) on [-0.625, 0.625]: Cephes' tanhf (S. Moshier).
const T0: f32 = -3.33332819422e-1;
const T1: f32 = 1.33314422036e-1;
const T2: f32 = -5.37397155531e-2;
const T3: f32 = 2.06390887954e-2;
const T4: f32 = -5.70498872745e-3;

// Where the table holds them.
const AT_T0: usize = EXP2_END;
const AT_T1: usize = EXP2_END + 4;
const AT_T2: usize = EXP2_END + 8;
const AT_T3: usize = EXP2_END + 12;
const AT_T4: usize = EXP2_END + 16;
const AT_SMALL: usize = EXP2_END + 20;
const AT_TINY: usize = EXP2_END + 24;
const AT_LARGEST: usize = EXP2_END + 28;
const AT_TWICE_LOG2E: usize = EXP2_END + 32;
const AT_TWO: usize = EXP2_END + 36;
const AT_SIGN: usize = EXP2_END + 40;
export const TANH_END: usize = EXP2_END + 44;

export function writeTanh(table: usize): void {
  store<f32>(table, T0, AT_T0);
  store<f32>(table, T1, AT_T1);
  store<f32>(table, T2, AT_T2);
  store<f32>(table, T3, AT_T3);
  store<f32>(table, T4, AT_T4);
  store<f32>(table, SMALL, AT_SMALL);
  store<f32>(table, TINY, AT_TINY);
  store<f32>(table, LARGEST, AT_LARGEST);
  store<f32>(table, 2 * LOG2E, AT_TWICE_LOG2E);
  store<f32>(table, 2, AT_TWO);
  store<i32>(table, 0x80000000, AT_SIGN);
}

/** tanh per lane, within 3 ULP for all x; NaN stays NaN. `table` is that of table.ts. */
@inline
export function tanh(x: v128, table: usize): v128 {
  const one = v128.load32_splat(table, AT_ONE);
  const size = f32x4.abs(x);
  const moderate = v128.andnot(x, f32x4.lt(size, v128.load32_splat(table, AT_TINY)));
  const square = f32x4.mul(moderate, moderate);
  let small = madd(v128.load32_splat(table, AT_T4), square, v128.load32_splat(table, AT_T3));
  small = madd(small, square, v128.load32_splat(table, AT_T2));
  small = madd(small, square, v128.load32_splat(table, AT_T1));
  small = madd(small, square, v128.load32_splat(table, AT_T0));
  small = madd(f32x4.mul(small, square), moderate, x);
  // tanh |x| = 1 - 2 / (e^2|x| + 1)
  const limited = f32x4.pmin(size, v128.load32_splat(table, AT_LARGEST));
  const power = exp2At(f32x4.mul(limited, v128.load32_splat(table, AT_TWICE_LOG2E)), table);
  const large = f32x4.sub(one, f32x4.div(v128.load32_splat(table, AT_TWO), f32x4.add(power, one)));
  const sign = v128.and(x, v128.load32_splat(table, AT_SIGN));
  return v128.bitselect(small, v128.or(large, sign), f32x4.lt(size, v128.load32_splat(table, AT_SMALL)));
}
