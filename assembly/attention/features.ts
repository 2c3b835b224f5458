// The feature map of linear attention, phi(x) = elu(x) + 1 element by element: x + 1 above 0, e^x below.

import { exp, LEAST_EXPONENT } from '../simd/exp2';
import { flushBelow } from '../simd/subnormal';

/** phi of `size` bytes from x to out, which may be the same. `constants` hold the table of exp2. */
export function mapFeatures(out: usize, x: usize, size: usize, constants: usize): void {
  const zero = f32x4.splat(0), one = f32x4.splat(1);
  for (const end = x + size; x != end; x += 16, out += 16) {
    const value = v128.load(x);
    const negative = exp(flushBelow(f32x4.pmin(value, zero), LEAST_EXPONENT), constants);
    v128.store(out, v128.bitselect(f32x4.add(value, one), negative, f32x4.gt(value, zero)));
  }
}

/** dphi becomes dx, in place: phi'(x) = min(phi(x), 1). No gradient stays none, whatever phi(x) is. */
export function unmapFeatures(dx: usize, phi: usize, size: usize): void {
  const zero = f32x4.splat(0), one = f32x4.splat(1);
  for (const end = dx + size; dx != end; dx += 16, phi += 16) {
    const gradient = v128.load(dx);
    const product = f32x4.mul(gradient, f32x4.pmin(v128.load(phi), one));
    v128.store(dx, v128.and(product, f32x4.ne(gradient, zero)));
  }
}
