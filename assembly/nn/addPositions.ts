// A vector for each position added to all samples.

import { madd } from '../simd/vector';

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
  const positions = p.positions, scale = p.scale;
  const scales = f32x4.splat(scale);
  let i: usize = 0;
  for (; i < whole; i += 16) {
    const value = v128.load(x + i);
    v128.store(y + i, positions ? madd(value, scales, v128.load(positions + i)) : f32x4.mul(value, scales));
  }
  for (; i < bytes; i += 4) store<f32>(y + i, load<f32>(x + i) * scale + (positions ? load<f32>(positions + i) : 0));
}
