// Shapes of the tiles that both passes share, and the operands of one key/value head in the order they read them.

import { packPanels4, padRows } from '../gemm/pack';
import { TILE_COLUMNS } from '../gemm/tile';
import { EXP2_TABLE_BYTES, writeExp2Table } from '../simd/exp2';
import { AttentionProblem } from './problem';

/** Queries of a block: their packed panels and outputs stay in the first-level cache. */
export const BLOCK_QUERIES: i32 = 64;
/** Queries of a panel of scores, [key][8 queries]: the lanes of two vectors, so no reduction crosses lanes. */
export const PANEL: i32 = TILE_COLUMNS;
/** Bytes from key to key in a panel of scores. */
export const PANEL_STEP: usize = 32;

/** Next multiple of four. */
@inline
export function roundUp4(x: i32): i32 {
  return (x + 3) & ~3;
}

/** Next multiple of eight. */
@inline
export function roundUp8(x: i32): i32 {
  return (x + 7) & ~7;
}

/** Bytes of `floats` numbers, in whole cache lines. */
@inline
export function bytes(floats: usize): usize {
  return ((floats << 2) + 63) & ~63;
}

/** Table of exp2, then zeros to start a tile from. */
export const CONSTANTS_BYTES: usize = EXP2_TABLE_BYTES + 16 + 64;
export const ZEROS: usize = EXP2_TABLE_BYTES + 16;

export function writeConstants(out: usize): void {
  writeExp2Table(out);
  memory.fill(out + ZEROS, 0, 64);
}

/**
 * Rows as the right operand of a product, eight columns at a time: the rows themselves where their width allows,
 * otherwise a copy with columns of zeros. Returns where they are; `rightOperandStep` is their distance.
 */
export function rightOperand(copy: usize, src: usize, rows: i32, width: i32, rowStride: usize): usize {
  if (width % TILE_COLUMNS == 0) return src;
  padRows(copy, src, rows, width, rowStride << 2);
  return copy;
}

/** Bytes from row to row of `rightOperand`. */
@inline
export function rightOperandStep(width: i32, rowStride: usize): usize {
  return width % TILE_COLUMNS == 0 ? rowStride << 2 : <usize>roundUp8(width) << 2;
}

/** Bytes that `rightOperand` needs for its copy. */
@inline
export function rightOperandBytes(rows: i32, width: i32): usize {
  return width % TILE_COLUMNS == 0 ? 0 : bytes(<usize>rows * <usize>roundUp8(width));
}

/** Keys (or values) as the left operand of a product: panels of four rows. */
export function leftOperand(out: usize, src: usize, rows: i32, width: i32, rowStride: usize): void {
  packPanels4(out, src, rows, width, rowStride << 2, 4);
}

/** Address of row 0 of head h, sample b. */
@inline
export function headOf(base: usize, b: i32, batchStride: usize, h: i32, headStride: usize): usize {
  return base + ((<usize>b * batchStride + <usize>h * headStride) << 2);
}

/** Query heads that share one key/value head. */
@inline
export function groupSize(p: AttentionProblem): i32 {
  return p.heads / p.keyHeads;
}

/** Where the maxima of a block's rows are kept. */
@inline
export function rowMaxima(p: AttentionProblem, b: i32, h: i32, firstQuery: i32): usize {
  return p.rowStates + ((<usize>(b * p.heads + h) * <usize>p.queries + <usize>firstQuery) << 2);
}

/** Where 1 / the totals of a block's rows are kept. */
@inline
export function rowInverseTotals(p: AttentionProblem, b: i32, h: i32, firstQuery: i32): usize {
  return rowMaxima(p, b, h, firstQuery) + ((<usize>(p.batch * p.heads) * <usize>p.queries) << 2);
}
