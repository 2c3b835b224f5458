// Rows of a table by index, on the heap: what the kernels of gathers and of their gradients call.

import { withFrame } from '../runtime/frame.js';
import type { Heap } from '../runtime/heap.js';
import type { Field } from '../runtime/struct.js';
import { runTasks } from '../runtime/tasks.js';

/** The fields of SegmentsProblem in assembly/nn/segments.ts, in its order. */
export const segmentsLayout = {
  rowValues: 'i32',
  table: 'i32',
  indices: 'i32',
  rows: 'i32',
  count: 'i32',
  width: 'i32',
} as const satisfies Record<string, Field>;

/**
 * 'gatherRows': rowValues[i] = table[indices[i]]. 'segmentSum': table[s] = sum of the rows whose index is s. Addresses of
 * rowValues float32 [rows, width], table float32 [count, width], indices int32 [rows]. Throws OutOfMemoryError.
 */
export function runSegments(
  heap: Heap,
  name: 'gatherRows' | 'segmentSum',
  problem: Record<keyof typeof segmentsLayout, number>,
): void {
  withFrame(heap, segmentsLayout, problem, {}, ({ address }) => runTasks(heap, name, address));
}
