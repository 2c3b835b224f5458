// Shapes that both passes share, and the operands of products in the order the micro-kernels read them.

import { packPanels4, padRows } from '../gemm/pack';
import { TILE_STEP } from '../gemm/tile';
import { EXP2_TABLE_BYTES, writeExp2Table } from '../simd/exp2';

/** Queries of a block: their packed panels and outputs stay in the first-level cache. */
export const BLOCK_QUERIES: i32 = 64;
/** Queries of a panel of scores, [key][PANEL queries]: they are lanes, so no reduction crosses lanes. */
export const PANEL: i32 = TILE_COLUMNS;
/** Bytes from key to key in a panel of scores. */
export const PANEL_STEP: usize = TILE_STEP;
/** Two vectors of queries, which loops over a panel take together: eight queries, PAIR_STEP bytes. */
export const PAIR: i32 = 8;
export const PAIR_STEP: usize = 32;

/** Next multiple of four. */
@inline
export function roundUp4(x: i32): i32 {
  return (x + 3) & ~3;
}

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

/** Table of exp2, then zeros to start a tile from. */
export const ZEROS: usize = EXP2_TABLE_BYTES + 16;
export const CONSTANTS_BYTES: usize = ZEROS + 64;

export function writeConstants(out: usize): void {
  writeExp2Table(out);
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

/** Rows as the right operand of a product, `paddedStep` apart: themselves, or a copy. */
@inline
export function rightOperand(copy: usize, src: usize, rows: i32, width: i32, rowStep: usize): usize {
  if (isDense(width, rowStep)) return src;
  padRows(copy, src, rows, width, rowStep);
  return copy;
}

/** Keys or values as the left operand of a product: panels of four rows. */
@inline
export function leftOperand(out: usize, src: usize, rows: i32, width: i32, rowStep: usize): void {
  packPanels4(out, src, rows, width, rowStep, 4);
}
