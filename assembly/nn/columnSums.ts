// Sums down the columns of a matrix: the gradient of a bias, and the last step of sums that were taken in parts.

import { zeroRow } from '../simd/copy';
import { addRow, addToDoubles, roundDoubles, SUM_BLOCK } from '../simd/rows';
import { flushRow } from '../simd/subnormal';

/** Columns of a strip: a cache line of every row, or several, so that there are at most MOST_STRIPS strips. */
const LINE: i32 = 16;
const MOST_STRIPS: i32 = 128;

/**
 * out [columns] = sum of the rows of x, of `columns` floats, `stride` floats apart.
 */
@unmanaged
export class ColumnSumsProblem {
  out: usize;
  x: usize;
  rows: i32;
  columns: i32;
  stride: i32;
}

@inline
function stripColumns(p: ColumnSumsProblem): i32 {
  const lines = (p.columns + LINE - 1) / LINE;
  return LINE * max(1, (lines + MOST_STRIPS - 1) / MOST_STRIPS);
}

export function columnSumsTasks(p: ColumnSumsProblem): i32 {
  return (p.columns + stripColumns(p) - 1) / stripColumns(p);
}

/** The sum in float64, and that of a block of rows. */
export function columnSumsScratch(p: ColumnSumsProblem): usize {
  return 12 * <usize>stripColumns(p);
}

/** One strip of columns. */
export function columnSums(p: ColumnSumsProblem, task: i32, sum: usize): void {
  const columns = stripColumns(p);
  const part = sum + (<usize>columns << 3);
  const begin = <usize>(task * columns) << 2;
  const size = <usize>min(columns, p.columns - task * columns) << 2;
  const step = <usize>p.stride << 2;
  let x = p.x + begin;
  zeroRow(sum, size << 1);
  for (let row = 0; row < p.rows; row += SUM_BLOCK) {
    zeroRow(part, size);
    for (let i = min(SUM_BLOCK, p.rows - row); i > 0; i--, x += step) addRow(part, x, size);
    addToDoubles(sum, part, size);
  }
  roundDoubles(part, sum, size);
  flushRow(p.out + begin, part, size);
}
