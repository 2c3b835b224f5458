// Sums down the columns of a matrix: the gradient of a bias, and the last step of sums that were taken in parts.

import { copyRow, zeroRow } from '../simd/copy';
import { addRow } from '../simd/rows';
import { STRIP_BYTES, stripBegin, stripSize, stripTasks } from '../threads/strips';

/** Rows that are summed up before they join the sum: rounding errors then grow with the root of the number of rows. */
const BLOCK: i32 = 64;

/**
 * out [columns] = sum of the rows of x, of `columns` floats, `stride` floats apart: filled in by src/kernels/columnSums.ts,
 * field by field in this order.
 */
@unmanaged
export class ColumnSumsProblem {
  out: usize;
  x: usize;
  rows: i32;
  columns: i32;
  stride: i32;
}

export function columnSumsTasks(p: ColumnSumsProblem): i32 {
  return stripTasks(p.columns);
}

/** The sum, and that of a block. */
export function columnSumsScratch(_: ColumnSumsProblem): usize {
  return 2 * STRIP_BYTES;
}

/** One strip of columns. */
export function columnSums(p: ColumnSumsProblem, task: i32, sum: usize): void {
  const part = sum + STRIP_BYTES;
  const begin = stripBegin(task), size = stripSize(p.columns, task);
  const step = <usize>p.stride << 2;
  let x = p.x + begin;
  zeroRow(sum, size);
  for (let row = 0; row < p.rows; row += BLOCK) {
    zeroRow(part, size);
    for (let i = min(BLOCK, p.rows - row); i > 0; i--, x += step) addRow(part, x, size);
    addRow(sum, part, size);
  }
  copyRow(p.out + begin, sum, size);
}
