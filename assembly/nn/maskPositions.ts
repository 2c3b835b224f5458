// Padding set to 0, its own gradient; or only what would do harm there.

import { copyRow, zeroRow } from '../simd/copy';
import { loadLanes, storeLanes } from '../simd/lanes';

/** y = x [batch, positions, columns] with 0 from lengths[b] on, but for numbers of a size below `kept` there. */
@unmanaged
export class MaskPositionsProblem {
  x: usize;
  y: usize;
  /** int32 [batch] */
  lengths: usize;
  batch: i32;
  positions: i32;
  columns: i32;
  /** @optional */
  kept: f32;
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
  if (p.kept == 0) zeroRow(p.y + offset + valid, sample - valid);
  else clearHarmful(p.y + offset + valid, p.x + offset + valid, sample - valid, reinterpret<i32>(p.kept));
}

/** y = x with 0 where the bits of a size are not below `kept`. */
function clearHarmful(y: usize, x: usize, size: usize, kept: i32): void {
  const most = i32x4.splat(kept);
  let i: usize = 0;
  for (; i + 16 <= size; i += 16) keepLanes<v128>(y + i, x + i, most);
  for (; i < size; i += 4) keepLanes<f32>(y + i, x + i, most);
}

@inline
function keepLanes<T>(y: usize, x: usize, most: v128): void {
  const value = loadLanes<T>(x);
  storeLanes<T>(y, v128.and(value, i32x4.lt_s(f32x4.abs(value), most)));
}
