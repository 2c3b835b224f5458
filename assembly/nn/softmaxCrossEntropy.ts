// The cross-entropy of a softmax, row by row, for targets t = kept label + spread:
//
//   S = sum of e^(z - max);   loss = sum of t (log S + max - z);   dz = (sum of t) e^(z - max) / S - t
//
// A logarithm for each row is left to the caller.

import { exp, LEAST_EXPONENT } from '../simd/exp2';
import { TABLE_BYTES, writeTable } from '../simd/table';
import { loadLanes, storeLanes } from '../simd/lanes';
import { normal } from '../simd/powers';
import { addNormalProduct, flush, flushBelow, times } from '../simd/subnormal';
import { sumLanes } from '../simd/vector';
import { blockBegin, blockEnd, blockTasks } from '../threads/rowBlocks';

@unmanaged
export class SoftmaxCrossEntropyProblem {
  /** float32 [rows, columns] */
  logits: usize;
  labels: usize;
  /** float32 [rows, 4]: max, S, the sum of t, and a quarter of the sum of t (max - z): it may itself be infinite. */
  statistics: usize;
  /** @optional */
  dLogits: usize;
  /** float32 [rows], of each row's gradient. @optional */
  factors: usize;
  rows: i32;
  columns: i32;
  kept: f32;
  spread: f32;
}

/** Numbers of a row's statistics. @shared */
const ROW_STATISTICS: i32 = 4;
const STATISTICS: usize = <usize>ROW_STATISTICS << 2;
/** Differences of any two finite numbers times this are finite. @shared */
const DISTANCE_UNIT: f32 = 0.25;

/** Bytes of a row whose terms are summed in float32, before they join a sum in float64: wide rows lose nothing. */
const BLOCK_BYTES: usize = 1024;

export function softmaxCrossEntropyTasks(p: SoftmaxCrossEntropyProblem): i32 {
  return blockTasks(p.rows, p.columns);
}

export function softmaxCrossEntropyScratch(_: SoftmaxCrossEntropyProblem): usize {
  return TABLE_BYTES;
}

/** The statistics of one block of rows. */
export function softmaxCrossEntropy(p: SoftmaxCrossEntropyProblem, task: i32, table: usize): void {
  writeTable(table);
  const size = <usize>p.columns << 2;
  const first = blockBegin(task, p.rows, p.columns), end = blockEnd(task, p.rows, p.columns);
  for (let row = first; row < end; row++) {
    const offset = <usize>row * size;
    sumRow(p, p.logits + offset, p.labels + offset, size, p.statistics + <usize>row * STATISTICS, table);
  }
}

function sumRow(
  p: SoftmaxCrossEntropyProblem, logits: usize, labels: usize, size: usize, statistics: usize, table: usize,
): void {
  const whole = size & ~15;
  const most = largest(logits, size), top = f32x4.splat(most);
  const kept = f32x4.splat(p.kept), spread = f32x4.splat(p.spread), zero = f32x4.splat(0);
  let powerSum: f64 = 0, targetSum: f64 = 0, distanceSum: f64 = 0;
  for (let begin: usize = 0; begin < whole; begin += BLOCK_BYTES) {
    const end = min(whole, begin + BLOCK_BYTES);
    let powers = zero, targets = zero, distances = zero;
    for (let i = begin; i < end; i += 16) {
      const logit = flush(loadLanes<v128>(logits + i)), below = belowTop(logit, top);
      const target = addNormalProduct(spread, flush(loadLanes<v128>(labels + i)), kept);
      powers = f32x4.add(powers, exp(below, table));
      targets = f32x4.add(targets, target);
      distances = f32x4.sub(distances, distance(target, logit, top));
    }
    powerSum += <f64>sumLanes(powers);
    targetSum += <f64>sumLanes(targets);
    distanceSum += <f64>sumLanes(distances);
  }
  for (let i = whole; i < size; i += 4) {
    const logit = flush(loadLanes<f32>(logits + i)), below = belowTop(logit, top);
    const target = addNormalProduct(spread, flush(loadLanes<f32>(labels + i)), kept);
    powerSum += <f64>f32x4.extract_lane(exp(below, table), 0);
    targetSum += <f64>f32x4.extract_lane(target, 0);
    distanceSum -= <f64>f32x4.extract_lane(distance(target, logit, top), 0);
  }
  store<f32>(statistics, most);
  store<f32>(statistics, <f32>powerSum, 4);
  store<f32>(statistics, <f32>targetSum, 8);
  store<f32>(statistics, <f32>distanceSum, 12);
}

