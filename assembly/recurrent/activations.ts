// Activations of gates and their derivatives, of a vector of values.

import { sigmoid } from '../simd/sigmoid';
import { addNormalProduct, flush, flushBelow, times } from '../simd/subnormal';
import { nmadd } from '../simd/vector';

/** The sigmoid, or its hard form. */
@inline
export function gate(x: v128, hard: i32, table: usize): v128 {
  if (!hard) return sigmoid(x, table);
  const line = f32x4.add(f32x4.splat(0.5), f32x4.mul(f32x4.splat(0.2), x));
  // In this order pmax and pmin keep a NaN.
  return f32x4.pmin(f32x4.pmax(line, f32x4.splat(0)), f32x4.splat(1));
}

/** Its derivative from its value y; the hard form's is 0 where it is flat. */
@inline
export function gateDerivative(y: v128, hard: i32): v128 {
  const one = f32x4.splat(1);
  if (!hard) return f32x4.mul(y, f32x4.sub(one, y));
  const steep = v128.and(f32x4.gt(y, f32x4.splat(0)), f32x4.lt(y, one));
  // NaN stays NaN.
  return v128.bitselect(y, v128.and(f32x4.splat(0.2), steep), f32x4.ne(y, y));
}

/** Bits of 2^-62, whose square is normal. */
const LEAST_ROOT: i32 = 0x20800000;

/** That of tanh, from its value. */
@inline
export function tanhDerivative(y: v128): v128 {
  const root = flushBelow(y, LEAST_ROOT);
  return nmadd(root, root, f32x4.splat(1));
}

/** a b + c d, of products that are not subnormal */
@inline
export function mix(a: v128, b: v128, c: v128, d: v128): v128 {
  return addNormalProduct(times(flush(c), d), a, flush(b));
}
