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
} as const satisfies Record<string, Field>;

/** out [columns] = sum of the rows of x [rows, columns], float32, at these addresses. Throws OutOfMemoryError. */
export function sumColumns(heap: Heap, problem: Record<keyof typeof columnSumsLayout, number>): void {
  withFrame(heap, columnSumsLayout, problem, {}, ({ address }) => runTasks(heap, 'columnSums', address));
}
