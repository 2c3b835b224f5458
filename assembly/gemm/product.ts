// Products of matrices: packing and the blocking loops around the micro-kernel (K. Goto, R. van de Geijn, "Anatomy of
// high-performance matrix multiplication").
//
//   packRight, a task for each block of terms and columns:  panels of B
//   product, a task for each block of rows (and columns, where rows are few) of each product of the batch:
//     for each block of terms, block of rows:
//       pack A (panels of as many rows as a tile has)
//       for each panel of B, panel of A:   C tile = init + A B;  init is the bias, later C itself
//     activation
//
// In a batch of many products each task packs the panels of B that it needs, block by block. An element of C is the same
// sum in the same order however the work is cut.

import { copyRow, zeroRow } from '../simd/copy';
import { EXP2_TABLE_BYTES, writeExp2Table } from '../simd/exp2';
import { activate, Activation } from './activation';
import { leftPanelsBytes, packLeftPanels, packRightPanels } from './pack';
import { ProductProblem } from './problem';
import { THIN_ROWS, thinProduct, thinScratch } from './thin';
import { ROWS_STEP, stripInterleaved, stripRows, TILE_BYTES, TILE_STEP } from './tile';

/** Terms of a block: a panel of B stays in the first-level cache while the rows of A pass. */
const BLOCK_TERMS: i32 = 256;
/** Rows of a block at least: panels of B come from the second-level cache in time. Whole tiles. */
const LEAST_ROWS: i32 = 4 * TILE_ROWS;
/** Rows of a block at most, 128 or 120: 128 KB of packed A stay in the second-level cache. */
const BLOCK_ROWS: i32 = 128 / LEAST_ROWS * LEAST_ROWS;
/** Numbers of C in a task at most: 512 KB are still in the second-level cache for the activation. */
const BLOCK_SIZE: i32 = 1 << 17;
/** Columns that are packed together; in a task of its own packing they stay in the second-level cache. */
const BLOCK_COLUMNS: i32 = 512;
/** Columns of a block where columns are cut, at least. */
const LEAST_COLUMNS: i32 = 64;
/** A problem is cut into at least this many tasks, if a task then still has LEAST_WORK multiply-adds: some 40 us. */
const TASKS: i32 = 12;
const LEAST_WORK: f64 = 1e6;

@inline
function blocks(x: i32, size: i32): i32 {
  return (x + size - 1) / size;
}

@inline
function roundUp(x: i32, multiple: i32): i32 {
  return (x + multiple - 1) / multiple * multiple;
}

/** Products with few rows do not pack. */
@inline
function isThin(p: ProductProblem): bool {
  return p.rows <= THIN_ROWS;
}

/** Into how many tasks each product of the batch should be cut. */
function wantedCuts(p: ProductProblem): i32 {
  const work = <f64>p.rows * <f64>p.columns * <f64>p.depth;
  return <i32>max(1.0, min(<f64>blocks(TASKS, max(p.batch, 1)), work / LEAST_WORK));
}

/** Rows of a task: all, if thin. Tasks that pack for themselves have as many rows as they can. */
function taskRows(p: ProductProblem): i32 {
  if (isThin(p)) return max(p.rows, 1);
  const rows = max(LEAST_ROWS, roundUp(blocks(p.rows, wantedCuts(p)), LEAST_ROWS));
  if (!p.packed) return rows;
  return min(rows, max(LEAST_ROWS, min(BLOCK_ROWS, BLOCK_SIZE / max(p.columns, 1) / LEAST_ROWS * LEAST_ROWS)));
}

/** Columns of a task: all, unless the rows alone give too few tasks. */
function taskColumns(p: ProductProblem): i32 {
  const cuts = wantedCuts(p) / blocks(p.rows, taskRows(p));
  return max(LEAST_COLUMNS, roundUp(blocks(p.columns, max(cuts, 1)), LEAST_COLUMNS));
}

/** Columns of B with their padding to whole panels. */
@inline
function paddedColumns(p: ProductProblem): i32 {
  return roundUp(p.columns, TILE_COLUMNS);
}

