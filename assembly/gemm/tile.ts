// Micro-kernels: strips of 4 x 8 register tiles of a product, C = init + A B.
//
// 4 x 8 leaves room in sixteen vector registers for eight accumulators, two vectors of B and one broadcast of A.
// One vector more, or a loop unrolled twice, makes V8 spill on Node 20 and 22 and halves the speed, so the shape is
// fixed. They never allocate or check: callers give whole tiles (padded operands, a spare tile for ragged edges).
//
// A strip is a run of tiles along the rows (A and C move on) or along the columns (B and C do); one call for many tiles,
// since a call costs as much as three terms. All steps are in bytes: `aStep`, `bStep` from term to term, `aNext`, `bNext`,
// `initNext`, `cNext` from tile to tile, `initStride`, `cStride` from row to row. An init stride of 0 repeats one row
// (zeros, or a bias).

import { madd } from '../simd/vector';

/** Rows of a register tile. */
export const TILE_ROWS: i32 = 4;
/** Bytes of a row of a tile, TILE_COLUMNS floats: 8, or 16 where the build is for pairs of vectors (asconfig.json). */
export const TILE_STEP: usize = <usize>TILE_COLUMNS << 2;
export const TILE_BYTES: usize = <usize>TILE_ROWS * TILE_STEP;

/** A interleaved: the four rows of a term are neighbours, terms `aStep` bytes apart. */
export function stripInterleaved(
  tiles: i32, depth: i32, a: usize, aStep: usize, aNext: usize, b: usize, bStep: usize, bNext: usize,
  init: usize, initStride: usize, initNext: usize, c: usize, cStride: usize, cNext: usize,
): void {
  for (; tiles > 0; tiles--, a += aNext, b += bNext, init += initNext, c += cNext) {
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

/**
 * A as four rows of panels eight terms wide: term t of row r is at a[t / 8][r][t % 8], panels `aPanel` bytes apart.
 * This reads a tile of scores, kept as [panel of queries][key][8 queries], by keys. The strip runs along the columns.
 */
export function stripTransposed(
  tiles: i32, depth: i32, a: usize, aPanel: usize, b: usize, bStep: usize,
  init: usize, initStride: usize, c: usize, cStride: usize,
): void {
  for (; tiles > 0; tiles--, b += 32, init += 32, c += 32) {
    let c00 = v128.load(init), c01 = v128.load(init, 16);
    let row = init + initStride;
    let c10 = v128.load(row), c11 = v128.load(row, 16);
    row += initStride;
    let c20 = v128.load(row), c21 = v128.load(row, 16);
    row += initStride;
    let c30 = v128.load(row), c31 = v128.load(row, 16);
    let y = b;
    let panel = a;
    for (let left = depth; left > 0; left -= TILE_COLUMNS, panel += aPanel) {
      for (let x = panel, end = panel + (<usize>min(left, TILE_COLUMNS) << 2); x != end; x += 4, y += bStep) {
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
