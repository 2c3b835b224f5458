// The gradient of ReLU. Its values come from the product before it (assembly/gemm/activation.ts).

import { loadLanes, storeLanes } from '../simd/lanes';
import { flush } from '../simd/subnormal';
import { spanBegin, spanEnd, spanTasks } from '../threads/spans';

/** dX = dY where y = relu(x) is above 0, or NaN, else 0. */
@unmanaged
export class ReluProblem {
  y: usize;
  dY: usize;
  dX: usize;
  count: i32;
}

export function reluBackwardTasks(p: ReluProblem): i32 {
  return spanTasks(p.count);
}

export function reluBackward(p: ReluProblem, task: i32, _: usize): void {
  const y = p.y, dY = p.dY, dX = p.dX;
  const end = spanEnd(p.count, task), whole = end & ~15;
  let i = spanBegin(task);
  for (; i < whole; i += 16) differentiateLanes<v128>(dX + i, dY + i, y + i);
  for (; i < end; i += 4) differentiateLanes<f32>(dX + i, dY + i, y + i);
}

@inline
function differentiateLanes<T>(dX: usize, dY: usize, y: usize): void {
  storeLanes<T>(dX, v128.andnot(flush(loadLanes<T>(dY)), f32x4.le(flush(loadLanes<T>(y)), f32x4.splat(0))));
}
