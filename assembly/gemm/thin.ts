// Products with few rows (a batch of one at inference): every element of B is used so rarely that packing it would cost
// more than the product. B is read once, in its own order.

import { copyRow, zeroRow } from '../simd/copy';
import { loadLanes, storeLanes } from '../simd/lanes';
import { INFINITY, scaleAbove } from '../simd/sizes';
import { flush, flushRow, SMALLEST_NORMAL } from '../simd/subnormal';
import { madd, sumLanes } from '../simd/vector';
import { ProductProblem } from './problem';
import { addUnscaled } from './range';

/** Up to this many rows a product is thin. */
export const THIN_ROWS: i32 = 4;

/**
 * The sum of the bits of two numbers above which their product is at least 2^-78, so that no sum of products is subnormal
 * (see range.ts); a smaller product is left out.
 */
const LEAST_SUM: i32 = 0x58000000;
/** A row of A with smaller numbers is scaled, so that its largest is from 2^59 to 2^60: the latter's bits. */
const SCALED_ROW: i32 = 0x5d800000;

/** Scratch of a thin product: a row of A, contiguous, what B's numbers have to exceed beside it, and a row of C. */
@inline
export function thinScratch(p: ProductProblem): usize {
  return (2 * <usize>p.depth + <usize>p.columns) << 2;
}

/**
 * Columns begin .. end - 1 of one product of the batch, c = a b + bias. c, b and bias point at column 0.
 */
export function thinProduct(
  p: ProductProblem, a: usize, b: usize, c: usize, bias: usize, begin: i32, end: i32, scratch: usize,
): void {
  const first = <usize>begin << 2;
  const size = <usize>(end - begin) << 2;
  const row = scratch, sums = row + (<usize>p.depth << 3);
  b += first * p.bColumn;
  c += first;
  if (bias) bias += first;
  for (let i = 0; i < p.rows; i++, a += p.aRow << 2, c += <usize>p.columns << 2) {
    const shift = copyScaled(row, a, p.depth, p.aTerm << 2);
    if (shift) {
      zeroRow(sums, size);
      addProducts(p, sums, row, b, size);
      if (isFinite(sums, size)) {
        if (bias) flushRow(c, bias, size);
        else zeroRow(c, size);
        addUnscaled(c, 0, c, 0, sums, 0, 1, size, shift);
        continue;
      }
      // Numbers of B are so large that only the row as it is will do.
      scaleAbove(row, p.depth, 0, -shift);
    }
    if (bias) flushRow(c, bias, size);
    else zeroRow(c, size);
    addProducts(p, c, row, b, size);
  }
}

/** A row of A, 0 for its subnormal numbers. Returns the power of two that it is multiplied by. */
function copyScaled(row: usize, a: usize, depth: i32, step: usize): i32 {
  const size = <usize>depth << 2;
  let most = 0;
  for (let t: usize = 0; t < size; t += 4, a += step) {
    storeLanes<f32>(row + t, flush(loadLanes<f32>(a)));
    most = max(most, load<i32>(row + t) & 0x7fffffff);
  }
  const shift = (SCALED_ROW - most) >> 23;
  if (most == 0 || shift <= 0) return 0;
  scaleAbove(row, <usize>depth, 0, shift);
  return shift;
}

function isFinite(x: usize, size: usize): bool {
  for (let i: usize = 0; i < size; i += 4) if ((load<i32>(x + i) & 0x7fffffff) >= INFINITY) return false;
  return true;
}

/**
 * What the bits of a number's size have to exceed for its product with x to count. With fused multiply-adds a product is
 * nothing by itself: all normal numbers count.
 */
@inline
function leastBeside(x: v128, least: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return least;
  return i32x4.max_s(i32x4.sub(i32x4.splat(LEAST_SUM), f32x4.abs(x)), least);
}

/** The bits that are just not those of a normal number. A literal would be built anew in each round of a loop by V8. */
@inline
function notNormal(depth: i32): v128 {
  return i32x4.splat(depth > 0 ? SMALLEST_NORMAL - 1 : 0);
}

/** The numbers at `b`, 0 where they are too small. */
@inline
function counting<T>(b: usize, least: v128): v128 {
  const numbers = loadLanes<T>(b);
  return v128.and(numbers, i32x4.gt_s(f32x4.abs(numbers), least));
}

