// Gradients of batch normalisation:
//
//   dBeta = sum of dY,   dGamma = sum of dY x^,   over all positions
//   dX = gamma / sqrt(variance + epsilon) (dY - [valid] (dBeta + x^ dGamma) / count)
//
//   columnFactors, and with them batchGradients: blocks of rows;   combineGradients: strips of columns;
//   differentiateColumns: blocks of rows

import { zeroRow } from '../simd/copy';
import { loadLanes, storeLanes } from '../simd/lanes';
import { LEAST_SCALED, negligible, normal, normalAbove, powersOf, scaled, TOP } from '../simd/powers';
import { moveToDoubles } from '../simd/rows';
import { above } from '../simd/subnormal';
import { madd, nmadd } from '../simd/vector';
import { blockBegin, blockEnd, blockTasks } from '../threads/rowBlocks';
import { stripBegin, stripSize, stripTasks } from '../threads/strips';
import {
  BatchNormalizationProblem, countRows, countValid, findLargest, givenVariance, nextSum, partOf,
  partStep, rowsOfSample, rowsOfSum, validRows, writePowers,
} from './batchNormalization';
import {
  ALONG, COMMON, differenceAt, GRADIENT_LEAST, GRADIENT_POWER, GRADIENT_SLOPE, LEAST_DIFFERENCE, POWER, storeProduct, writeSlope,
} from './columnFactors';

/** Bits of 2^-48: what is smaller along d is nothing beside the largest dY. */
const LEAST_ALONG: i32 = 0x27800000;

export function batchGradientsTasks(p: BatchNormalizationProblem): i32 {
  return blockTasks(countRows(p), p.columns);
}

/** Rows of the block's largest dY, powers, negligible dY, parts of the sums of dY and of dY d, and all of them in float64. */
export function batchGradientsScratch(p: BatchNormalizationProblem): usize {
  return 9 * (partStep(p) >> 1);
}

/** Sums of dY and dY d, in float64, over a block of rows, and its largest dY. */
export function batchGradients(p: BatchNormalizationProblem, task: i32, scratch: usize): void {
  const size = <usize>p.columns << 2, step = partStep(p) >> 1;
  const first = blockBegin(task, countRows(p), p.columns), end = blockEnd(task, countRows(p), p.columns);
  const parts = scratch + 3 * step, totals = scratch + 5 * step;
  zeroRow(scratch, 9 * step);
  findLargest(scratch, p.dY + <usize>first * size, size, end - first);
  writePowers(scratch, step);
  for (let row = first, rows = 0, added = 0; row < end; row += rows) {
    rows = rowsOfSum(p, row, end, added);
    const valid = validRows(p, row, rows), padding = <usize>(row + valid) * size;
    addGradients(p, scratch + step, step, <usize>row * size, size, valid);
    addPaddingGradients(p, scratch + step, step, padding, size, rows - valid);
    added = nextSum(added, rows);
    if (added == 0 || row + rows == end) moveToDoubles(totals, parts, 2 * step);
  }
  const part = partOf(p, task);
  for (let i: usize = 0; i < step; i += 4) {
    const at = scratch + i, inverse = 1 / <f64>load<f32>(at + step);
    store<f64>(part + (i << 1), load<f64>(totals + (i << 1)) * inverse);
    store<f64>(part + ((step + i) << 1), load<f64>(totals + ((step + i) << 1)) * inverse);
    store<i32>(part + 4 * step + i, load<i32>(at));
  }
}

function addGradients(p: BatchNormalizationProblem, powers: usize, step: usize, at: usize, size: usize, rows: i32): void {
  let x = p.x + at, dY = p.dY + at;
  for (; rows > 0; rows--, x += size, dY += size) addRow(p.factors, powers, step, x, dY, size, false);
}

function addPaddingGradients(
  p: BatchNormalizationProblem, powers: usize, step: usize, at: usize, size: usize, rows: i32,
): void {
  let x = p.x + at, dY = p.dY + at;
  for (; rows > 0; rows--, x += size, dY += size) addRow(p.factors, powers, step, x, dY, size, true);
}

@inline
function addRow(factors: usize, powers: usize, step: usize, x: usize, dY: usize, size: usize, padding: bool): void {
  let i: usize = 0;
  for (; i + 16 <= size; i += 16) addLanes<v128>(factors + i, size, powers + i, step, x + i, dY + i, padding);
  for (; i < size; i += 4) addLanes<f32>(factors + i, size, powers + i, step, x + i, dY + i, padding);
}

/** What padding without a gradient holds is nothing to the sums, NaN included. */
@inline
function addLanes<T>(
  factors: usize, columnStep: usize, powers: usize, step: usize, x: usize, dY: usize, padding: bool,
): void {
  const gradient = scaled(loadLanes<T>(dY), loadLanes<T>(powers), loadLanes<T>(powers + step));
  let d = above(differenceAt<T>(x, factors, columnStep), i32x4.splat(LEAST_DIFFERENCE - 1));
  if (padding) d = v128.and(d, f32x4.ne(gradient, f32x4.splat(0)));
  const sums = powers + 2 * step, products = powers + 3 * step;
  storeLanes<T>(sums, f32x4.add(gradient, loadLanes<T>(sums)));
  storeLanes<T>(products, madd(gradient, d, loadLanes<T>(products)));
}

export function combineGradientsTasks(p: BatchNormalizationProblem): i32 {
  return stripTasks(p.columns);
}

