// Weighted sums of two tensors: running statistics.

import { madd } from '../simd/vector';
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
  for (; i < whole; i += 16) v128.store(out + i, madd(v128.load(x + i), a, f32x4.mul(v128.load(y + i), b)));
  for (; i < end; i += 4) {
    const sum = madd(v128.load32_splat(x + i), a, f32x4.mul(v128.load32_splat(y + i), b));
    store<f32>(out + i, f32x4.extract_lane(sum, 0));
  }
}
