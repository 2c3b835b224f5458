// Padding set to 0; its own gradient.

import { copyRow, zeroRow } from '../simd/copy';

/** y = x [batch, positions, columns] with 0 from lengths[b] on. */
@unmanaged
export class MaskPositionsProblem {
  x: usize;
  y: usize;
  /** int32 [batch] */
  lengths: usize;
  batch: i32;
  positions: i32;
  columns: i32;
}

export function maskPositionsTasks(p: MaskPositionsProblem): i32 {
  return p.batch;
}

/** One sample. */
export function maskPositions(p: MaskPositionsProblem, task: i32, _: usize): void {
  const row = <usize>p.columns << 2;
  const sample = <usize>p.positions * row, offset = <usize>task * sample;
  const valid = <usize>load<i32>(p.lengths + (<usize>task << 2)) * row;
  copyRow(p.y + offset, p.x + offset, valid);
  zeroRow(p.y + offset + valid, sample - valid);
}
