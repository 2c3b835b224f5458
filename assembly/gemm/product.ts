// Products of matrices: packing and the blocking loops around the micro-kernel (K. Goto, R. van de Geijn, "Anatomy of
// high-performance matrix multiplication").
//
//   packRight, a task for each block of terms and columns:  panels of B
//   product, a task for each block of rows (and columns, where rows are few) of each product of the batch:
//     for each block of terms, block of rows:
//       pack A (panels of as many rows as a tile has), and bring it into the range of B (range.ts)
//       for each panel of B, panel of A:   C tile = init + A B;  init is the bias, later C itself
//     activation
//
// In a batch of many products each task packs the panels of B that it needs, block by block. An element of C is the same
// sum in the same order however the work is cut.

import { unfoldBlock } from '../conv/unfold';
import { WindowProblem } from '../conv/window';
import { copyRow, zeroRow } from '../simd/copy';
import { TABLE_BYTES, writeTable } from '../simd/table';
import { activate, Activation } from './activation';
import { Sizes } from '../simd/sizes';
import { flushRow } from '../simd/subnormal';
import { leftPanelsBytes, leftPanelsCount, packLeftPanels, packRightPanels, rightPanelsCount } from './pack';
import { ProductProblem } from './problem';
import { addUnscaled, fitLeft, fitRight, RightBlock } from './range';
import { THIN_ROWS, thinProduct, thinScratch } from './thin';
import { ROWS_STEP, roundUpRows, stripInterleaved, stripRows, TILE_STEP } from './tile';

/** Terms of a block: a panel of B stays in the first-level cache while the rows of A pass. @shared */
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
export const TASKS: i32 = 12;
export const LEAST_WORK: f64 = 1e6;

@inline
export function blocks(x: i32, size: i32): i32 {
  return (x + size - 1) / size;
}

@inline
function roundUp(x: i32, multiple: i32): i32 {
  return (x + multiple - 1) / multiple * multiple;
}

/** Products with few rows do not pack, unless B is in panels already, or A is what windows see. */
@inline
function isThin(p: ProductProblem): bool {
  return p.rows <= THIN_ROWS && !p.packed && !p.windows;
}

/** Into how many tasks each product of the batch should be cut. */
function wantedCuts(p: ProductProblem): i32 {
  const work = <f64>p.rows * <f64>p.columns * <f64>p.depth;
  return <i32>max(1.0, min(<f64>blocks(TASKS, max(p.batch, 1)), work / LEAST_WORK));
}

/** Rows of a task: all, if thin. Tasks that pack for themselves have as many rows as they can. */
export function taskRows(p: ProductProblem): i32 {
  if (isThin(p)) return max(p.rows, 1);
  const rows = max(LEAST_ROWS, roundUp(blocks(p.rows, wantedCuts(p)), LEAST_ROWS));
  if (!p.packed) return rows;
  return min(rows, max(LEAST_ROWS, min(BLOCK_ROWS, BLOCK_SIZE / max(p.columns, 1) / LEAST_ROWS * LEAST_ROWS)));
}

/** Columns of a task: all, unless the rows alone give too few tasks. */
export function taskColumns(p: ProductProblem): i32 {
  const cuts = wantedCuts(p) / blocks(p.rows, taskRows(p));
  return max(LEAST_COLUMNS, roundUp(blocks(p.columns, max(cuts, 1)), LEAST_COLUMNS));
}

/** Columns of B with their padding to whole panels. */
@inline
function paddedColumns(p: ProductProblem): i32 {
  return roundUp(p.columns, TILE_COLUMNS);
}

@inline
function panelBytes(p: ProductProblem): usize {
  return (<usize>paddedColumns(p) * <usize>p.depth) << 2;
}

/**
 * Bytes of all of B in panels, and what is known of its blocks; 0 if tasks pack for themselves; 2^32 - 1, which no heap has,
 * where they are too many to count.
 */
