// A vector for each position, added to all samples.

import { loadLanes, storeLanes } from '../simd/lanes';
import { addNormalProduct, flush, times } from '../simd/subnormal';

/** y = scale x + positions; x [batch, size], positions [size]. */
@unmanaged
export class AddPositionsProblem {
  x: usize;
  /** 0: none. @optional */
  positions: usize;
  y: usize;
  batch: i32;
  /** Numbers of one sample. */
  size: i32;
  scale: f32;
}

export function addPositionsTasks(p: AddPositionsProblem): i32 {
  return p.batch;
}

/** One sample. */
export function addPositions(p: AddPositionsProblem, task: i32, _: usize): void {
  const bytes = <usize>p.size << 2, whole = bytes & ~15;
  const x = p.x + <usize>task * bytes, y = p.y + <usize>task * bytes;
  const positions = p.positions, scale = f32x4.splat(p.scale);
  let i: usize = 0;
  for (; i < whole; i += 16) addPosition<v128>(y, x, scale, positions, i);
  for (; i < bytes; i += 4) addPosition<f32>(y, x, scale, positions, i);
}

@inline
function addPosition<T>(y: usize, x: usize, scale: v128, positions: usize, i: usize): void {
  const value = flush(loadLanes<T>(x + i));
  storeLanes<T>(y + i, positions ? addNormalProduct(flush(loadLanes<T>(positions + i)), value, scale) : times(value, scale));
}
