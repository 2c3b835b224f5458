// Gradients of the outputs as operands of the backward pass.

import { packRightPanels, rightPanelsCount } from '../gemm/pack';
import { copyRow, zeroRow } from '../simd/copy';
import { loadLanes, storeLanes } from '../simd/lanes';
import { normal } from '../simd/powers';
import { above, leastProduct, ONE, SMALLEST_NORMAL } from '../simd/subnormal';
import { madd, sumLanes } from '../simd/vector';
import { joinSizes } from '../simd/sizes';
import { takeGradientShift } from './shifts';
import { fitPacked, isCalm, measureRows, normalRows, valuesCalm, valueShift, valueShiftOf } from './sizes';
import { AttentionProblem, headOf, Kernel, rowFactors, rowMaxima, valueColumns } from './problem';
import { BLOCK_QUERIES, paddedStep, rightOperand } from './tiles';
import { Workspace } from './workspace';

/**
 * dOut of a block as both operands, and maxima, factors and delta of its rows; rows beyond its last get those of a row
 * that sees no key: weights of 0.
 */
export function prepareGradients(p: AttentionProblem, w: Workspace, b: i32, h: i32, firstQuery: i32, rows: i32): void {
  const whole = <usize>rows << 2;
  const step = p.outRow << 2;
  const offset = <usize>firstQuery * step;
  const dOut = headOf(p.dOut, b, p.outBatch, h, p.outHead) + offset;
  copyRow(w.maxima, rowMaxima(p, b, h, firstQuery), whole);
  copyRow(w.totals, rowFactors(p, b, h, firstQuery), whole);
  for (let i = whole; i < <usize>BLOCK_QUERIES << 2; i += 4) {
    store<f32>(w.maxima + i, Infinity);
    store<f32>(w.totals + i, 0);
    store<f32>(w.delta + i, 0);
  }
  w.dOutStep = paddedStep(valueColumns(p));
  const linear = p.kernel == Kernel.LINEAR;
  if (linear) {
    w.dOutRows = w.dOutCopy;
    gradientOfSums(p, w, dOut, headOf(p.out, b, p.outBatch, h, p.outHead) + offset, rows);
  } else {
    w.dOutRows = rightOperand(w.dOutCopy, dOut, rows, p.valueWidth, step);
  }
  const sizes = packRightPanels(w.dOutPacked, w.dOutRows, rows, valueColumns(p), w.dOutStep, 4);
  const shift = takeGradientShift(p, w, valueShiftOf(sizes), sizes);
  fitPacked(w.dOutPacked, rightPanelsCount(rows, valueColumns(p)), sizes, shift, !valuesCalm(w));
  w.dOutRows = normalRows(w.dOutCopy, w.dOutRows, rows, valueColumns(p), w.dOutStep, sizes, shift, !isCalm(sizes));
  if (!linear) sumProducts(p, w, b, h, firstQuery, rows);
  w.gradientsCalm = isCalm(sizes);
  const rest = joinSizes(measureRows(w.totals, 1, rows, 0), measureRows(w.delta, 1, rows, 0));
  if (!(w.gradientsCalm && isCalm(rest))) w.selects = true;
}

/** w.delta = 2^shift rowsum(dOut * out), with the shift of the values, which is even. */
function sumProducts(p: AttentionProblem, w: Workspace, b: i32, h: i32, firstQuery: i32, rows: i32): void {
  const delta = w.delta, dOutStep = w.dOutStep;
  let dOut = w.dOutRows;
  // 2^160, which there is, is no float32.
  const half = reinterpret<f32>(((valueShift(w) >> 1) + 127) << 23);
  const step = p.outRow << 2, width = <usize>p.valueWidth << 2;
  let out = headOf(p.out, b, p.outBatch, h, p.outHead) + <usize>firstQuery * step;
  for (let i: usize = 0; i < <usize>rows << 2; i += 4, out += step, dOut += dOutStep) {
    let sums = f32x4.splat(0);
    let e: usize = 0;
    for (; e + 16 <= width; e += 16) sums = madd(v128.load(dOut + e), v128.load(out + e), sums);
    let sum = sumLanes(sums);
    for (; e < width; e += 4) sum += load<f32>(dOut + e) * load<f32>(out + e);
    store<f32>(delta + i, sum * half * half);
  }
}

/**
 * Rows of w.dOutCopy = [dOut, -delta] times the row's factor: the gradient of linear attention's sums; delta, in w.delta too,
 * with the shift of the values.
 */
function gradientOfSums(p: AttentionProblem, w: Workspace, dOut: usize, out: usize, rows: i32): void {
  const width = <usize>p.valueWidth << 2;
  const shift = <f64>reinterpret<f64>(<i64>(valueShift(w) + 1023) << 52);
  let row = w.dOutCopy;
  for (let i: usize = 0; i < <usize>rows << 2; i += 4, row += w.dOutStep, dOut += p.outRow << 2, out += p.outRow << 2) {
    const share = load<f32>(w.totals + i), factor = f32x4.splat(share), least = i32x4.splat(leastProduct(abs(share)) - ONE);
    let e: usize = 0;
    for (; e + 16 <= width; e += 16) v128.store(row + e, f32x4.mul(above(v128.load(dOut + e), least), factor));
    for (; e < width; e += 4) storeLanes<f32>(row + e, f32x4.mul(above(loadLanes<f32>(dOut + e), least), factor));
    const delta = normal(rowProduct(dOut, out, width) * shift);
    store<f32>(w.delta + i, delta);
    store<f32>(row + width, normal(-<f64>delta * <f64>share));
    zeroRow(row + width + 4, w.dOutStep - width - 4);
  }
}

/** The sum of x y in float64, where it neither overflows nor vanishes; x may be subnormal. */
function rowProduct(x: usize, y: usize, size: usize): f64 {
  const subnormal = i32x4.splat(size > 0 ? SMALLEST_NORMAL - 1 : 0);
  let low = f64x2.splat(0), high = f64x2.splat(0);
  let i: usize = 0;
  for (; i + 16 <= size; i += 16) {
    const a = above(v128.load(x + i), subnormal), b = v128.load(y + i);
    low = f64x2.add(low, f64x2.mul(f64x2.promote_low_f32x4(a), f64x2.promote_low_f32x4(b)));
    const a1 = v128.shuffle<i32>(a, a, 2, 3, 0, 1), b1 = v128.shuffle<i32>(b, b, 2, 3, 0, 1);
    high = f64x2.add(high, f64x2.mul(f64x2.promote_low_f32x4(a1), f64x2.promote_low_f32x4(b1)));
  }
  low = f64x2.add(low, high);
  let sum = f64x2.extract_lane(low, 0) + f64x2.extract_lane(low, 1);
  for (; i < size; i += 4) {
    sum += <f64>f32x4.extract_lane(above(loadLanes<f32>(x + i), subnormal), 0) * <f64>load<f32>(y + i);
  }
  return sum;
}
