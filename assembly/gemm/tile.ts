// Micro-kernels: strips of register tiles of a product, C = init + A B, along the rows: A and C move on, B stays.
//
// A tile has TILE_ROWS x TILE_COLUMNS numbers of C, which asconfig.json sets for each build: 4 x 8, with fused
// multiply-adds 6 x 8, with pairs of vectors fused as well 6 x 16. A strip is one call for many tiles, since a call costs
// as much as three terms. All steps are in bytes: `aStep`, `bStep` from term to term, `initStride`, `cStride` from row to
// row. Strips never allocate or check: callers give whole tiles (padded operands, a spare tile for ragged edges). Their code
// is written by scripts/tiles.mjs, which says what bounds the shapes.

import { interleaved4x16, scattered4x16, transposed4x16 } from './generated/tile4x16';
import { interleaved4x8, scattered4x8, transposed4x8 } from './generated/tile4x8';
import { interleaved6x16, scattered6x16, transposed6x16 } from './generated/tile6x16';
import { interleaved6x8, scattered6x8, transposed6x8 } from './generated/tile6x8';

/** Bytes of a row of a tile, TILE_COLUMNS floats. */
export const TILE_STEP: usize = <usize>TILE_COLUMNS << 2;
export const TILE_BYTES: usize = <usize>TILE_ROWS * TILE_STEP;
/** Bytes from tile to tile where the rows of a term are neighbours in memory. */
export const ROWS_STEP: usize = <usize>TILE_ROWS << 2;
/** The last tile of a strip has no more rows than this where those are enough. */
const LAST_ROWS: i32 = 4;

/** Next multiple of a tile's rows. */
@inline
export function roundUpRows(x: i32): i32 {
  return (x + TILE_ROWS - 1) / TILE_ROWS * TILE_ROWS;
}

/** Rows that a strip over `rows` rows reads and writes, up to `TILE_ROWS - 1` more. */
@inline
export function stripRows(rows: i32): i32 {
  const rest = rows % TILE_ROWS;
  return rows - rest + (rest == 0 ? 0 : rest <= LAST_ROWS ? LAST_ROWS : TILE_ROWS);
}

/**
 * A interleaved: the rows of a term are neighbours, terms `aStep` bytes apart, tiles `aNext`. An init stride of 0 repeats
 * one row (zeros, or a bias).
 */
export function stripInterleaved(
  rows: i32, depth: i32, a: usize, aStep: usize, aNext: usize, b: usize, bStep: usize,
  init: usize, initStride: usize, c: usize, cStride: usize,
): void {
  const touched = stripRows(rows);
  const tiles = touched / TILE_ROWS;
  if (TILE_COLUMNS == 16) interleaved6x16(tiles, depth, a, aStep, aNext, b, bStep, init, initStride, c, cStride);
  else if (TILE_ROWS == 6) interleaved6x8(tiles, depth, a, aStep, aNext, b, bStep, init, initStride, c, cStride);
  else interleaved4x8(tiles, depth, a, aStep, aNext, b, bStep, init, initStride, c, cStride);
  if (TILE_ROWS == LAST_ROWS || tiles * TILE_ROWS == touched) return;
  const done = <usize>(tiles * TILE_ROWS);
  a += <usize>tiles * aNext;
  init += done * initStride;
  c += done * cStride;
  if (TILE_COLUMNS == 16) interleaved4x16(1, depth, a, aStep, aNext, b, bStep, init, initStride, c, cStride);
  else interleaved4x8(1, depth, a, aStep, aNext, b, bStep, init, initStride, c, cStride);
}

/**
 * C += A B with rows of A in panels TILE_COLUMNS terms wide: term t of row r is at a[t / W][r][t % W], panels `aPanel`
 * bytes apart. This reads a tile of scores, kept as [panel of queries][key][query], by keys.
 */
export function stripTransposed(
  rows: i32, depth: i32, a: usize, aPanel: usize, b: usize, bStep: usize, c: usize, cStride: usize,
): void {
  const touched = stripRows(rows);
  const tiles = touched / TILE_ROWS;
  if (TILE_COLUMNS == 16) transposed6x16(tiles, depth, a, aPanel, b, bStep, c, cStride);
  else if (TILE_ROWS == 6) transposed6x8(tiles, depth, a, aPanel, b, bStep, c, cStride);
  else transposed4x8(tiles, depth, a, aPanel, b, bStep, c, cStride);
  if (TILE_ROWS == LAST_ROWS || tiles * TILE_ROWS == touched) return;
  a += <usize>tiles * TILE_BYTES;
  c += <usize>(tiles * TILE_ROWS) * cStride;
  if (TILE_COLUMNS == 16) transposed4x16(1, depth, a, aPanel, b, bStep, c, cStride);
  else transposed4x8(1, depth, a, aPanel, b, bStep, c, cStride);
}

/**
 * C = init + A B, one row of init for all. Rows of A lie `aRow` bytes apart, the terms of a row at so many bytes from its
 * beginning as `places` has it, u32 [terms]. Terms of B follow each other.
 */
export function stripScattered(
  rows: i32, terms: i32, places: usize, a: usize, aRow: usize, b: usize, init: usize, c: usize, cStride: usize,
): void {
  const touched = stripRows(rows);
  const tiles = touched / TILE_ROWS;
  if (TILE_COLUMNS == 16) scattered6x16(tiles, terms, places, a, aRow, b, init, c, cStride);
  else if (TILE_ROWS == 6) scattered6x8(tiles, terms, places, a, aRow, b, init, c, cStride);
  else scattered4x8(tiles, terms, places, a, aRow, b, init, c, cStride);
  if (TILE_ROWS == LAST_ROWS || tiles * TILE_ROWS == touched) return;
  a += <usize>(tiles * TILE_ROWS) * aRow;
  c += <usize>(tiles * TILE_ROWS) * cStride;
  if (TILE_COLUMNS == 16) scattered4x16(1, terms, places, a, aRow, b, init, c, cStride);
  else scattered4x8(1, terms, places, a, aRow, b, init, c, cStride);
}
