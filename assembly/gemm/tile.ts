// Micro-kernels: strips of register tiles of a product, C = init + A B.
//
// A strip is a run of tiles along the rows (A and C move on) or along the columns (B and C do); one call for many tiles,
// since a call costs as much as three terms. All steps are in bytes: `aStep`, `bStep` from term to term, `aNext`, `bNext`,
// `initNext`, `cNext` from tile to tile, `initStride`, `cStride` from row to row. An init stride of 0 repeats one row
// (zeros, or a bias). They never allocate or check: callers give whole tiles (padded operands, a spare tile for ragged
// edges).

import { interleaved8, transposed8 } from './tile8';
import { interleaved16, transposed16 } from './tile16';

/** Rows of a register tile. */
export const TILE_ROWS: i32 = 4;
/** Bytes of a row of a tile, TILE_COLUMNS floats: 8, or 16 where the build is for pairs of vectors (asconfig.json). */
export const TILE_STEP: usize = <usize>TILE_COLUMNS << 2;
export const TILE_BYTES: usize = <usize>TILE_ROWS * TILE_STEP;

/** A interleaved: the four rows of a term are neighbours, terms `aStep` bytes apart. */
@inline
export function stripInterleaved(
  tiles: i32, depth: i32, a: usize, aStep: usize, aNext: usize, b: usize, bStep: usize, bNext: usize,
  init: usize, initStride: usize, initNext: usize, c: usize, cStride: usize, cNext: usize,
): void {
  if (TILE_COLUMNS == 16) {
    interleaved16(tiles, depth, a, aStep, aNext, b, bStep, bNext, init, initStride, initNext, c, cStride, cNext);
  } else {
    interleaved8(tiles, depth, a, aStep, aNext, b, bStep, bNext, init, initStride, initNext, c, cStride, cNext);
  }
}

/**
 * A as four rows of panels TILE_COLUMNS terms wide: term t of row r is at a[t / W][r][t % W], panels `aPanel` bytes apart.
 * This reads a tile of scores, kept as [panel of queries][key][query], by keys. The strip runs along the columns.
 */
@inline
export function stripTransposed(
  tiles: i32, depth: i32, a: usize, aPanel: usize, b: usize, bStep: usize,
  init: usize, initStride: usize, c: usize, cStride: usize,
): void {
  if (TILE_COLUMNS == 16) transposed16(tiles, depth, a, aPanel, b, bStep, init, initStride, c, cStride);
  else transposed8(tiles, depth, a, aPanel, b, bStep, init, initStride, c, cStride);
}
