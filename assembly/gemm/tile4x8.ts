// Strips of 4 x 8 tiles.
//
// Eight accumulators, two vectors of B and one broadcast of A. One vector more makes V8 spill on Node 20 and 22 where
// multiply and add are two instructions, and halves the speed.

import { madd } from '../simd/vector';

/** See stripInterleaved. */
export function interleaved4x8(
  tiles: i32, depth: i32, a: usize, aStep: usize, aNext: usize, b: usize, bStep: usize,
  init: usize, initStride: usize, c: usize, cStride: usize,
): void {
  for (; tiles > 0; tiles--, a += aNext, init += 4 * initStride, c += 4 * cStride) {
    let c00 = v128.load(init), c01 = v128.load(init, 16);
    let row = init + initStride;
    let c10 = v128.load(row), c11 = v128.load(row, 16);
    row += initStride;
    let c20 = v128.load(row), c21 = v128.load(row, 16);
    row += initStride;
    let c30 = v128.load(row), c31 = v128.load(row, 16);
    let y = b;
    for (let x = a, end = a + <usize>depth * aStep; x != end; x += aStep, y += bStep) {
      const b0 = v128.load(y), b1 = v128.load(y, 16);
      let s = v128.load32_splat(x);
      c00 = madd(s, b0, c00);
      c01 = madd(s, b1, c01);
      s = v128.load32_splat(x, 4);
      c10 = madd(s, b0, c10);
      c11 = madd(s, b1, c11);
      s = v128.load32_splat(x, 8);
      c20 = madd(s, b0, c20);
      c21 = madd(s, b1, c21);
      s = v128.load32_splat(x, 12);
      c30 = madd(s, b0, c30);
      c31 = madd(s, b1, c31);
    }
    v128.store(c, c00);
    v128.store(c, c01, 16);
    row = c + cStride;
    v128.store(row, c10);
    v128.store(row, c11, 16);
    row += cStride;
    v128.store(row, c20);
    v128.store(row, c21, 16);
    row += cStride;
    v128.store(row, c30);
    v128.store(row, c31, 16);
  }
}

/** See stripTransposed. */
export function transposed4x8(
  tiles: i32, depth: i32, a: usize, aPanel: usize, b: usize, bStep: usize, c: usize, cStride: usize,
): void {
  for (; tiles > 0; tiles--, a += 128, c += 4 * cStride) {
    let c00 = v128.load(c), c01 = v128.load(c, 16);
    let row = c + cStride;
    let c10 = v128.load(row), c11 = v128.load(row, 16);
    row += cStride;
    let c20 = v128.load(row), c21 = v128.load(row, 16);
    row += cStride;
    let c30 = v128.load(row), c31 = v128.load(row, 16);
    let y = b;
    let panel = a;
    for (let left = depth; left > 0; left -= 8, panel += aPanel) {
      for (let x = panel, end = panel + (<usize>min(left, 8) << 2); x != end; x += 4, y += bStep) {
        const b0 = v128.load(y), b1 = v128.load(y, 16);
        let s = v128.load32_splat(x);
        c00 = madd(s, b0, c00);
        c01 = madd(s, b1, c01);
        s = v128.load32_splat(x, 32);
        c10 = madd(s, b0, c10);
        c11 = madd(s, b1, c11);
        s = v128.load32_splat(x, 64);
        c20 = madd(s, b0, c20);
        c21 = madd(s, b1, c21);
        s = v128.load32_splat(x, 96);
        c30 = madd(s, b0, c30);
        c31 = madd(s, b1, c31);
      }
    }
    v128.store(c, c00);
    v128.store(c, c01, 16);
    row = c + cStride;
    v128.store(row, c10);
    v128.store(row, c11, 16);
    row += cStride;
    v128.store(row, c20);
    v128.store(row, c21, 16);
    row += cStride;
    v128.store(row, c30);
    v128.store(row, c31, 16);
  }
}
