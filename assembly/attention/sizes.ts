// How large the operands of the products are. Products multiply what is hidden by 0, which is nothing only where it is
// finite, and so is its product with whatever it meets. Where an operand may be neither, the pass selects (selection.ts).

import { Workspace } from './workspace';

/** Bits of 2^40. Sums of products of such numbers, with scale and further factors, are finite by a wide margin. */
const MOST: i32 = 0x53800000;
/** The largest scale of scores for which that is so: scores below 2^102 change no finite number of a mask to -Infinity. */
const MOST_SCALE: f32 = 4096;

/** Whether the scores' scale leaves products of calm operands finite. */
@inline
export function isCalmScale(scale: f32): bool {
  return abs(scale) <= MOST_SCALE;
}

@inline
export function keysCalm(w: Workspace): bool {
  return load<i32>(w.calm) != 0;
}

@inline
export function valuesCalm(w: Workspace): bool {
  return load<i32>(w.calm, 4) != 0;
}

/** Whether all numbers in `count` rows of `width` floats, `step` bytes apart, are below 2^40 in size; NaN is not. */
export function isCalm(rows: usize, count: i32, width: i32, step: usize): bool {
  let size = <usize>width << 2;
  if (step == size) {
    // One long row.
    size *= <usize>count;
    count = 1;
  }
  const whole = size & ~31;
  // Sizes compare as integers do.
  let most0 = i32x4.splat(0), most1 = i32x4.splat(0);
  for (; count > 0; count--, rows += step) {
    let x = rows;
    for (const end = rows + whole; x != end; x += 32) {
      most0 = i32x4.max_s(most0, f32x4.abs(v128.load(x)));
      most1 = i32x4.max_s(most1, f32x4.abs(v128.load(x, 16)));
    }
    for (const end = rows + size; x != end; x += 4) most0 = i32x4.max_s(most0, f32x4.abs(v128.load32_splat(x)));
  }
  return !v128.any_true(i32x4.ge_s(i32x4.max_s(most0, most1), i32x4.splat(MOST)));
}
