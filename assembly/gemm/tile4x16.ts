// Strips of 4 x 16 tiles, for builds whose pairs of neighbouring vectors V8 fuses into vectors of 256 bits (`wide`): eight
// accumulators, two vectors of B and a broadcast of A of those. Without the fusion they would spill.

import { madd } from '../simd/vector';

/** See stripInterleaved. */
export function interleaved4x16(
  tiles: i32, depth: i32, a: usize, aStep: usize, aNext: usize, b: usize, bStep: usize,
  init: usize, initStride: usize, c: usize, cStride: usize,
): void {
  for (; tiles > 0; tiles--, a += aNext, init += 4 * initStride, c += 4 * cStride) {
    let c00 = v128.load(init), c01 = v128.load(init, 16);
    let c02 = v128.load(init, 32), c03 = v128.load(init, 48);
    let row = init + initStride;
    let c10 = v128.load(row), c11 = v128.load(row, 16);
    let c12 = v128.load(row, 32), c13 = v128.load(row, 48);
    row += initStride;
    let c20 = v128.load(row), c21 = v128.load(row, 16);
    let c22 = v128.load(row, 32), c23 = v128.load(row, 48);
    row += initStride;
    let c30 = v128.load(row), c31 = v128.load(row, 16);
    let c32 = v128.load(row, 32), c33 = v128.load(row, 48);
    let y = b;
    for (let x = a, end = a + <usize>depth * aStep; x != end; x += aStep, y += bStep) {
      const b0 = v128.load(y), b1 = v128.load(y, 16), b2 = v128.load(y, 32), b3 = v128.load(y, 48);
      let s = v128.load32_splat(x);
      c00 = madd(s, b0, c00);
      c01 = madd(s, b1, c01);
      c02 = madd(s, b2, c02);
      c03 = madd(s, b3, c03);
      s = v128.load32_splat(x, 4);
      c10 = madd(s, b0, c10);
      c11 = madd(s, b1, c11);
      c12 = madd(s, b2, c12);
      c13 = madd(s, b3, c13);
      s = v128.load32_splat(x, 8);
      c20 = madd(s, b0, c20);
      c21 = madd(s, b1, c21);
      c22 = madd(s, b2, c22);
      c23 = madd(s, b3, c23);
      s = v128.load32_splat(x, 12);
      c30 = madd(s, b0, c30);
      c31 = madd(s, b1, c31);
      c32 = madd(s, b2, c32);
      c33 = madd(s, b3, c33);
    }
    v128.store(c, c00);
    v128.store(c, c01, 16);
    v128.store(c, c02, 32);
    v128.store(c, c03, 48);
    row = c + cStride;
    v128.store(row, c10);
    v128.store(row, c11, 16);
    v128.store(row, c12, 32);
    v128.store(row, c13, 48);
    row += cStride;
    v128.store(row, c20);
    v128.store(row, c21, 16);
    v128.store(row, c22, 32);
    v128.store(row, c23, 48);
    row += cStride;
    v128.store(row, c30);
    v128.store(row, c31, 16);
    v128.store(row, c32, 32);
    v128.store(row, c33, 48);
  }
}

/** See stripTransposed. */
export function transposed4x16(
  tiles: i32, depth: i32, a: usize, aPanel: usize, b: usize, bStep: usize, c: usize, cStride: usize,
): void {
  for (; tiles > 0; tiles--, a += 256, c += 4 * cStride) {
    let c00 = v128.load(c), c01 = v128.load(c, 16);
    let c02 = v128.load(c, 32), c03 = v128.load(c, 48);
    let row = c + cStride;
    let c10 = v128.load(row), c11 = v128.load(row, 16);
    let c12 = v128.load(row, 32), c13 = v128.load(row, 48);
    row += cStride;
    let c20 = v128.load(row), c21 = v128.load(row, 16);
    let c22 = v128.load(row, 32), c23 = v128.load(row, 48);
    row += cStride;
    let c30 = v128.load(row), c31 = v128.load(row, 16);
    let c32 = v128.load(row, 32), c33 = v128.load(row, 48);
    let y = b;
    let panel = a;
    for (let left = depth; left > 0; left -= 16, panel += aPanel) {
      for (let x = panel, end = panel + (<usize>min(left, 16) << 2); x != end; x += 4, y += bStep) {
        const b0 = v128.load(y), b1 = v128.load(y, 16), b2 = v128.load(y, 32), b3 = v128.load(y, 48);
        let s = v128.load32_splat(x);
        c00 = madd(s, b0, c00);
        c01 = madd(s, b1, c01);
        c02 = madd(s, b2, c02);
        c03 = madd(s, b3, c03);
        s = v128.load32_splat(x, 64);
        c10 = madd(s, b0, c10);
        c11 = madd(s, b1, c11);
        c12 = madd(s, b2, c12);
        c13 = madd(s, b3, c13);
        s = v128.load32_splat(x, 128);
        c20 = madd(s, b0, c20);
        c21 = madd(s, b1, c21);
        c22 = madd(s, b2, c22);
        c23 = madd(s, b3, c23);
        s = v128.load32_splat(x, 192);
        c30 = madd(s, b0, c30);
        c31 = madd(s, b1, c31);
        c32 = madd(s, b2, c32);
        c33 = madd(s, b3, c33);
      }
    }
    v128.store(c, c00);
    v128.store(c, c01, 16);
    v128.store(c, c02, 32);
    v128.store(c, c03, 48);
    row = c + cStride;
    v128.store(row, c10);
    v128.store(row, c11, 16);
    v128.store(row, c12, 32);
    v128.store(row, c13, 48);
    row += cStride;
    v128.store(row, c20);
    v128.store(row, c21, 16);
    v128.store(row, c22, 32);
    v128.store(row, c23, 48);
    row += cStride;
    v128.store(row, c30);
    v128.store(row, c31, 16);
    v128.store(row, c32, 32);
    v128.store(row, c33, 48);
  }
}
