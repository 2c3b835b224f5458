// Shapes that both passes share, and the operands of products in the order the micro-kernels read them.

import { leftPanelsBytes, leftPanelsCount, packLeftPanels, padRows } from '../gemm/pack';
import { ROWS_STEP, roundUpRows, stripInterleaved, stripRows, TILE_STEP } from '../gemm/tile';
import { TABLE_BYTES, writeTable } from '../simd/table';
import { joinSizes, NO_SIZES, Sizes } from '../simd/sizes';

/** Queries of a block: their packed panels and outputs stay in the first-level cache. @shared */
export const BLOCK_QUERIES: i32 = 64;
/** Keys of a block: they are packed block by block, so that a block begins with a tile, however many rows that has. */
export const BLOCK_KEYS: i32 = 64;
/** Queries of a panel of scores, [key][PANEL queries]: they are lanes, so no reduction crosses lanes. */
export const PANEL: i32 = TILE_COLUMNS;
/** Bytes from key to key in a panel of scores. */
export const PANEL_STEP: usize = TILE_STEP;
/** Two vectors of queries, which loops over a panel take together: eight queries, PAIR_STEP bytes. */
export const PAIR: i32 = 8;
export const PAIR_STEP: usize = 32;

/** Next multiple of a tile's columns, which is a panel's queries. */
@inline
export function roundUpTile(x: i32): i32 {
  return (x + TILE_COLUMNS - 1) & -TILE_COLUMNS;
}

/** Bytes of `floats` numbers, in whole cache lines. */
@inline
export function bytes(floats: usize): usize {
  return ((floats << 2) + 63) & ~63;
}

/** Bytes from row to row of a copy with rows of `width` floats, whose columns are padded to whole tiles. */
@inline
export function paddedStep(width: i32): usize {
  return <usize>roundUpTile(width) << 2;
}

/** Bytes of a padded copy. */
@inline
export function paddedBytes(rows: i32, width: i32): usize {
  return bytes(<usize>rows * <usize>roundUpTile(width));
}

/** The table of constants, then zeros to start a tile from. */
export const ZEROS: usize = TABLE_BYTES;
export const CONSTANTS_BYTES: usize = ZEROS + 64;

export function writeConstants(out: usize): void {
  writeTable(out);
  memory.fill(out + ZEROS, 0, 64);
}

/**
 * Whether rows can be the right operand of a product as they are: whole tiles, one after the other. Rows far apart, heads
 * of one position side by side, would share few sets of the first-level cache.
 */
@inline
export function isDense(width: i32, rowStep: usize): bool {
  return rowStep == paddedStep(width);
}

/**
 * Bytes of a copy of rows that strips also take as a left operand, whose tiles lie across the rows: the last row's may reach
 * beyond it.
 */
@inline
export function stripBytes(rows: i32, width: i32): usize {
  return bytes(<usize>rows * <usize>roundUpTile(width) + <usize>TILE_ROWS);
}

/** Whether rows can be the left operand of strips across their columns as they are: those read nothing beyond the last. */
@inline
export function isStrip(width: i32, rowStep: usize): bool {
  return isDense(width, rowStep) && stripRows(width) == width;
}

/** Bytes of one panel's sums, [width][PANEL queries]. */
@inline
export function panelBytes(width: i32): usize {
  return <usize>roundUpRows(width) * PANEL_STEP;
}

/** Bytes of the sums of `rows` queries, panel by panel. */
@inline
export function panelsBytes(rows: i32, width: i32): usize {
  return <usize>(roundUpTile(rows) / PANEL) * panelBytes(width);
}

/** Rows as the right operand of a product, `paddedStep` apart: themselves, or a copy. */
@inline
export function rightOperand(copy: usize, src: usize, rows: i32, width: i32, rowStep: usize): usize {
  if (isDense(width, rowStep)) return src;
  padRows(copy, src, rows, width, rowStep);
  return copy;
}

/** Bytes of one block of keys, packed. */
@inline
function keyBlockBytes(depth: i32): usize {
  return (<usize>roundUpRows(BLOCK_KEYS) * <usize>depth) << 2;
}

/** Bytes of `keys` packed rows of keys or values. */
@inline
export function keyPanelsBytes(keys: i32, width: i32): usize {
  return <usize>(keys / BLOCK_KEYS) * keyBlockBytes(width) + leftPanelsBytes(keys % BLOCK_KEYS, width);
}

/** Numbers of them, padding too. */
@inline
export function keyPanelsCount(keys: i32, width: i32): usize {
  return <usize>(keys / BLOCK_KEYS) * (keyBlockBytes(width) >> 2) + leftPanelsCount(keys % BLOCK_KEYS, width);
}

/** Keys or values as the left operand of products: panels of TILE_ROWS rows, starting over in each block of keys. */
export function packKeys(out: usize, src: usize, keys: i32, width: i32, rowStep: usize): Sizes {
  let sizes = NO_SIZES;
  for (let j = 0; j < keys; j += BLOCK_KEYS, out += keyBlockBytes(width), src += <usize>BLOCK_KEYS * rowStep) {
    sizes = joinSizes(sizes, packLeftPanels(out, src, min(BLOCK_KEYS, keys - j), width, rowStep, 4));
  }
  return sizes;
}

/** The first key of the panel that holds a key. */
@inline
export function panelStart(key: i32): i32 {
  return key - key % BLOCK_KEYS % TILE_ROWS;
}

/**
 * c = init + A B for rows begin .. end - 1 of packed keys or values, begin's row of c first. It writes whole tiles, up to
 * five rows more than asked for; from the start of a panel to that of another, or to the last key, those are none or 0.
 */
export function multiplyKeys(
  begin: i32, end: i32, depth: i32, packed: usize, b: usize, bStep: usize,
  init: usize, initStride: usize, c: usize, cStride: usize,
): void {
  while (begin < end) {
    const start = panelStart(begin), skipped = begin - start, within = start % BLOCK_KEYS;
    const rows = min(end - begin, skipped ? min(TILE_ROWS, BLOCK_KEYS - within) - skipped : BLOCK_KEYS - within);
    const a = packed + <usize>(begin / BLOCK_KEYS) * keyBlockBytes(depth) + ((<usize>(within * depth + skipped)) << 2);
    stripInterleaved(rows, depth, a, ROWS_STEP, <usize>depth * ROWS_STEP, b, bStep, init, initStride, c, cStride);
    init += <usize>rows * initStride;
    c += <usize>rows * cStride;
    begin += rows;
  }
}
