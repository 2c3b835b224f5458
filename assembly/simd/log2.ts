// log2(x), for the log-sum-exp of the softmax.

import { madd } from './vector';

const TWO_OVER_LN2: f32 = 2.8853900817779268;

/** log2 per lane for positive, finite, normal x, within 1e-7 (1 + |log2 x|). NaN stays NaN. */
@inline
export function log2(x: v128): v128 {
  // x = 2^e m with m in [sqrt(1/2), sqrt(2)): the offset is the bit pattern of sqrt(1/2).
  const offset = i32x4.splat(0x3f3504f3);
  const e = i32x4.shr_s(i32x4.sub(x, offset), 23);
  const m = i32x4.sub(x, i32x4.shl(e, 23));
  // log2 m = 2 / ln 2 (s + s^3/3 + s^5/5 + ...), s = (m - 1) / (m + 1), |s| < 0.172; the first term left out is 4e-10.
  const one = f32x4.splat(1);
  const s = f32x4.div(f32x4.sub(m, one), f32x4.add(m, one));
  const square = f32x4.mul(s, s);
  let series = madd(f32x4.splat(1 / 9), square, f32x4.splat(1 / 7));
  series = madd(series, square, f32x4.splat(1 / 5));
  series = madd(series, square, f32x4.splat(1 / 3));
  series = madd(f32x4.mul(series, square), s, s);
  const result = madd(series, f32x4.splat(TWO_OVER_LN2), f32x4.convert_i32x4_s(e));
  return v128.bitselect(result, x, f32x4.eq(x, x));
}