export function packRightBytes(p: ProductProblem): usize {
  if (isThin(p) || p.batch > 1) return 0;
  const bytes = ((<u64>paddedColumns(p) * <u64>p.depth) << 2) + <u64>packRightTasks(p) * offsetof<RightBlock>();
  return <usize>min<u64>(bytes, u32.MAX_VALUE);
}

export function packRightTasks(p: ProductProblem): i32 {
  return blocks(p.depth, BLOCK_TERMS) * blocks(p.columns, BLOCK_COLUMNS);
}

/** Packs one block of B: [block of terms][panel of columns][term][column of the panel]. */
export function packRight(p: ProductProblem, task: i32, _: usize): void {
  const columnBlocks = blocks(p.columns, BLOCK_COLUMNS);
  const term = task / columnBlocks * BLOCK_TERMS, column = task % columnBlocks * BLOCK_COLUMNS;
  const b = p.b + (<usize>load<u32>(p.bOffsets) << 2);
  const end = min(column + BLOCK_COLUMNS, p.columns);
  packBlock(p, p.packed + packedOffset(p, term, column), b, term, column, end, rightBlock(p, term, column));
}

/** Packs a block of one B, columns from `column` to `end`, and brings it into range. */
function packBlock(
  p: ProductProblem, out: usize, b: usize, term: i32, column: i32, end: i32, block: RightBlock,
): void {
  const terms = min(BLOCK_TERMS, p.depth - term), columns = end - column;
  b += (<usize>term * p.bTerm + <usize>column * p.bColumn) << 2;
  const sizes = packRightPanels(out, b, columns, terms, p.bColumn << 2, p.bTerm << 2);
  fitRight(block, out, rightPanelsCount(columns, terms), sizes);
}

/** What is known of a block of the packed B. */
@inline
function rightBlock(p: ProductProblem, term: i32, column: i32): RightBlock {
  const block = term / BLOCK_TERMS * blocks(p.columns, BLOCK_COLUMNS) + column / BLOCK_COLUMNS;
  return changetype<RightBlock>(p.packed + panelBytes(p) + <usize>block * offsetof<RightBlock>());
}

/** Where the panel that begins at `column` lies in the packed B, for the block of terms that begins at `term`. */
@inline
function packedOffset(p: ProductProblem, term: i32, column: i32): usize {
  const terms = min(BLOCK_TERMS, p.depth - term);
  return (<usize>term * <usize>paddedColumns(p) + <usize>column * <usize>terms) << 2;
}

export function productTasks(p: ProductProblem): i32 {
  return p.batch * blocks(p.rows, taskRows(p)) * blocks(p.columns, taskColumns(p));
}

@inline
function packedABytes(p: ProductProblem): usize {
  return leftPanelsBytes(min(p.rows, BLOCK_ROWS), min(p.depth, BLOCK_TERMS));
}

// Scratch of a blocked product, after the table of constants: a panel's bias, zeros, the strip of C of a block of rows, what is
// known of B, A and, unless it is packed, B.
const BIAS: usize = 0;
const ZEROS: usize = TILE_STEP;
const STRIP: usize = 2 * TILE_STEP;

@inline
function stripBytes(p: ProductProblem): usize {
  return <usize>roundUpRows(min(p.rows, BLOCK_ROWS)) * TILE_STEP;
}

/** Bytes of a block of what windows see. */
@inline
function unfoldedBytes(p: ProductProblem): usize {
  return p.windows ? <usize>(min(p.rows, BLOCK_ROWS) * min(p.depth, BLOCK_TERMS)) << 2 : 0;
}

export function productScratch(p: ProductProblem): usize {
  if (isThin(p)) return TABLE_BYTES + thinScratch(p);
  const common = TABLE_BYTES + STRIP + stripBytes(p) + 64 + packedABytes(p) + unfoldedBytes(p);
  if (p.batch <= 1) return common;
  return common + (rightPanelsCount(min(p.columns, BLOCK_COLUMNS), min(p.depth, BLOCK_TERMS)) << 2);
}

