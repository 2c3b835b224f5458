// Whether numbers are so small that sums of their products are finite.

import { greaterSize } from '../simd/sizes';

/** Bits of 2^40. */
const LIMIT: i32 = (127 + 40) << 23;
/** Numbers that are looked at before the answer may be known. */
const BLOCK: i32 = 4096;

@unmanaged
export class BoundedProblem {
  /** float32 [count] */
  x: usize;
  count: i32;
}

/** 1 where all numbers are below 2^40 in size, which NaN is not; else 0. */
export function isBounded(p: BoundedProblem): i32 {
  for (let first = 0; first < p.count; first += BLOCK) {
    const size = <usize>min(BLOCK, p.count - first) << 2;
    let x = p.x + (<usize>first << 2);
    const end = x + size, whole = x + (size & ~63);
    let most = i32x4.splat(0), other = most;
    for (; x != whole; x += 64) {
      most = greaterSize(greaterSize(most, v128.load(x)), v128.load(x, 16));
      other = greaterSize(greaterSize(other, v128.load(x, 32)), v128.load(x, 48));
    }
    most = i32x4.max_s(most, other);
    for (; x != end; x += 4) most = greaterSize(most, v128.load32_splat(x));
    if (v128.any_true(i32x4.ge_s(most, i32x4.splat(LIMIT)))) return 0;
  }
  return 1;
}
