// Sums down the columns of a matrix: the gradient of a bias, and the last step of sums that were taken in parts.

import { zeroRow } from '../simd/copy';
import { addToDoubles, roundDoubles } from '../simd/rows';

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

/** The sum in float64. */
export function columnSumsScratch(p: ColumnSumsProblem): usize {
  return 8 * <usize>stripColumns(p);
}

/** One strip of columns. */
export function columnSums(p: ColumnSumsProblem, task: i32, sum: usize): void {
  const columns = stripColumns(p);
  const begin = <usize>(task * columns) << 2;
  const size = <usize>min(columns, p.columns - task * columns) << 2;
  const step = <usize>p.stride << 2;
  let x = p.x + begin;
  zeroRow(sum, size << 1);
  for (let row = 0; row < p.rows; row++, x += step) addToDoubles(sum, x, size);
  roundDoubles(p.out + begin, sum, size);
}
