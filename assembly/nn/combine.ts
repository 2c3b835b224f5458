// Element by element: two operands, of which either may be broadcast. NaN in either gives NaN.

import { loadLanes, storeLanes } from '../simd/lanes';
import { flush, times } from '../simd/subnormal';
import { spanBegin, spanEnd, spanTasks } from '../threads/spans';

export enum Combination {
  MAXIMUM,
  MINIMUM,
  /** x where it is not negative, else slope x. */
  PRELU,
}

/** out[r, c] = combination(a[aOffsets[r] + c aStep], b[bOffsets[r] + c bStep]), float32. */
@unmanaged
export class CombineProblem {
  out: usize;
  a: usize;
  b: usize;
  /** int32 [rows]: element offset of each row. */
  aOffsets: usize;
  bOffsets: usize;
  rows: i32;
  columns: i32;
  /** 1, or 0 where one number holds for a row. */
  aStep: usize;
  bStep: usize;
  /** One of Combination. */
  combination: i32;
}

export function combineTasks(p: CombineProblem): i32 {
  return spanTasks(p.rows * p.columns);
}

/** One span of the output. */
export function combine(p: CombineProblem, task: i32, _: usize): void {
  const end = <i32>(spanEnd(p.rows * p.columns, task) >> 2);
  let i = <i32>(spanBegin(task) >> 2);
  while (i < end) {
    const row = i / p.columns, column = i % p.columns;
    const count = min(p.columns - column, end - i);
    const a = p.a + ((<usize>load<i32>(p.aOffsets + (<usize>row << 2)) + <usize>column * p.aStep) << 2);
    const b = p.b + ((<usize>load<i32>(p.bOffsets + (<usize>row << 2)) + <usize>column * p.bStep) << 2);
    const out = p.out + (<usize>i << 2), size = <usize>count << 2;
    if (p.combination == Combination.MAXIMUM) combineRow<Maximum>(out, a, p.aStep, b, p.bStep, size);
    else if (p.combination == Combination.MINIMUM) combineRow<Minimum>(out, a, p.aStep, b, p.bStep, size);
    else combineRow<Prelu>(out, a, p.aStep, b, p.bStep, size);
    i += count;
  }
}

// Names of the formulas.
class Maximum {}
class Minimum {}
class Prelu {}

@inline
function combineRow<Formula>(out: usize, a: usize, aStep: usize, b: usize, bStep: usize, size: usize): void {
  let i: usize = 0;
  if (aStep && bStep) {
    for (; i + 16 <= size; i += 16) storeLanes<v128>(out + i, formula<Formula>(v128.load(a + i), v128.load(b + i)));
  } else if (aStep) {
    const y = v128.load32_splat(b);
    for (; i + 16 <= size; i += 16) storeLanes<v128>(out + i, formula<Formula>(v128.load(a + i), y));
  } else {
    const x = v128.load32_splat(a);
    for (; i + 16 <= size; i += 16) {
      storeLanes<v128>(out + i, formula<Formula>(x, bStep ? v128.load(b + i) : v128.load32_splat(b)));
    }
  }
  for (; i < size; i += 4) {
    storeLanes<f32>(out + i, formula<Formula>(loadLanes<f32>(a + i * aStep), loadLanes<f32>(b + i * bStep)));
  }
}

@inline
function formula<Formula>(x: v128, y: v128): v128 {
  if (idof<Formula>() == idof<Prelu>()) {
    return v128.bitselect(times(flush(x), flush(y)), x, f32x4.lt(x, f32x4.splat(0)));
  }
  // pmax and pmin give x where x is NaN.
  const z = idof<Formula>() == idof<Maximum>() ? f32x4.pmax(x, y) : f32x4.pmin(x, y);
  return v128.bitselect(y, z, f32x4.ne(y, y));
}
