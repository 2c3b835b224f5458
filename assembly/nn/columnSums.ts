// Sums down the columns of matrices: the gradient of a bias, and the last step of sums that were taken in parts.

import { zeroRow } from '../simd/copy';
import { addToDoubles, roundDoubles } from '../simd/rows';

/** Columns of a strip: a cache line of every row, or several, so that there are at most MOST_STRIPS strips. */
const LINE: i32 = 16;
const MOST_STRIPS: i32 = 128;

/**
 * out [matrices, columns] = sum of the rows of x, of `columns` floats, `stride` floats apart, divided by `divisor`.
 */
@unmanaged
export class ColumnSumsProblem {
  out: usize;
  x: usize;
  matrices: i32;
  rows: i32;
  columns: i32;
  stride: i32;
  divisor: i32;
}

@inline
function stripColumns(p: ColumnSumsProblem): i32 {
  const lines = (p.columns + LINE - 1) / LINE;
  return LINE * max(1, (lines + MOST_STRIPS - 1) / MOST_STRIPS);
}

@inline
function countStrips(p: ColumnSumsProblem): i32 {
  return (p.columns + stripColumns(p) - 1) / stripColumns(p);
}

export function columnSumsTasks(p: ColumnSumsProblem): i32 {
  return p.matrices * countStrips(p);
}

/** The sum in float64. */
export function columnSumsScratch(p: ColumnSumsProblem): usize {
  return 8 * <usize>stripColumns(p);
}

/** One strip of columns of a matrix. */
export function columnSums(p: ColumnSumsProblem, task: i32, sum: usize): void {
  const columns = stripColumns(p), matrix = task / countStrips(p), strip = task % countStrips(p);
  const begin = <usize>(strip * columns) << 2;
  const size = <usize>min(columns, p.columns - strip * columns) << 2;
  const step = <usize>p.stride << 2;
  let x = p.x + <usize>matrix * <usize>p.rows * step + begin;
  zeroRow(sum, size << 1);
  for (let row = 0; row < p.rows; row++, x += step) addToDoubles(sum, x, size);
  roundDoubles(p.out + ((<usize>matrix * <usize>p.columns) << 2) + begin, sum, size, 1 / <f64>p.divisor);
}
