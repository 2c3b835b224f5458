// The feature map of linear attention, phi(x) = elu(x) + 1 element by element: x + 1 above 0, e^x below; 0 below 2^-62.

import { exp, LEAST_EXPONENT } from '../simd/exp2';
import { above, leastProduct } from '../simd/subnormal';
import { LEAST_FACTOR } from './sizes';

/** phi of `size` bytes from x to out, which may be the same. `constants` hold the table of simd/table.ts. */
export function mapFeatures(out: usize, x: usize, size: usize, constants: usize): void {
  const zero = f32x4.splat(0), one = f32x4.splat(1);
  const nothing = i32x4.splat(size > 0 ? LEAST_EXPONENT - 1 : 0), none = i32x4.splat(size > 0 ? LEAST_FACTOR - 1 : 0);
  for (const end = x + size; x != end; x += 16, out += 16) {
    const value = above(v128.load(x), nothing);
    const negative = above(exp(f32x4.pmin(value, zero), constants), none);
    v128.store(out, v128.bitselect(f32x4.add(value, one), negative, f32x4.gt(value, zero)));
  }
}

/** dphi becomes dx, in place: phi'(x) = min(phi(x), 1). No gradient stays none, whatever phi(x) is. */
export function unmapFeatures(dx: usize, phi: usize, size: usize): void {
  const one = f32x4.splat(1), least = i32x4.splat(leastProduct(1));
  for (const end = dx + size; dx != end; dx += 16, phi += 16) {
    const slope = f32x4.pmin(v128.load(phi), one);
    const gradient = above(v128.load(dx), i32x4.sub(least, f32x4.abs(slope)));
    v128.store(dx, v128.and(f32x4.mul(gradient, slope), f32x4.ne(gradient, f32x4.splat(0))));
  }
}