/** z - max, z not subnormal; 0 below 2^-60, which the loss, a sum of logarithms, does not tell from 0. */
@inline
function belowTop(logits: v128, top: v128): v128 {
  return flushBelow(f32x4.sub(logits, top), LEAST_EXPONENT);
}

/** t (z - max) DISTANCE_UNIT; a logit of -Infinity costs nothing where nothing is expected. */
@inline
function distance(target: v128, logits: v128, top: v128): v128 {
  const unit = f32x4.splat(DISTANCE_UNIT);
  const below = flushBelow(f32x4.sub(times(logits, unit), times(top, unit)), LEAST_EXPONENT);
  return v128.and(times(target, below), f32x4.ne(target, f32x4.splat(0)));
}

/** The largest number of a row; NaN, or what makes the sums NaN, if one is NaN. */
function largest(x: usize, size: usize): f32 {
  const whole = size & ~15;
  let most = load<f32>(x);
  let i: usize = 0;
  if (whole > 0) {
    let lanes = v128.load(x);
    for (i = 16; i < whole; i += 16) lanes = f32x4.pmax(lanes, v128.load(x + i));
    most = max(
      max(f32x4.extract_lane(lanes, 0), f32x4.extract_lane(lanes, 1)),
      max(f32x4.extract_lane(lanes, 2), f32x4.extract_lane(lanes, 3)),
    );
  }
  for (; i < size; i += 4) most = max(most, load<f32>(x + i));
  return most;
}

export function softmaxCrossEntropyBackwardTasks(p: SoftmaxCrossEntropyProblem): i32 {
  return blockTasks(p.rows, p.columns);
}

export function softmaxCrossEntropyBackwardScratch(_: SoftmaxCrossEntropyProblem): usize {
  return TABLE_BYTES;
}

/** dLogits = factor dz, one block of rows. */
export function softmaxCrossEntropyBackward(p: SoftmaxCrossEntropyProblem, task: i32, table: usize): void {
  writeTable(table);
  const size = <usize>p.columns << 2, whole = size & ~15;
  const first = blockBegin(task, p.rows, p.columns), end = blockEnd(task, p.rows, p.columns);
  for (let row = first; row < end; row++) {
    const offset = <usize>row * size;
    const logits = p.logits + offset, labels = p.labels + offset, dLogits = p.dLogits + offset;
    const statistics = p.statistics + <usize>row * STATISTICS;
    const factor = <f64>load<f32>(p.factors + (<usize>row << 2));
    const top = v128.load32_splat(statistics);
    const share = f32x4.splat(normal(factor * (<f64>load<f32>(statistics, 8) / <f64>load<f32>(statistics, 4))));
    // The targets, times -factor.
    const kept = f32x4.splat(normal(-factor * <f64>p.kept)), spread = f32x4.splat(normal(-factor * <f64>p.spread));
    let i: usize = 0;
    for (; i < whole; i += 16) {
      differentiateLanes<v128>(dLogits + i, logits + i, top, share, labels + i, kept, spread, table);
    }
    for (; i < size; i += 4) {
      differentiateLanes<f32>(dLogits + i, logits + i, top, share, labels + i, kept, spread, table);
    }
  }
}

/** dz = share e^(z - max) + kept label + spread; terms that would be subnormal are 0. */
@inline
function differentiateLanes<T>(
  dLogits: usize, logits: usize, top: v128, share: v128, labels: usize, kept: v128, spread: v128, table: usize,
): void {
  const power = exp(belowTop(flush(loadLanes<T>(logits)), top), table);
  const target = addNormalProduct(spread, flush(loadLanes<T>(labels)), kept);
  storeLanes<T>(dLogits, flush(addNormalProduct(target, power, share)));
}
