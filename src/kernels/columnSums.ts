// Sums down the columns of a matrix on the heap, for kernels with a bias.

import { withFrame } from '../runtime/frame.js';
import type { Heap } from '../runtime/heap.js';
import type { Field } from '../runtime/struct.js';
import { runTasks } from '../runtime/tasks.js';

/** The fields of ColumnSumsProblem in assembly/nn/columnSums.ts, in its order. */
export const columnSumsLayout = {
  out: 'i32',
  x: 'i32',
  rows: 'i32',
  columns: 'i32',
  stride: 'i32',
} as const satisfies Record<string, Field>;

/**
 * out [columns] = sum of the rows of x, float32: rows of `columns` numbers, `stride` numbers apart (default: side by side).
 * `out` and `x` are addresses. Throws OutOfMemoryError.
 */
export function sumColumns(
  heap: Heap,
  problem: { out: number; x: number; rows: number; columns: number; stride?: number },
): void {
  const all = { ...problem, stride: problem.stride ?? problem.columns };
  withFrame(heap, columnSumsLayout, all, {}, ({ address }) => runTasks(heap, 'columnSums', address));
}
