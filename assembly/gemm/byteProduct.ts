// Products of bytes: A quantised by quantizeRows, B by quantizeColumns. Bias and activation come with the floats.

import { TABLE_BYTES, writeTable } from '../simd/table';
import { fastestDots, leftTileBytes, rightPanelBytes, stripOfBytes } from './byteTile';
import { ProductProblem } from './problem';
import { activateBlock, blocks, copyTile, productTasks, taskColumns, taskRows } from './product';
import { TILE_BYTES, TILE_STEP } from './tile';

/** The fastest way of multiplying here, one of ByteDots. */
export function fastestByteDots(p: ProductProblem): usize {
  return fastestDots(changetype<usize>(p));
}

export function byteProductTasks(p: ProductProblem): i32 {
  return productTasks(p);
}

export function byteProductScratch(_: ProductProblem): usize {
  return TABLE_BYTES + TILE_BYTES;
}

/**
 * One block of C, of one product: a [rows, depth] quantised, `packed` [depth, columns] quantised with the bias. Rows of a
 * task are whole tiles, its columns whole panels.
 */
export function byteProduct(p: ProductProblem, task: i32, scratch: usize): void {
  const columnBlocks = blocks(p.columns, taskColumns(p));
  const row = task / columnBlocks * taskRows(p), column = task % columnBlocks * taskColumns(p);
  const rows = min(taskRows(p), p.rows - row), end = min(column + taskColumns(p), p.columns);
  const stride = <usize>p.columns << 2, aTile = leftTileBytes(p.depth), bPanel = rightPanelBytes(p.depth);
  const a = p.a + <usize>(row / TILE_ROWS) * aTile;
  const spare = scratch + TABLE_BYTES;
  let b = p.packed + <usize>(column / TILE_COLUMNS) * bPanel;
  for (let j = column; j < end; j += TILE_COLUMNS, b += bPanel) {
    const width = min(TILE_COLUMNS, end - j);
    const whole = width < TILE_COLUMNS ? 0 : rows / TILE_ROWS;
    let c = p.c + <usize>row * stride + (<usize>j << 2);
    stripOfBytes(p.dots, whole, p.depth, a, b, c, stride);
    // Ragged edges go by way of a spare tile.
    c += <usize>(whole * TILE_ROWS) * stride;
    let tile = a + <usize>whole * aTile;
    for (let r = whole * TILE_ROWS; r < rows; r += TILE_ROWS, c += <usize>TILE_ROWS * stride, tile += aTile) {
      stripOfBytes(p.dots, 1, p.depth, tile, b, spare, TILE_STEP);
      copyTile(c, stride, spare, TILE_STEP, min(TILE_ROWS, rows - r), <usize>width << 2);
    }
  }
  writeTable(scratch);
  activateBlock(p, 0, row, rows, column, end, scratch);
}
