// Strips of 6 x 8 tiles, for builds with fused multiply-adds: twelve accumulators, two vectors of B and one broadcast of A
// fill the fifteen vector registers that V8 gives out. Eight accumulators would only just cover the latency of the
// instruction on CPUs that start two a cycle and finish them in four.

import { madd } from '../simd/vector';
import { keepRolled } from './rolled';

/** See stripInterleaved. */
export function interleaved6x8(
  tiles: i32, depth: i32, a: usize, aStep: usize, aNext: usize, b: usize, bStep: usize,
  init: usize, initStride: usize, c: usize, cStride: usize,
): void {
  for (; tiles > 0; tiles--, a += aNext, init += 6 * initStride, c += 6 * cStride) {
    let c00 = v128.load(init), c01 = v128.load(init, 16);
    let row = init + initStride;
    let c10 = v128.load(row), c11 = v128.load(row, 16);
    row += initStride;
    let c20 = v128.load(row), c21 = v128.load(row, 16);
    row += initStride;
    let c30 = v128.load(row), c31 = v128.load(row, 16);
    row += initStride;
    let c40 = v128.load(row), c41 = v128.load(row, 16);
    row += initStride;
    let c50 = v128.load(row), c51 = v128.load(row, 16);
    let y = b;
    for (let x = a, end = a + <usize>depth * aStep; x != end; x += aStep, y += bStep) {
      keepRolled(x);
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
      s = v128.load32_splat(x, 16);
      c40 = madd(s, b0, c40);
      c41 = madd(s, b1, c41);
      s = v128.load32_splat(x, 20);
      c50 = madd(s, b0, c50);
      c51 = madd(s, b1, c51);
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
    row += cStride;
    v128.store(row, c40);
    v128.store(row, c41, 16);
    row += cStride;
    v128.store(row, c50);
    v128.store(row, c51, 16);
  }
}

/** See stripTransposed. */
export function transposed6x8(
  tiles: i32, depth: i32, a: usize, aPanel: usize, b: usize, bStep: usize, c: usize, cStride: usize,
): void {
  const jump = aPanel - 32;
  for (; tiles > 0; tiles--, a += 192, c += 6 * cStride) {
    let c00 = v128.load(c), c01 = v128.load(c, 16);
    let row = c + cStride;
    let c10 = v128.load(row), c11 = v128.load(row, 16);
    row += cStride;
    let c20 = v128.load(row), c21 = v128.load(row, 16);
    row += cStride;
    let c30 = v128.load(row), c31 = v128.load(row, 16);
    row += cStride;
    let c40 = v128.load(row), c41 = v128.load(row, 16);
    row += cStride;
    let c50 = v128.load(row), c51 = v128.load(row, 16);
    let x = a;
    for (let y = b, end = b + <usize>depth * bStep; y != end; y += bStep) {
      keepRolled(x);
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
      s = v128.load32_splat(x, 128);
      c40 = madd(s, b0, c40);
      c41 = madd(s, b1, c41);
      s = v128.load32_splat(x, 160);
      c50 = madd(s, b0, c50);
      c51 = madd(s, b1, c51);
      x += 4;
      if (!((x - a) & 31)) x += jump;
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
    row += cStride;
    v128.store(row, c40);
    v128.store(row, c41, 16);
    row += cStride;
    v128.store(row, c50);
    v128.store(row, c51, 16);
  }
}