/** One block of C. */
export function product(p: ProductProblem, task: i32, scratch: usize): void {
  const rowBlocks = blocks(p.rows, taskRows(p)), columnBlocks = blocks(p.columns, taskColumns(p));
  const i = <usize>(task / (rowBlocks * columnBlocks));
  const row = task / columnBlocks % rowBlocks * taskRows(p);
  const column = task % columnBlocks * taskColumns(p);
  const rows = min(taskRows(p), p.rows - row);
  const endColumn = min(column + taskColumns(p), p.columns);
  const aOffset = load<u32>(p.aOffsets + (i << 2));
  const b = p.b + (<usize>load<u32>(p.bOffsets + (i << 2)) << 2);
  const matrix = (i * <usize>p.rows * <usize>p.columns) << 2;
  const table = scratch;
  writeTable(table);
  const c = p.c + matrix, rest = table + TABLE_BYTES;
  if (isThin(p)) thinProduct(p, p.a + (<usize>aOffset << 2), b, c, p.bias, column, endColumn, rest);
  else blockedProduct(p, aOffset, b, c, row, row + rows, column, endColumn, rest);
  activateBlock(p, matrix, row, rows, column, endColumn, table);
}

/** The activation of a block of C; `matrix` is the byte at which its product begins. */
export function activateBlock(
  p: ProductProblem, matrix: usize, row: i32, rows: i32, column: i32, endColumn: i32, table: usize,
): void {
  if (p.activation == Activation.IDENTITY) return;
  const offset = matrix + ((<usize>row * <usize>p.columns + <usize>column) << 2);
  activate(
    p.activation, (p.activated ? p.activated : p.c) + offset, p.c + offset, <usize>p.columns << 2, rows,
    endColumn - column, p.slopes ? p.slopes + (<usize>column << 2) : 0, p.alpha, table,
  );
}

/** One block of one product of the batch, without its activation. */
function blockedProduct(
  p: ProductProblem, aOffset: u32, b: usize, c: usize, row: i32, endRow: i32, firstColumn: i32, endColumn: i32,
  scratch: usize,
): void {
  const own = scratch + STRIP + stripBytes(p);
  const packedA = own + 64;
  const unfolded = packedA + packedABytes(p);
  const packedB = unfolded + unfoldedBytes(p);
  zeroRow(scratch + ZEROS, TILE_STEP);
  // Without packed panels, columns go by the blocks that are packed here.
  const step = p.packed ? endColumn - firstColumn : BLOCK_COLUMNS;
  for (let column = firstColumn; column < endColumn; column += step) {
    const end = min(column + step, endColumn);
    // At least one round, so that an empty product gives the bias.
    for (let term = 0; term == 0 || term < p.depth; term += BLOCK_TERMS) {
      const terms = min(BLOCK_TERMS, p.depth - term);
      if (!p.packed) packBlock(p, packedB, b, term, column, end, changetype<RightBlock>(own));
      for (let r = row; r < endRow; r += BLOCK_ROWS) {
        const rows = min(BLOCK_ROWS, endRow - r);
        const sizes = packLeft(p, packedA, aOffset, r, rows, term, terms, unfolded);
        const count = leftPanelsCount(rows, terms);
        if (!p.packed) {
          const block = changetype<RightBlock>(own);
          const shift = fitLeft(packedA, count, sizes, block.least, block.most, block.shift != 0) + block.shift;
          multiplyBlock(p, c, scratch, packedA, packedB, r, rows, column, end, term, shift);
          continue;
        }
        const shift = fitToBlocks(p, packedA, count, sizes, term, column, end);
        for (let j = column; j < end; j += BLOCK_COLUMNS - j % BLOCK_COLUMNS) {
          multiplyBlock(
            p, c, scratch, packedA, p.packed + packedOffset(p, term, j), r, rows, j,
            min(end, j + BLOCK_COLUMNS - j % BLOCK_COLUMNS), term, shift + rightBlock(p, term, j).shift,
          );
        }
      }
    }
  }
}

