// Micro-kernels: one 4 x 8 register tile of a product, C = init + A B.
//
// 4 x 8 leaves room in sixteen vector registers for eight accumulators, two vectors of B and one broadcast of A.
// One vector more, or a loop unrolled twice, makes V8 spill on Node 20 and 22 and halves the speed, so the shape is
// fixed. They never allocate or check: callers give whole tiles (padded operands, a spare tile for ragged edges).
//
// B moves by `bStep` bytes a term. init and C have row strides of their own; an init stride of 0 repeats one row
// (zeros, or a bias).

import { madd } from '../simd/vector';

/** Rows of a register tile. */
export const TILE_ROWS: i32 = 4;
/** Columns of a register tile, the width of every packed panel. */
export const TILE_COLUMNS: i32 = 8;

/** A interleaved: the four rows of a term are neighbours, terms `aStep` bytes apart. */
export function tileInterleaved(
  depth: i32, a: usize, aStep: usize, b: usize, bStep: usize,
  init: usize, initStride: usize, c: usize, cStride: usize,
): void {
  let c00 = v128.load(init), c01 = v128.load(init, 16);
  init += initStride;
  let c10 = v128.load(init), c11 = v128.load(init, 16);
  init += initStride;
  let c20 = v128.load(init), c21 = v128.load(init, 16);
  init += initStride;
  let c30 = v128.load(init), c31 = v128.load(init, 16);
  for (const end = a + <usize>depth * aStep; a != end; a += aStep, b += bStep) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    let x = v128.load32_splat(a);
    c00 = madd(x, b0, c00);
    c01 = madd(x, b1, c01);
    x = v128.load32_splat(a, 4);
    c10 = madd(x, b0, c10);
    c11 = madd(x, b1, c11);
    x = v128.load32_splat(a, 8);
    c20 = madd(x, b0, c20);
    c21 = madd(x, b1, c21);
    x = v128.load32_splat(a, 12);
    c30 = madd(x, b0, c30);
    c31 = madd(x, b1, c31);
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  c += cStride;
  v128.store(c, c10);
  v128.store(c, c11, 16);
  c += cStride;
  v128.store(c, c20);
  v128.store(c, c21, 16);
  c += cStride;
  v128.store(c, c30);
  v128.store(c, c31, 16);
}

/**
 * A as four rows of panels eight terms wide: term t of row r is at a[t / 8][r][t % 8], panels `aPanel` bytes apart.
 * This reads a tile of scores, kept as [panel of queries][key][8 queries], by keys.
 */
export function tileTransposed(
  depth: i32, a: usize, aPanel: usize, b: usize, bStep: usize,
  init: usize, initStride: usize, c: usize, cStride: usize,
): void {
  let c00 = v128.load(init), c01 = v128.load(init, 16);
  init += initStride;
  let c10 = v128.load(init), c11 = v128.load(init, 16);
  init += initStride;
  let c20 = v128.load(init), c21 = v128.load(init, 16);
  init += initStride;
  let c30 = v128.load(init), c31 = v128.load(init, 16);
  for (; depth > 0; depth -= TILE_COLUMNS, a += aPanel) {
    let x = a;
    for (const end = a + (<usize>min(depth, TILE_COLUMNS) << 2); x != end; x += 4, b += bStep) {
      const b0 = v128.load(b), b1 = v128.load(b, 16);
      let y = v128.load32_splat(x);
      c00 = madd(y, b0, c00);
      c01 = madd(y, b1, c01);
      y = v128.load32_splat(x, 32);
      c10 = madd(y, b0, c10);
      c11 = madd(y, b1, c11);
      y = v128.load32_splat(x, 64);
      c20 = madd(y, b0, c20);
      c21 = madd(y, b1, c21);
      y = v128.load32_splat(x, 96);
      c30 = madd(y, b0, c30);
      c31 = madd(y, b1, c31);
    }
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  c += cStride;
  v128.store(c, c10);
  v128.store(c, c11, 16);
  c += cStride;
  v128.store(c, c20);
  v128.store(c, c21, 16);
  c += cStride;
  v128.store(c, c30);
  v128.store(c, c31, 16);
}
