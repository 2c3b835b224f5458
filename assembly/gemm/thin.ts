// Products with few rows (a batch of one at inference): every element of B is used so rarely that packing it would cost
// more than the product. B is read once, in its own order.

import { copyRow, zeroRow } from '../simd/copy';
import { loadLanes, storeLanes } from '../simd/lanes';
import { madd, sumLanes } from '../simd/vector';
import { ProductProblem } from './problem';

/** Up to this many rows a product is thin. */
export const THIN_ROWS: i32 = 4;

/** Scratch of a thin product: its rows of A, contiguous. */
@inline
export function thinScratch(p: ProductProblem): usize {
  return (<usize>p.depth << 2) + 16;
}

/**
 * Columns begin .. end - 1 of one product of the batch, c = a b + bias; `row` is scratch for one row of A. c, b and bias
 * point at column 0.
 */
export function thinProduct(
  p: ProductProblem, a: usize, b: usize, c: usize, bias: usize, begin: i32, end: i32, row: usize,
): void {
  const first = <usize>begin << 2;
  const size = <usize>(end - begin) << 2;
  b += first * p.bColumn;
  for (let i = 0; i < p.rows; i++, a += p.aRow << 2, c += <usize>p.columns << 2) {
    for (let t: usize = 0; t < <usize>p.depth; t++) {
      store<f32>(row + (t << 2), load<f32>(a + ((t * p.aTerm) << 2)));
    }
    if (bias) copyRow(c + first, bias + first, size);
    else zeroRow(c + first, size);
    if (p.bColumn == 1) addRows(c + first, row, b, p.depth, p.bTerm << 2, size);
    else addDots(c + first, row, b, p.depth, p.bColumn << 2, end - begin);
  }
}

/** c += sum_t x[t] B[t], rows of B `stride` bytes apart: four rows of B in one pass over c. */
function addRows(c: usize, x: usize, b: usize, depth: i32, stride: usize, size: usize): void {
  const whole = size & ~15;
  let t = 0;
  for (; t + 4 <= depth; t += 4, x += 16, b += 4 * stride) {
    const x0 = v128.load32_splat(x), x1 = v128.load32_splat(x, 4);
    const x2 = v128.load32_splat(x, 8), x3 = v128.load32_splat(x, 12);
    let n: usize = 0;
    for (; n < whole; n += 16) addFourTerms<v128>(c + n, b + n, stride, x0, x1, x2, x3);
    for (; n < size; n += 4) addFourTerms<f32>(c + n, b + n, stride, x0, x1, x2, x3);
  }
  for (; t < depth; t++, x += 4, b += stride) {
    const x0 = v128.load32_splat(x);
    let n: usize = 0;
    for (; n < whole; n += 16) addTerm<v128>(c + n, b + n, x0);
    for (; n < size; n += 4) addTerm<f32>(c + n, b + n, x0);
  }
}

@inline
function addFourTerms<T>(c: usize, b: usize, stride: usize, x0: v128, x1: v128, x2: v128, x3: v128): void {
  const b1 = b + stride, b2 = b1 + stride, b3 = b2 + stride;
  const first = madd(x1, loadLanes<T>(b1), madd(x0, loadLanes<T>(b), loadLanes<T>(c)));
  storeLanes<T>(c, madd(x3, loadLanes<T>(b3), madd(x2, loadLanes<T>(b2), first)));
}

@inline
function addTerm<T>(c: usize, b: usize, x: v128): void {
  storeLanes<T>(c, madd(x, loadLanes<T>(b), loadLanes<T>(c)));
}

/** c[n] += x . B[n], rows of B `stride` bytes apart. */
function addDots(c: usize, x: usize, b: usize, depth: i32, stride: usize, columns: i32): void {
  const size = <usize>depth << 2;
  const whole = size & ~15;
  for (let n = 0; n < columns; n++, c += 4, b += stride) {
    let sum0 = f32x4.splat(0), sum1 = f32x4.splat(0), sum2 = f32x4.splat(0), sum3 = f32x4.splat(0);
    let t: usize = 0;
    // Four sums hide the latency of the additions.
    for (; t + 64 <= size; t += 64) {
      sum0 = madd(v128.load(x + t), v128.load(b + t), sum0);
      sum1 = madd(v128.load(x + t, 16), v128.load(b + t, 16), sum1);
      sum2 = madd(v128.load(x + t, 32), v128.load(b + t, 32), sum2);
      sum3 = madd(v128.load(x + t, 48), v128.load(b + t, 48), sum3);
    }
    for (; t < whole; t += 16) sum0 = madd(v128.load(x + t), v128.load(b + t), sum0);
    let sum = sumLanes(f32x4.add(f32x4.add(sum0, sum1), f32x4.add(sum2, sum3)));
    for (; t < size; t += 4) sum += load<f32>(x + t) * load<f32>(b + t);
    store<f32>(c, load<f32>(c) + sum);
  }
}