/** c += row B, `size` bytes of it. */
@inline
function addProducts(p: ProductProblem, c: usize, row: usize, b: usize, size: usize): void {
  if (p.bColumn == 1) addRows(c, row, b, p.depth, p.bTerm << 2, size);
  else addDots(c, row, b, p.depth, p.bColumn << 2, size);
}

/** c += sum_t x[t] B[t], rows of B `stride` bytes apart: four rows of B in one pass over c. */
function addRows(c: usize, x: usize, b: usize, depth: i32, stride: usize, size: usize): void {
  const whole = size & ~15;
  const least = notNormal(depth);
  let t = 0;
  for (; t + 4 <= depth; t += 4, x += 16, b += 4 * stride) {
    const x0 = v128.load32_splat(x), x1 = v128.load32_splat(x, 4);
    const x2 = v128.load32_splat(x, 8), x3 = v128.load32_splat(x, 12);
    const l0 = leastBeside(x0, least), l1 = leastBeside(x1, least);
    const l2 = leastBeside(x2, least), l3 = leastBeside(x3, least);
    let n: usize = 0;
    for (; n < whole; n += 16) addFourTerms<v128>(c + n, b + n, stride, x0, x1, x2, x3, l0, l1, l2, l3);
    for (; n < size; n += 4) addFourTerms<f32>(c + n, b + n, stride, x0, x1, x2, x3, l0, l1, l2, l3);
  }
  for (; t < depth; t++, x += 4, b += stride) {
    const x0 = v128.load32_splat(x), l0 = leastBeside(x0, least);
    let n: usize = 0;
    for (; n < whole; n += 16) addTerm<v128>(c + n, b + n, x0, l0);
    for (; n < size; n += 4) addTerm<f32>(c + n, b + n, x0, l0);
  }
}

@inline
function addFourTerms<T>(
  c: usize, b: usize, stride: usize, x0: v128, x1: v128, x2: v128, x3: v128, l0: v128, l1: v128, l2: v128, l3: v128,
): void {
  const b1 = b + stride, b2 = b1 + stride, b3 = b2 + stride;
  const first = madd(x1, counting<T>(b1, l1), madd(x0, counting<T>(b, l0), loadLanes<T>(c)));
  storeLanes<T>(c, madd(x3, counting<T>(b3, l3), madd(x2, counting<T>(b2, l2), first)));
}

@inline
function addTerm<T>(c: usize, b: usize, x: v128, least: v128): void {
  storeLanes<T>(c, madd(x, counting<T>(b, least), loadLanes<T>(c)));
}

/** c[n] += x . B[n], `bytes` of them, rows of B `stride` bytes apart. Behind x is room for as many numbers. */
function addDots(c: usize, x: usize, b: usize, depth: i32, stride: usize, bytes: usize): void {
  const size = <usize>depth << 2;
  const whole = size & ~15;
  const least = x + size, normal = notNormal(depth);
  for (let t: usize = 0; t < size; t += 4) storeLanes<f32>(least + t, leastBeside(loadLanes<f32>(x + t), normal));
  for (const end = c + bytes; c != end; c += 4, b += stride) {
    let sum0 = f32x4.splat(0), sum1 = f32x4.splat(0), sum2 = f32x4.splat(0), sum3 = f32x4.splat(0);
    let t: usize = 0;
    // Four sums hide the latency of the additions.
    for (; t + 64 <= size; t += 64) {
      sum0 = addTerms<v128>(sum0, x + t, b + t, least + t, normal);
      sum1 = addTerms<v128>(sum1, x + t + 16, b + t + 16, least + t + 16, normal);
      sum2 = addTerms<v128>(sum2, x + t + 32, b + t + 32, least + t + 32, normal);
      sum3 = addTerms<v128>(sum3, x + t + 48, b + t + 48, least + t + 48, normal);
    }
    for (; t < whole; t += 16) sum0 = addTerms<v128>(sum0, x + t, b + t, least + t, normal);
    let sum = sumLanes(f32x4.add(f32x4.add(sum0, sum1), f32x4.add(sum2, sum3)));
    for (; t < size; t += 4) {
      sum += f32x4.extract_lane(addTerms<f32>(f32x4.splat(0), x + t, b + t, least + t, normal), 0);
    }
    store<f32>(c, load<f32>(c) + sum);
  }
}

@inline
function addTerms<T>(sum: v128, x: usize, b: usize, least: usize, normal: v128): v128 {
  return madd(loadLanes<T>(x), counting<T>(b, ASC_FEATURE_RELAXED_SIMD ? normal : loadLanes<T>(least)), sum);
}
