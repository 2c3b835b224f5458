// Sums of rows by segment on the heap, for the gradients of look-ups.

import type { Heap } from '../runtime/heap.js';
import type { Pointer } from '../runtime/pointer.js';
import { withProblem } from '../runtime/problem.js';

/**
 * table [count, width] = the sums of the rows of rowValues [rows, width], float32, with each index, int32 [rows]. However many
 * rows a segment has, its sum is that of float64, but for the roundings within blocks of 32 rows. Throws OutOfMemoryError.
 */
export function sumSegments(
  heap: Heap,
  values: { rowValues: Pointer; table: Pointer; indices: Pointer; rows: number; count: number; width: number },
): void {
  heap.withScratch(4 * (values.count + values.rows), (heads) =>
    withProblem(heap, 'SegmentsProblem', { ...values, heads, next: heads + 4 * values.count }, (problem) => {
      problem.call('linkRows');
      problem.run('segmentSum');
    }),
  );
}
