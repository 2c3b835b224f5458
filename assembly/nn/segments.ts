// Rows of a table by index, and sums over segments, their gradient.

import { copyRow, zeroRow } from '../simd/copy';
import { addToDoubles, roundDoubles } from '../simd/rows';
import { blockBegin, blockEnd, blockTasks } from '../threads/rowBlocks';
import { STRIP_BYTES, stripBegin, stripSize, stripTasks } from '../threads/strips';

@unmanaged
export class SegmentsProblem {
  /** float32 [rows, width] */
  rowValues: usize;
  /** float32 [count, width] */
  table: usize;
  /** int32 [rows] */
  indices: usize;
  /** int32 [count]: the first row of each segment, or NONE. @optional */
  heads: usize;
  /** int32 [rows]: the next row of the same segment, or NONE. @optional */
  next: usize;
  rows: i32;
  count: i32;
  width: i32;
}

/** The end of a list. */
const NONE: i32 = -1;

@inline
function indexOf(p: SegmentsProblem, row: i32): i32 {
  return load<i32>(p.indices + (<usize>row << 2));
}

export function gatherRowsTasks(p: SegmentsProblem): i32 {
  return blockTasks(p.rows, p.width);
}

/** rowValues[i] = table[indices[i]], one block of rows; indices must lie in the table. */
export function gatherRows(p: SegmentsProblem, task: i32, _: usize): void {
  const size = <usize>p.width << 2;
  const first = blockBegin(task, p.rows, p.width), end = blockEnd(task, p.rows, p.width);
  for (let i = first; i < end; i++) copyRow(p.rowValues + <usize>i * size, p.table + <usize>indexOf(p, i) * size, size);
}

/**
 * The rows of each segment as a list, in their order. Rows whose index lies outside 0 .. count - 1 are in none, as tfjs-core
 * documents.
 */
export function linkRows(p: SegmentsProblem): void {
  for (let s = 0; s < p.count; s++) store<i32>(p.heads + (<usize>s << 2), NONE);
  for (let i = p.rows - 1; i >= 0; i--) {
    const segment = indexOf(p, i);
    if (segment < 0 || segment >= p.count) continue;
    const head = p.heads + (<usize>segment << 2);
    store<i32>(p.next + (<usize>i << 2), load<i32>(head));
    store<i32>(head, i);
  }
}

export function segmentSumTasks(p: SegmentsProblem): i32 {
  return stripTasks(p.width);
}

/** A sum in float64. */
export function segmentSumScratch(_: SegmentsProblem): usize {
  return 2 * STRIP_BYTES;
}

/** table[s] = sum of the rows i with indices[i] = s, in their order, one strip of columns; needs the lists of linkRows. */
export function segmentSum(p: SegmentsProblem, task: i32, sums: usize): void {
  const begin = stripBegin(task), size = stripSize(p.width, task);
  const step = <usize>p.width << 2;
  const x = p.rowValues + begin;
  let out = p.table + begin;
  for (let s = 0; s < p.count; s++, out += step) {
    zeroRow(sums, size << 1);
    let row = load<i32>(p.heads + (<usize>s << 2));
    for (; row >= 0; row = load<i32>(p.next + (<usize>row << 2))) addToDoubles(sums, x + <usize>row * step, size);
    roundDoubles(out, sums, size);
  }
}
