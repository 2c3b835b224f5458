// Dropout and the residual sum around it. Whether element i is kept is a hash of the seed and i, so that the gradient's
// pass finds the choice again: no mask is stored.

import { mix, mixLanes } from '../simd/hash';
import { loadLanes, storeLanes } from '../simd/lanes';
import { flush } from '../simd/subnormal';
import { spanBegin, spanEnd, spanTasks } from '../threads/spans';

/** out = base + dropped x. */
@unmanaged
export class DropoutProblem {
  x: usize;
  /** As x; 0: none. @optional */
  base: usize;
  out: usize;
  count: i32;
  seed: i32;
  /** Elements whose hash, as a signed number, is less are dropped. */
  keepFrom: i32;
  /** Of kept elements, 1 or more. */
  factor: f32;
}

export function dropoutTasks(p: DropoutProblem): i32 {
  return spanTasks(p.count);
}

/** The choices of element i come from first + i step: streams of different seeds differ in both. */
@inline
function firstOf(seed: i32): i32 {
  return <i32>mix(<u32>seed + 0x9e3779b9);
}

@inline
function stepOf(seed: i32): i32 {
  return <i32>(mix(<u32>seed + 0x3c6ef372) | 1);
}

/** One span. */
export function dropout(p: DropoutProblem, task: i32, _: usize): void {
  const x = p.x, base = p.base, out = p.out;
  const end = spanEnd(p.count, task), whole = end & ~15;
  let i = spanBegin(task);
  const step = stepOf(p.seed);
  const from = i32x4.splat(p.keepFrom), factor = f32x4.splat(p.factor);
  const next = i32x4.splat(step), nextFour = i32x4.splat(step << 2);
  let places = i32x4.add(
    i32x4.splat(firstOf(p.seed) + <i32>(i >> 2) * step), i32x4.mul(i32x4.splat(step), i32x4(0, 1, 2, 3)),
  );
  for (; i < whole; i += 16, places = i32x4.add(places, nextFour)) dropLanes<v128>(out, base, x, factor, places, from, i);
  for (; i < end; i += 4, places = i32x4.add(places, next)) dropLanes<f32>(out, base, x, factor, places, from, i);
}

@inline
function dropLanes<T>(out: usize, base: usize, x: usize, factor: v128, places: v128, from: v128, i: usize): void {
  const kept = v128.and(f32x4.mul(flush(loadLanes<T>(x + i)), factor), i32x4.ge_s(mixLanes(places), from));
  storeLanes<T>(out + i, base ? f32x4.add(flush(loadLanes<T>(base + i)), kept) : kept);
}
