// Rows of floats, or parts of rows, of any length: sizes in bytes, multiples of 4.

import { madd } from './vector';

/** out += x */
@inline
export function addRow(out: usize, x: usize, size: usize): void {
  let i: usize = 0;
  for (; i + 16 <= size; i += 16) v128.store(out + i, f32x4.add(v128.load(out + i), v128.load(x + i)));
  for (; i < size; i += 4) store<f32>(out + i, load<f32>(out + i) + load<f32>(x + i));
}

/** out += a b */
@inline
export function addProduct(out: usize, a: usize, b: usize, size: usize): void {
  let i: usize = 0;
  for (; i + 16 <= size; i += 16) v128.store(out + i, madd(v128.load(a + i), v128.load(b + i), v128.load(out + i)));
  for (; i < size; i += 4) store<f32>(out + i, load<f32>(out + i) + load<f32>(a + i) * load<f32>(b + i));
}
