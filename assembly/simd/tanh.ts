// Hyperbolic tangent, for the soft cap on scores and the tanh form of GELU.

import { exp2 } from './exp2';
import { madd } from './vector';

/** Above this size the exponential form is as exact as the polynomial. */
const SMALL: f32 = 0.625;
/** 2^-30: below this size tanh x rounds to x, and the terms of the polynomial would become subnormal. */
const TINY: f32 = 9.313225746154785e-10;

// tanh x = x + x^3 (T0 + x^2 (T1 + ...)) on [-0.625, 0.625]: Cephes' tanhf (S. Moshier).
const T0: f32 = -3.33332819422e-1;
const T1: f32 = 1.33314422036e-1;
const T2: f32 = -5.37397155531e-2;
const T3: f32 = 2.06390887954e-2;
const T4: f32 = -5.70498872745e-3;

/** tanh per lane, within 3 ULP for all x; NaN stays NaN. `table` is that of `writeExp2Table`. */
@inline
export function tanh(x: v128, table: usize): v128 {
  const one = f32x4.splat(1);
  const size = f32x4.abs(x);
  const moderate = v128.andnot(x, f32x4.lt(size, f32x4.splat(TINY)));
  const square = f32x4.mul(moderate, moderate);
  let small = f32x4.splat(T4);
  small = madd(small, square, f32x4.splat(T3));
  small = madd(small, square, f32x4.splat(T2));
  small = madd(small, square, f32x4.splat(T1));
  small = madd(small, square, f32x4.splat(T0));
  small = madd(f32x4.mul(small, square), moderate, x);
  // tanh |x| = 1 - 2 / (e^2|x| + 1); beyond 9.02 it rounds to 1.
  const power = exp2(
    f32x4.mul(f32x4.pmin(size, f32x4.splat(10)), f32x4.splat(2.8853900817779268)),
    v128.load(table), v128.load(table, 16), v128.load(table, 32), v128.load(table, 48),
    v128.load(table, 64), v128.load(table, 80), v128.load(table, 96), v128.load(table, 112),
  );
  const large = f32x4.sub(one, f32x4.div(f32x4.splat(2), f32x4.add(power, one)));
  const sign = v128.and(x, i32x4.splat(<i32>0x80000000));
  return v128.bitselect(small, v128.or(large, sign), f32x4.lt(size, f32x4.splat(SMALL)));
}