/** Bytes of all of B in panels; 0 if tasks pack for themselves. */
export function packRightBytes(p: ProductProblem): usize {
  if (isThin(p) || p.batch > 1) return 0;
  return (<usize>paddedColumns(p) * <usize>p.depth) << 2;
}

export function packRightTasks(p: ProductProblem): i32 {
  return blocks(p.depth, BLOCK_TERMS) * blocks(p.columns, BLOCK_COLUMNS);
}

/** Packs one block of B: [block of terms][panel of columns][term][column of the panel]. */
export function packRight(p: ProductProblem, task: i32, _: usize): void {
  const columnBlocks = blocks(p.columns, BLOCK_COLUMNS);
  const term = task / columnBlocks * BLOCK_TERMS, column = task % columnBlocks * BLOCK_COLUMNS;
  const terms = min(BLOCK_TERMS, p.depth - term);
  packRightPanels(
    p.packed + packedOffset(p, term, column, terms),
    p.b + ((<usize>load<u32>(p.bOffsets) + <usize>term * p.bTerm + <usize>column * p.bColumn) << 2),
    min(BLOCK_COLUMNS, p.columns - column), terms, p.bColumn << 2, p.bTerm << 2,
  );
}

/** Where the panel that begins at `column` lies in the packed B, for a block of `terms` terms that begins at `term`. */
@inline
function packedOffset(p: ProductProblem, term: i32, column: i32, terms: i32): usize {
  return (<usize>term * <usize>paddedColumns(p) + <usize>column * <usize>terms) << 2;
}

export function productTasks(p: ProductProblem): i32 {
  return p.batch * blocks(p.rows, taskRows(p)) * blocks(p.columns, taskColumns(p));
}

@inline
function packedABytes(p: ProductProblem): usize {
  return leftPanelsBytes(min(p.rows, BLOCK_ROWS), min(p.depth, BLOCK_TERMS));
}

/** Table of exp2, a spare tile, the last panel's bias, A and, unless it is packed, B. */
export function productScratch(p: ProductProblem): usize {
  const common = EXP2_TABLE_BYTES + TILE_BYTES + TILE_STEP;
  if (isThin(p)) return common + thinScratch(p);
  if (p.batch <= 1) return common + packedABytes(p);
  const columns = roundUp(min(p.columns, BLOCK_COLUMNS), TILE_COLUMNS);
  return common + packedABytes(p) + ((<usize>columns * <usize>min(p.depth, BLOCK_TERMS)) << 2);
}

/** One block of C. */
export function product(p: ProductProblem, task: i32, scratch: usize): void {
  const rowBlocks = blocks(p.rows, taskRows(p)), columnBlocks = blocks(p.columns, taskColumns(p));
  const i = <usize>(task / (rowBlocks * columnBlocks));
  const row = task / columnBlocks % rowBlocks * taskRows(p);
  const column = task % columnBlocks * taskColumns(p);
  const rows = min(taskRows(p), p.rows - row);
  const endColumn = min(column + taskColumns(p), p.columns);
  const a = p.a + (<usize>load<u32>(p.aOffsets + (i << 2)) << 2);
  const b = p.b + (<usize>load<u32>(p.bOffsets + (i << 2)) << 2);
  const matrix = (i * <usize>p.rows * <usize>p.columns) << 2;
  const table = scratch;
  writeExp2Table(table);
  if (isThin(p)) thinProduct(p, a, b, p.c + matrix, p.bias, column, endColumn, table + EXP2_TABLE_BYTES);
  else blockedProduct(p, a, b, p.c + matrix, row, row + rows, column, endColumn, table + EXP2_TABLE_BYTES);
  if (p.activation == Activation.IDENTITY) return;
  const offset = matrix + ((<usize>row * <usize>p.columns + <usize>column) << 2);
  activate(
    p.activation, (p.activated ? p.activated : p.c) + offset, p.c + offset, <usize>p.columns << 2, rows,
    endColumn - column, p.slopes ? p.slopes + (<usize>column << 2) : 0, p.alpha, table,
  );
}

