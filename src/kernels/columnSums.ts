// Sums down the columns of a matrix on the heap, for kernels with a bias.

import type { Heap } from '../runtime/heap.js';
import type { Pointer } from '../runtime/pointer.js';
import { runProblem } from '../runtime/problem.js';

/**
 * out [columns] = sum of the rows of x, float32: rows of `columns` numbers, `stride` numbers apart (default: side by side).
 * Throws OutOfMemoryError.
 */
export function sumColumns(
  heap: Heap,
  problem: { out: Pointer; x: Pointer; rows: number; columns: number; stride?: number },
): void {
  runProblem(heap, 'columnSums', { ...problem, stride: problem.stride ?? problem.columns });
}