/** Packs a block of one A, which begins at `aOffset`: rows from `row` on and terms from `term` on. */
@inline
function packLeft(
  p: ProductProblem, out: usize, aOffset: u32, row: i32, rows: i32, term: i32, terms: i32, unfolded: usize,
): Sizes {
  if (!p.windows) {
    const a = p.a + ((<usize>aOffset + <usize>row * p.aRow + <usize>term * p.aTerm) << 2);
    return packLeftPanels(out, a, rows, terms, p.aRow << 2, p.aTerm << 2);
  }
  const windows = changetype<WindowProblem>(p.windows);
  if (p.aTerm == 1) {
    unfoldBlock(unfolded, windows, aOffset + row, rows, term, terms);
    return packLeftPanels(out, unfolded, rows, terms, <usize>terms << 2, 4);
  }
  unfoldBlock(unfolded, windows, aOffset + term, terms, row, rows);
  return packLeftPanels(out, unfolded, rows, terms, 4, <usize>rows << 2);
}

/** fitLeft beside all blocks of the packed B from `column` to `end`. */
function fitToBlocks(
  p: ProductProblem, panels: usize, count: usize, sizes: Sizes, term: i32, column: i32, end: i32,
): i32 {
  let least = i32.MAX_VALUE, most = 0, scaled = false;
  for (let j = column / BLOCK_COLUMNS * BLOCK_COLUMNS; j < end; j += BLOCK_COLUMNS) {
    const block = rightBlock(p, term, j);
    least = min(least, block.least);
    most = max(most, block.most);
    scaled = scaled || block.shift != 0;
  }
  return fitLeft(panels, count, sizes, least, most, scaled);
}

/**
 * Rows from `row` and columns from `column` to `end`: C = bias + A B 2^-shift in the first block of terms, later C += A B
 * 2^-shift. No bias: 0.
 */
function multiplyBlock(
  p: ProductProblem, c: usize, scratch: usize, packedA: usize, packedB: usize, row: i32, rows: i32, column: i32, end: i32,
  term: i32, shift: i32,
): void {
  const terms = min(BLOCK_TERMS, p.depth - term), first = term == 0;
  const stride = <usize>p.columns << 2;
  const aPanel = <usize>terms * ROWS_STEP, bPanel = <usize>terms * TILE_STEP;
  const bias = scratch + BIAS, zeros = scratch + ZEROS, strip = scratch + STRIP;
  c += <usize>row * stride;
  for (let j = column; j < end; j += TILE_COLUMNS, packedB += bPanel) {
    const width = min(TILE_COLUMNS, end - j);
    const size = <usize>width << 2;
    let tile = c + (<usize>j << 2), a = packedA;
    let init = zeros;
    if (first && p.bias) {
      flushRow(bias, p.bias + (<usize>j << 2), size);
      zeroRow(bias + size, TILE_STEP - size);
      init = bias;
    }
    if (shift != 0) {
      stripInterleaved(rows, terms, a, ROWS_STEP, aPanel, packedB, TILE_STEP, zeros, 0, strip, TILE_STEP);
      addUnscaled(tile, stride, first ? init : tile, first ? 0 : stride, strip, TILE_STEP, rows, size, shift);
      continue;
    }
    const whole = width < TILE_COLUMNS ? 0 : stripRows(rows) == rows ? rows : rows - rows % TILE_ROWS;
    stripInterleaved(
      whole, terms, a, ROWS_STEP, aPanel, packedB, TILE_STEP, first ? init : tile, first ? 0 : stride, tile, stride,
    );
    // Ragged edges go by way of the strip.
    const rest = rows - whole;
    if (rest == 0) continue;
    a += <usize>(whole / TILE_ROWS) * aPanel;
    tile += <usize>whole * stride;
    if (!first) copyTile(strip, TILE_STEP, tile, stride, rest, size);
    stripInterleaved(
      rest, terms, a, ROWS_STEP, aPanel, packedB, TILE_STEP, first ? init : strip, first ? 0 : TILE_STEP, strip, TILE_STEP,
    );
    copyTile(tile, stride, strip, TILE_STEP, rest, size);
  }
}

export function copyTile(out: usize, outStride: usize, src: usize, srcStride: usize, rows: i32, size: usize): void {
  for (; rows > 0; rows--, out += outStride, src += srcStride) copyRow(out, src, size);
}
