// Gradients of the outputs as operands of the backward pass.

import { packRightPanels, rightPanelsCount } from '../gemm/pack';
import { copyRow, zeroRow } from '../simd/copy';
import { madd, sumLanes } from '../simd/vector';
import { joinSizes } from '../simd/sizes';
import { takeGradientShift } from './shifts';
import { fitPacked, gradientShiftOf, isCalm, measureRows, normalRows, valuesCalm, valueShift } from './sizes';
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
  if (p.kernel == Kernel.LINEAR) {
    sumProducts(p, w.delta, dOut, step, b, h, firstQuery, rows, 0);
    w.dOutRows = w.dOutCopy;
    gradientOfSums(p, w, dOut, rows);
  } else {
    w.dOutRows = rightOperand(w.dOutCopy, dOut, rows, p.valueWidth, step);
  }
  const linear = p.kernel == Kernel.LINEAR;
  const sizes = packRightPanels(w.dOutPacked, w.dOutRows, rows, valueColumns(p), w.dOutStep, 4);
  const shift = takeGradientShift(p, w, linear ? 0 : gradientShiftOf(sizes), sizes);
  const alone = linear || !valuesCalm(w);
  fitPacked(w.dOutPacked, rightPanelsCount(rows, valueColumns(p)), sizes, shift, alone);
  w.dOutRows = normalRows(w.dOutCopy, w.dOutRows, rows, valueColumns(p), w.dOutStep, sizes, shift);
  if (!linear) sumProducts(p, w.delta, w.dOutRows, w.dOutStep, b, h, firstQuery, rows, valueShift(w));
  w.gradientsCalm = isCalm(sizes);
  const rest = joinSizes(measureRows(w.totals, 1, rows, 0), measureRows(w.delta, 1, rows, 0));
  if (!(w.gradientsCalm && isCalm(rest))) w.selects = true;
}

/** delta = 2^shift rowsum(dOut * out), the shift even */
function sumProducts(
  p: AttentionProblem, delta: usize, dOut: usize, dOutStep: usize, b: i32, h: i32, firstQuery: i32, rows: i32, shift: i32,
): void {
  // 2^160, which there is, is no float32.
  const half = reinterpret<f32>(((shift >> 1) + 127) << 23);
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

/** Rows of w.dOutCopy = [dOut, -delta] times the row's factor: the gradient of linear attention's sums. */
function gradientOfSums(p: AttentionProblem, w: Workspace, dOut: usize, rows: i32): void {
  const width = <usize>p.valueWidth << 2;
  let row = w.dOutCopy;
  for (let i: usize = 0; i < <usize>rows << 2; i += 4, row += w.dOutStep, dOut += p.outRow << 2) {
    const factor = load<f32>(w.totals + i);
    for (let e: usize = 0; e < width; e += 4) store<f32>(row + e, factor * load<f32>(dOut + e));
    store<f32>(row + width, -factor * load<f32>(w.delta + i));
    zeroRow(row + width + 4, w.dOutStep - width - 4);
  }
}
