// Sums down the columns of matrices on the heap, for kernels with a bias, and sums over dimensions.

import type { Heap } from '../runtime/heap.js';
import type { Pointer } from '../runtime/pointer.js';
import { runProblem } from '../runtime/problem.js';

/** Rows of `columns` numbers, `stride` numbers apart (default: side by side). */
interface ColumnSums {
  out: Pointer;
  x: Pointer;
  /** Default 1. */
  matrices?: number;
  rows: number;
  columns: number;
  stride?: number;
  /** Default 1. */
  divisor?: number;
}

/** out [matrices, columns] = sums of the rows of x, float32, divided by `divisor`. Throws OutOfMemoryError. */
export function sumColumns(heap: Heap, { matrices = 1, divisor = 1, stride, ...sums }: ColumnSums): void {
  runProblem(heap, 'columnSums', { ...sums, matrices, divisor, stride: stride ?? sums.columns });
}
