// Whether numbers are so small that sums of their products are finite.

import { largestSize } from '../simd/powers';

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
    if (largestSize(p.x + (<usize>first << 2), size) >= LIMIT) return 0;
  }
  return 1;
}
