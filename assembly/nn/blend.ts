// Weighted sums of two tensors: running statistics.

import { loadLanes, storeLanes } from '../simd/lanes';
import { addNormalProduct, flush, times } from '../simd/subnormal';
import { spanBegin, spanEnd, spanTasks } from '../threads/spans';

/** out = a x + b y. */
@unmanaged
export class BlendProblem {
  x: usize;
  y: usize;
  out: usize;
  count: i32;
  a: f32;
  b: f32;
}

export function blendTasks(p: BlendProblem): i32 {
  return spanTasks(p.count);
}

export function blend(p: BlendProblem, task: i32, _: usize): void {
  const x = p.x, y = p.y, out = p.out;
  const a = f32x4.splat(p.a), b = f32x4.splat(p.b);
  const end = spanEnd(p.count, task), whole = end & ~15;
  let i = spanBegin(task);
  for (; i < whole; i += 16) blendLanes<v128>(out + i, x + i, a, y + i, b);
  for (; i < end; i += 4) blendLanes<f32>(out + i, x + i, a, y + i, b);
}

@inline
function blendLanes<T>(out: usize, x: usize, a: v128, y: usize, b: v128): void {
  storeLanes<T>(out, addNormalProduct(times(flush(loadLanes<T>(y)), b), flush(loadLanes<T>(x)), a));
}
