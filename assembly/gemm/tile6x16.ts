// Strips of 6 x 16 tiles: what tile6x8.ts is, in vectors of 256 bits (`wide`).

import { madd } from '../simd/vector';
import { keepRolled } from './rolled';

/** See stripInterleaved. */
export function interleaved6x16(
  tiles: i32, depth: i32, a: usize, aStep: usize, aNext: usize, b: usize, bStep: usize,
  init: usize, initStride: usize, c: usize, cStride: usize,
): void {
  for (; tiles > 0; tiles--, a += aNext, init += 6 * initStride, c += 6 * cStride) {
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
    row += initStride;
    let c40 = v128.load(row), c41 = v128.load(row, 16);
    let c42 = v128.load(row, 32), c43 = v128.load(row, 48);
    row += initStride;
    let c50 = v128.load(row), c51 = v128.load(row, 16);
    let c52 = v128.load(row, 32), c53 = v128.load(row, 48);
    let y = b;
    for (let x = a, end = a + <usize>depth * aStep; x != end; x += aStep, y += bStep) {
      keepRolled(x);
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
      s = v128.load32_splat(x, 16);
      c40 = madd(s, b0, c40);
      c41 = madd(s, b1, c41);
      c42 = madd(s, b2, c42);
      c43 = madd(s, b3, c43);
      s = v128.load32_splat(x, 20);
      c50 = madd(s, b0, c50);
      c51 = madd(s, b1, c51);
      c52 = madd(s, b2, c52);
      c53 = madd(s, b3, c53);
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
    row += cStride;
    v128.store(row, c40);
    v128.store(row, c41, 16);
    v128.store(row, c42, 32);
    v128.store(row, c43, 48);
    row += cStride;
    v128.store(row, c50);
    v128.store(row, c51, 16);
    v128.store(row, c52, 32);
    v128.store(row, c53, 48);
  }
}

/** See stripTransposed. */
export function transposed6x16(
  tiles: i32, depth: i32, a: usize, aPanel: usize, b: usize, bStep: usize, c: usize, cStride: usize,
): void {
  const jump = aPanel - 64;
  for (; tiles > 0; tiles--, a += 384, c += 6 * cStride) {
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
    row += cStride;
    let c40 = v128.load(row), c41 = v128.load(row, 16);
    let c42 = v128.load(row, 32), c43 = v128.load(row, 48);
    row += cStride;
    let c50 = v128.load(row), c51 = v128.load(row, 16);
    let c52 = v128.load(row, 32), c53 = v128.load(row, 48);
    let x = a;
    for (let y = b, end = b + <usize>depth * bStep; y != end; y += bStep) {
      keepRolled(x);
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
      s = v128.load32_splat(x, 256);
      c40 = madd(s, b0, c40);
      c41 = madd(s, b1, c41);
      c42 = madd(s, b2, c42);
      c43 = madd(s, b3, c43);
      s = v128.load32_splat(x, 320);
      c50 = madd(s, b0, c50);
      c51 = madd(s, b1, c51);
      c52 = madd(s, b2, c52);
      c53 = madd(s, b3, c53);
      x += 4;
      if (!((x - a) & 63)) x += jump;
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
    row += cStride;
    v128.store(row, c40);
    v128.store(row, c41, 16);
    v128.store(row, c42, 32);
    v128.store(row, c43, 48);
    row += cStride;
    v128.store(row, c50);
    v128.store(row, c51, 16);
    v128.store(row, c52, 32);
    v128.store(row, c53, 48);
  }
}
