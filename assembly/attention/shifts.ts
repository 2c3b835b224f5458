// The shifts of the sums of the backward pass. Those of keys and values are known before the first product; queries and
// gradients of outputs come block by block, and the least shift of the blocks so far is that of all.
//
//   dV has the gradients' shift;  dP, and what follows from it, that and the values';  dQ the keys' as well, dK the queries'

import { leastSize, INFINITY, scaleAbove, Sizes } from '../simd/sizes';
import { SMALLEST_NORMAL } from '../simd/subnormal';
import { AttentionProblem, valueColumns } from './problem';
import { valueShift } from './sizes';
import { paddedStep } from './tiles';
import { NO_SHIFT, Workspace } from './workspace';

/** `size` bytes of floats divided by 2^shift, in place; 0 where they become subnormal. */
export function unshift(x: usize, size: usize, shift: i32): void {
  if (shift <= 0) return;
  const least = <i32>min(<i64>INFINITY, <i64>SMALLEST_NORMAL + (<i64>shift << 23));
  scaleAbove(x, size >> 2, least, -shift);
}

/** The shift of dP and dS: of the gradients of weights and scores. */
@inline
export function scoreShift(w: Workspace): i32 {
  return max(w.gradientShift, 0) + valueShift(w);
}

/** Before the first block. */
export function clearShifts(w: Workspace): void {
  w.queryShift = NO_SHIFT;
  w.gradientShift = NO_SHIFT;
}

function unshiftKeys(p: AttentionProblem, w: Workspace, shift: i32): void {
  unshift(w.dKey, <usize>w.count * paddedStep(p.headWidth), shift);
}

function unshiftValues(p: AttentionProblem, w: Workspace, shift: i32): void {
  unshift(w.dValue, <usize>w.count * paddedStep(valueColumns(p)), shift);
}

/** The shift of the sums once a block of these sizes is in, which alone would have `shift`. */
function lesserShift(sums: i32, shift: i32, sizes: Sizes): i32 {
  if (leastSize(sizes) == INFINITY) return sums; // nothing but zeros
  return sums == NO_SHIFT ? shift : min(sums, shift);
}

/** A block of queries of these sizes comes, which alone would have `shift`: returns the shift that it takes. */
export function takeQueryShift(p: AttentionProblem, w: Workspace, shift: i32, sizes: Sizes): i32 {
  const now = lesserShift(w.queryShift, shift, sizes);
  unshiftKeys(p, w, w.queryShift - now);
  w.queryShift = now;
  return max(now, 0);
}

/** Likewise, a block of gradients of outputs. */
export function takeGradientShift(p: AttentionProblem, w: Workspace, shift: i32, sizes: Sizes): i32 {
  const now = lesserShift(w.gradientShift, shift, sizes);
  unshiftKeys(p, w, w.gradientShift - now);
  unshiftValues(p, w, w.gradientShift - now);
  w.gradientShift = now;
  return max(now, 0);
}

/** The sums as they are, once all blocks are in. */
export function unshiftSums(p: AttentionProblem, w: Workspace): void {
  unshiftKeys(p, w, scoreShift(w) + max(w.queryShift, 0));
  unshiftValues(p, w, w.gradientShift);
}
