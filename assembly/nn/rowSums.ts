// Sums along the rows of a matrix, in float64.

import { loadLanes } from '../simd/lanes';
import { normal } from '../simd/powers';
import { above, SMALLEST_NORMAL } from '../simd/subnormal';
import { promoteHigh } from '../simd/vector';
import { blockBegin, blockEnd, blockTasks } from '../threads/rowBlocks';

/** out [rows] = sums of the rows of x [rows, columns], divided by `divisor`. */
@unmanaged
export class RowSumsProblem {
  out: usize;
  x: usize;
  rows: i32;
  columns: i32;
  divisor: i32;
}

export function rowSumsTasks(p: RowSumsProblem): i32 {
  return blockTasks(p.rows, p.columns);
}

/** One block of rows. */
export function rowSums(p: RowSumsProblem, task: i32, _: usize): void {
  const size = <usize>p.columns << 2, end = blockEnd(task, p.rows, p.columns), share = 1 / <f64>p.divisor;
  for (let row = blockBegin(task, p.rows, p.columns); row < end; row++) {
    store<f32>(p.out + (<usize>row << 2), normal(sumRow(p.x + <usize>row * size, size) * share));
  }
}

function sumRow(x: usize, size: usize): f64 {
  const subnormal = i32x4.splat(size > 0 ? SMALLEST_NORMAL - 1 : 0);
  let low = f64x2.splat(0), high = f64x2.splat(0);
  let i: usize = 0;
  for (; i + 16 <= size; i += 16) {
    const numbers = above(v128.load(x + i), subnormal);
    low = f64x2.add(low, f64x2.promote_low_f32x4(numbers));
    high = f64x2.add(high, promoteHigh(numbers));
  }
  low = f64x2.add(low, high);
  let sum = f64x2.extract_lane(low, 0) + f64x2.extract_lane(low, 1);
  for (; i < size; i += 4) sum += <f64>f32x4.extract_lane(above(loadLanes<f32>(x + i), subnormal), 0);
  return sum;
}
