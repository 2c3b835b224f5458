// Numbers held between two bounds.

import { loadLanes, storeLanes } from '../simd/lanes';
import { spanBegin, spanEnd, spanTasks } from '../threads/spans';

/** out = min(max(x, low), high), float32 [count]. NaN stays NaN. */
@unmanaged
export class ClipProblem {
  out: usize;
  x: usize;
  count: i32;
  low: f32;
  high: f32;
  /** float32 [count], for the gradient. @optional */
  dY: usize;
}

export function clipTasks(p: ClipProblem): i32 {
  return spanTasks(p.count);
}

/** One span. */
export function clip(p: ClipProblem, task: i32, _: usize): void {
  const low = f32x4.splat(p.low), high = f32x4.splat(p.high);
  const end = spanEnd(p.count, task);
  let i = spanBegin(task);
  for (; i + 16 <= end; i += 16) clipLanes<v128>(p.out + i, p.x + i, low, high);
  for (; i < end; i += 4) clipLanes<f32>(p.out + i, p.x + i, low, high);
}

/** In this order pmax and pmin keep a NaN. */
@inline
function clipLanes<T>(out: usize, x: usize, low: v128, high: v128): void {
  storeLanes<T>(out, f32x4.pmin(f32x4.pmax(loadLanes<T>(x), low), high));
}

export function clipBackwardTasks(p: ClipProblem): i32 {
  return spanTasks(p.count);
}

/** One span of out = dY where low <= x <= high, else 0; NaN where x is. */
export function clipBackward(p: ClipProblem, task: i32, _: usize): void {
  const low = f32x4.splat(p.low), high = f32x4.splat(p.high);
  const end = spanEnd(p.count, task);
  let i = spanBegin(task);
  for (; i + 16 <= end; i += 16) chooseLanes<v128>(p.out + i, p.x + i, p.dY + i, low, high);
  for (; i < end; i += 4) chooseLanes<f32>(p.out + i, p.x + i, p.dY + i, low, high);
}

@inline
function chooseLanes<T>(out: usize, x: usize, dY: usize, low: v128, high: v128): void {
  const value = loadLanes<T>(x);
  const inside = v128.and(f32x4.ge(value, low), f32x4.le(value, high));
  storeLanes<T>(out, v128.or(v128.and(loadLanes<T>(dY), inside), f32x4.ne(value, value)));
}