/** One block of one product of the batch, without its activation. */
function blockedProduct(
  p: ProductProblem, a: usize, b: usize, c: usize, row: i32, endRow: i32, firstColumn: i32, endColumn: i32,
  scratch: usize,
): void {
  const spare = scratch;
  const bias = spare + TILE_BYTES;
  const packedA = bias + TILE_STEP;
  const packedB = packedA + packedABytes(p);
  const stride = <usize>p.columns << 2;
  // Without packed panels, columns go by the blocks that are packed here.
  const step = p.packed ? endColumn - firstColumn : BLOCK_COLUMNS;
  for (let column = firstColumn; column < endColumn; column += step) {
    const columns = min(step, endColumn - column);
    // At least one round, so that an empty product gives the bias.
    for (let term = 0; term == 0 || term < p.depth; term += BLOCK_TERMS) {
      const terms = min(BLOCK_TERMS, p.depth - term);
      let panels = packedB;
      if (p.packed) panels = p.packed + packedOffset(p, term, column, terms);
      else {
        packRightPanels(
          packedB, b + ((<usize>term * p.bTerm + <usize>column * p.bColumn) << 2),
          columns, terms, p.bColumn << 2, p.bTerm << 2,
        );
      }
      for (let r = row; r < endRow; r += BLOCK_ROWS) {
        const rows = min(BLOCK_ROWS, endRow - r);
        packLeftPanels(
          packedA, a + ((<usize>r * p.aRow + <usize>term * p.aTerm) << 2), rows, terms, p.aRow << 2, p.aTerm << 2,
        );
        multiplyBlock(
          c + ((<usize>r * <usize>p.columns + <usize>column) << 2), stride, packedA, panels, rows, columns, terms,
          term == 0, p.bias ? p.bias + (<usize>column << 2) : 0, bias, spare,
        );
      }
    }
  }
}

/** C block = bias + A B if `first`, else C += A B. No bias: 0. `lastBias` and `spare` are scratch for a ragged edge. */
function multiplyBlock(
  c: usize, stride: usize, packedA: usize, packedB: usize, rows: i32, columns: i32, terms: i32, first: bool,
  bias: usize, lastBias: usize, spare: usize,
): void {
  const aPanel = <usize>terms * ROWS_STEP, bPanel = <usize>terms * TILE_STEP;
  for (let j = 0; j < columns; j += TILE_COLUMNS, packedB += bPanel) {
    const width = min(TILE_COLUMNS, columns - j);
    let init = bias + (<usize>j << 2);
    if (first && (!bias || width < TILE_COLUMNS)) {
      zeroRow(lastBias, TILE_STEP);
      if (bias) copyRow(lastBias, init, <usize>width << 2);
      init = lastBias;
    }
    const whole = width < TILE_COLUMNS ? 0 : stripRows(rows) == rows ? rows : rows - rows % TILE_ROWS;
    let a = packedA;
    let tile = c + (<usize>j << 2);
    stripInterleaved(
      whole, terms, a, ROWS_STEP, aPanel, packedB, TILE_STEP, first ? init : tile, first ? 0 : stride, tile, stride,
    );
    // Ragged edges go by way of the spare tile.
    a += <usize>(whole / TILE_ROWS) * aPanel;
    tile += <usize>whole * stride;
    for (let i = whole; i < rows; i += TILE_ROWS, a += aPanel, tile += <usize>TILE_ROWS * stride) {
      const height = min(TILE_ROWS, rows - i);
      if (!first) copyTile(spare, TILE_STEP, tile, stride, height, width);
      stripInterleaved(
        height, terms, a, ROWS_STEP, 0, packedB, TILE_STEP, first ? init : spare, first ? 0 : TILE_STEP, spare, TILE_STEP,
      );
      copyTile(tile, stride, spare, TILE_STEP, height, width);
    }
  }
}

function copyTile(out: usize, outStride: usize, src: usize, srcStride: usize, height: i32, width: i32): void {
  for (let i = 0; i < height; i++, out += outStride, src += srcStride) copyRow(out, src, <usize>width << 2);
}