/** One strip of columns of dGamma, dBeta and the factors of dX. */
export function combineGradients(p: BatchNormalizationProblem, task: i32, _: usize): void {
  const end = stripBegin(task) + stripSize(p.columns, task);
  const blocks = batchGradientsTasks(p), share = 1 / <f64>max(countValid(p), 1);
  for (let at = stripBegin(task); at < end; at += 8) {
    let sums = f64x2.splat(0), products = f64x2.splat(0);
    let most = 0, nextMost = 0;
    for (let block = 0; block < blocks; block++) {
      const part = partOf(p, block);
      sums = f64x2.add(sums, v128.load(part + (at << 1)));
      products = f64x2.add(products, v128.load(part + partStep(p) + (at << 1)));
      most = max(most, load<i32>(part + 2 * partStep(p) + at));
      nextMost = max(nextMost, load<i32>(part + 2 * partStep(p) + at, 4));
    }
    writeColumn(p, at, f64x2.extract_lane(sums, 0), f64x2.extract_lane(products, 0), most, share);
    if (at + 4 < end) writeColumn(p, at + 4, f64x2.extract_lane(sums, 1), f64x2.extract_lane(products, 1), nextMost, share);
  }
}

/** @param sum of dY; @param product sum of dY d */
@inline
function writeColumn(p: BatchNormalizationProblem, at: usize, sum: f64, product: f64, most: i32, share: f64): void {
  const step = <usize>p.columns << 2, factors = p.factors + at;
  const scale = 1 / sqrt<f64>(givenVariance(p, at) + <f64>p.epsilon);
  const factor = scale / <f64>load<f32>(factors + POWER * step);
  const powers = powersOf(i32x4.splat(most), TOP), power = <f64>f32x4.extract_lane(powers, 0);
  store<f32>(p.dBeta + at, normal(sum));
  store<f32>(p.dGamma + at, normal(product * factor));
  v128.store_lane<f32>(factors + GRADIENT_POWER * step, powers, 0);
  v128.store_lane<i32>(factors + GRADIENT_LEAST * step, negligible(powers, TOP), 0);
  const common = <f32>(sum * share * power), along = <f32>(product * share * power * factor * factor);
  store<f32>(factors + COMMON * step, normalAbove(common, LEAST_SCALED));
  store<f32>(factors + ALONG * step, normalAbove(along, LEAST_ALONG));
  writeSlope(factors + GRADIENT_SLOPE * step, step, (<f64>load<f32>(p.gamma + at) * scale) / power);
}

export function differentiateColumnsTasks(p: BatchNormalizationProblem): i32 {
  return blockTasks(countRows(p), p.columns);
}

/** One block of rows of dX. */
export function differentiateColumns(p: BatchNormalizationProblem, task: i32, _: usize): void {
  const size = <usize>p.columns << 2;
  const first = blockBegin(task, countRows(p), p.columns), end = blockEnd(task, countRows(p), p.columns);
  for (let row = first, rows = 0; row < end; row += rows) {
    rows = rowsOfSample(p, row, end);
    const valid = validRows(p, row, rows), padding = <usize>(row + valid) * size;
    differentiateRows(p, <usize>row * size, size, valid);
    differentiatePadding(p, padding, size, rows - valid);
  }
}

function differentiateRows(p: BatchNormalizationProblem, at: usize, size: usize, rows: i32): void {
  const factors = p.factors;
  let x = p.x + at, dY = p.dY + at, dX = p.dX + at;
  for (; rows > 0; rows--, x += size, dY += size, dX += size) {
    let i: usize = 0;
    for (; i + 16 <= size; i += 16) differentiateLanes<v128>(dX + i, x + i, dY + i, factors + i, size);
    for (; i < size; i += 4) differentiateLanes<f32>(dX + i, x + i, dY + i, factors + i, size);
  }
}

@inline
function differentiateLanes<T>(dX: usize, x: usize, dY: usize, factors: usize, step: usize): void {
  const d = above(differenceAt<T>(x, factors, step), i32x4.splat(LEAST_DIFFERENCE - 1));
  const along = loadLanes<T>(factors + ALONG * step);
  const rest = f32x4.sub(gradientAt<T>(dY, factors, step), loadLanes<T>(factors + COMMON * step));
  storeProduct<T>(dX, nmadd(d, along, rest), factors + GRADIENT_SLOPE * step, step);
}

function differentiatePadding(p: BatchNormalizationProblem, at: usize, size: usize, rows: i32): void {
  const factors = p.factors, slopes = factors + GRADIENT_SLOPE * size;
  let dY = p.dY + at, dX = p.dX + at;
  for (; rows > 0; rows--, dY += size, dX += size) {
    let i: usize = 0;
    for (; i + 16 <= size; i += 16) {
      storeProduct<v128>(dX + i, gradientAt<v128>(dY + i, factors + i, size), slopes + i, size);
    }
    for (; i < size; i += 4) storeProduct<f32>(dX + i, gradientAt<f32>(dY + i, factors + i, size), slopes + i, size);
  }
}

/** dY times its power. */
@inline
function gradientAt<T>(dY: usize, factors: usize, step: usize): v128 {
  const power = loadLanes<T>(factors + GRADIENT_POWER * step);
  return scaled(loadLanes<T>(dY), power, loadLanes<T>(factors + GRADIENT_LEAST * step));
}
