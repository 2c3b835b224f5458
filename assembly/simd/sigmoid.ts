// The logistic function.

import { AT_ONE, exp, LEAST_EXPONENT } from './exp2';
import { flushBelow } from './subnormal';

/** 1 / (1 + e^-x) per lane, with an exponent that cannot overflow: e^-|x|. NaN stays NaN. `table` is that of table.ts. */
@inline
export function sigmoid(x: v128, table: usize): v128 {
  const one = v128.load32_splat(table, AT_ONE);
  const small = exp(f32x4.neg(f32x4.abs(flushBelow(x, LEAST_EXPONENT))), table);
  const share = f32x4.div(one, f32x4.add(one, small));
  return v128.bitselect(f32x4.mul(small, share), share, f32x4.lt(x, f32x4.splat(0)));
}
