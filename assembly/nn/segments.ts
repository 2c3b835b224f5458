// Rows of a table by index, and sums over segments, their gradient.

import { copyRow, zeroRow } from '../simd/copy';
import { addRow } from '../simd/rows';
import { blockRows, blockTasks } from '../threads/rowBlocks';
import { stripBegin, stripSize, stripTasks } from '../threads/strips';

@unmanaged
export class SegmentsProblem {
  /** float32 [rows, width] */
  rowValues: usize;
  /** float32 [count, width] */
  table: usize;
  /** int32 [rows] */
  indices: usize;
  rows: i32;
  count: i32;
  width: i32;
}

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
  const first = task * blockRows(p.rows, p.width), end = min(p.rows, first + blockRows(p.rows, p.width));
  for (let i = first; i < end; i++) copyRow(p.rowValues + <usize>i * size, p.table + <usize>indexOf(p, i) * size, size);
}

export function segmentSumTasks(p: SegmentsProblem): i32 {
  return stripTasks(p.width);
}

/**
 * table[s] = sum of the rows i with indices[i] = s, one strip of columns. Rows whose index lies outside 0 .. count - 1 are
 * left out, as tfjs-core documents. The sum runs in the order of the rows.
 */
export function segmentSum(p: SegmentsProblem, task: i32, _: usize): void {
  const begin = stripBegin(task), size = stripSize(p.width, task);
  const step = <usize>p.width << 2;
  let out = p.table + begin, x = p.rowValues + begin;
  for (let s = p.count; s > 0; s--, out += step) zeroRow(out, size);
  out = p.table + begin;
  for (let i = 0; i < p.rows; i++, x += step) {
    const segment = indexOf(p, i);
    if (segment >= 0 && segment < p.count) addRow(out + <usize>segment * step, x, size);
  }
}
