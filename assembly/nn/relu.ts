// The gradient of ReLU. Its values come from the product before it (assembly/gemm/activation.ts).

import { spanBegin, spanEnd, spanTasks } from '../threads/spans';

/** dX = dY where y = relu(x) is above 0, else 0. */
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
  for (; i < whole; i += 16) {
    v128.store(dX + i, v128.and(v128.load(dY + i), f32x4.gt(v128.load(y + i), f32x4.splat(0))));
  }
  for (; i < end; i += 4) store<f32>(dX + i, load<f32>(y + i) > 0 ? load<f32>(dY + i) : 0);
}
