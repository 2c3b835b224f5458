// Batch normalisation of padded sequences (S. Ioffe, C. Szegedy, "Batch Normalization"), x [batch, positions, columns]:
//
//   y = gamma x^ + beta,   x^ = (x - mean) / sqrt(variance + epsilon),   for every position
//
// mean and variance of each column are those of the valid positions, `count` in all: lengths[b] of sample b.
//
//   dBeta = sum of dY,   dGamma = sum of dY x^,   over all positions
//   dX = gamma / sqrt(variance + epsilon) (dY - [valid] (dBeta + x^ dGamma) / count)

import { copyRow, isZeroRow, zeroRow } from '../simd/copy';
import { loadLanes, storeLanes } from '../simd/lanes';
import { addRow, multiplyRow } from '../simd/rows';
import { madd, nmadd } from '../simd/vector';
import { blockRows, blockTasks } from '../threads/rowBlocks';
import { STRIP_BYTES, stripBegin, stripSize, stripTasks } from '../threads/strips';

@unmanaged
export class BatchNormalizationProblem {
  x: usize;
  /** @optional */
  y: usize;
  /** float32 [columns]; so are mean, variance and the gradients of gamma and beta. */
  gamma: usize;
  /** @optional */
  beta: usize;
  mean: usize;
  variance: usize;
  /** @optional */
  dY: usize;
  /** @optional */
  dX: usize;
  /** @optional */
  dGamma: usize;
  /** @optional */
  dBeta: usize;
  /** int32 [batch]; 0: all positions are valid. */
  lengths: usize;
  batch: i32;
  positions: i32;
  columns: i32;
  epsilon: f32;
}

// Scratch of a task: rows of one strip.
const SUM: usize = 0;
const PART: usize = STRIP_BYTES;
const MEAN: usize = 2 * STRIP_BYTES;
const SCALE: usize = 3 * STRIP_BYTES;
// For the backward pass: products are those of dY and x^.
const PRODUCT: usize = 4 * STRIP_BYTES;
const PRODUCT_PART: usize = 5 * STRIP_BYTES;
const FACTOR: usize = 6 * STRIP_BYTES;
const SCRATCH: usize = 7 * STRIP_BYTES;

@inline
function validPositions(p: BatchNormalizationProblem, b: i32): i32 {
  return p.lengths ? load<i32>(p.lengths + (<usize>b << 2)) : p.positions;
}

/** Valid positions in all, at least 1. */
function countValid(p: BatchNormalizationProblem): f32 {
  let count = 0;
  for (let b = 0; b < p.batch; b++) count += validPositions(p, b);
  return <f32>max(count, 1);
}

/** out = x / divisor */
@inline
function divideRow(out: usize, x: usize, divisor: f32, size: usize): void {
  for (let i: usize = 0; i < size; i += 4) store<f32>(out + i, load<f32>(x + i) / divisor);
}

/** out = 1 / sqrt(variance + epsilon) */
@inline
function writeScales(out: usize, variance: usize, epsilon: f32, size: usize): void {
  for (let i: usize = 0; i < size; i += 4) {
    store<f32>(out + i, <f32>1 / sqrt<f32>(load<f32>(variance + i) + epsilon));
  }
}

export function batchNormalizationTasks(p: BatchNormalizationProblem): i32 {
  return stripTasks(p.columns);
}

export function batchNormalizationScratch(_: BatchNormalizationProblem): usize {
  return SCRATCH;
}

/** One strip of columns of mean, variance and y. */
export function batchNormalization(p: BatchNormalizationProblem, task: i32, scratch: usize): void {
  const begin = stripBegin(task), size = stripSize(p.columns, task);
  const step = <usize>p.columns << 2;
  const count = countValid(p);
  const mean = p.mean + begin, variance = p.variance + begin;
  sumValid(p, scratch, begin, size);
  divideRow(mean, scratch + SUM, count, size);
  copyRow(scratch + MEAN, mean, size);
  sumValidSquares(p, scratch, begin, size);
  divideRow(variance, scratch + SUM, count, size);
  writeScales(scratch + SCALE, variance, p.epsilon, size);
  let x = p.x + begin, y = p.y + begin;
  for (let row = p.batch * p.positions; row > 0; row--, x += step, y += step) {
    normalizeRow(y, x, scratch + MEAN, scratch + SCALE, p.gamma + begin, p.beta + begin, size);
  }
}

/** y = (x - mean) scale gamma + beta */
@inline
function normalizeRow(y: usize, x: usize, mean: usize, scale: usize, gamma: usize, beta: usize, size: usize): void {
  let i: usize = 0;
  for (; i + 16 <= size; i += 16) normalizeLanes<v128>(y + i, x + i, mean + i, scale + i, gamma + i, beta + i);
  for (; i < size; i += 4) normalizeLanes<f32>(y + i, x + i, mean + i, scale + i, gamma + i, beta + i);
}

@inline
function normalizeLanes<T>(y: usize, x: usize, mean: usize, scale: usize, gamma: usize, beta: usize): void {
  storeLanes<T>(y, madd(normalized<T>(x, mean, scale), loadLanes<T>(gamma), loadLanes<T>(beta)));
}

/** x^ */
@inline
function normalized<T>(x: usize, mean: usize, scale: usize): v128 {
  return f32x4.mul(centered<T>(x, mean), loadLanes<T>(scale));
}

@inline
function centered<T>(x: usize, mean: usize): v128 {
  return f32x4.sub(loadLanes<T>(x), loadLanes<T>(mean));
}

/** Sum over the valid positions. Each sample is summed by itself first, which keeps rounding errors small. */
function sumValid(p: BatchNormalizationProblem, scratch: usize, begin: usize, size: usize): void {
  const step = <usize>p.columns << 2;
  zeroRow(scratch + SUM, size);
  for (let b = 0; b < p.batch; b++) {
    let x = p.x + <usize>(b * p.positions) * step + begin;
    zeroRow(scratch + PART, size);
    for (let i = validPositions(p, b); i > 0; i--, x += step) addRow(scratch + PART, x, size);
    addRow(scratch + SUM, scratch + PART, size);
  }
}

/** Sum of (x - mean)^2 over the valid positions. */
function sumValidSquares(p: BatchNormalizationProblem, scratch: usize, begin: usize, size: usize): void {
  const step = <usize>p.columns << 2;
  const mean = scratch + MEAN, part = scratch + PART;
  zeroRow(scratch + SUM, size);
  for (let b = 0; b < p.batch; b++) {
    let x = p.x + <usize>(b * p.positions) * step + begin;
    zeroRow(part, size);
    for (let row = validPositions(p, b); row > 0; row--, x += step) {
      let i: usize = 0;
      for (; i + 16 <= size; i += 16) addSquares<v128>(part + i, x + i, mean + i);
      for (; i < size; i += 4) addSquares<f32>(part + i, x + i, mean + i);
    }
    addRow(scratch + SUM, part, size);
  }
}

@inline
function addSquares<T>(sum: usize, x: usize, mean: usize): void {
  const d = centered<T>(x, mean);
  storeLanes<T>(sum, madd(d, d, loadLanes<T>(sum)));
}

export function batchNormalizationBackwardTasks(p: BatchNormalizationProblem): i32 {
  return stripTasks(p.columns);
}

export function batchNormalizationBackwardScratch(_: BatchNormalizationProblem): usize {
  return SCRATCH;
}

/** One strip of columns of dGamma, dBeta and dX. */
export function batchNormalizationBackward(p: BatchNormalizationProblem, task: i32, scratch: usize): void {
  const begin = stripBegin(task), size = stripSize(p.columns, task);
  const step = <usize>p.columns << 2;
  const count = countValid(p);
  const scale = scratch + SCALE, factor = scratch + FACTOR;
  copyRow(scratch + MEAN, p.mean + begin, size);
  writeScales(scale, p.variance + begin, p.epsilon, size);
  multiplyRow(factor, scale, p.gamma + begin, size);
  sumGradients(p, scratch, begin, size);
  copyRow(p.dBeta + begin, scratch + SUM, size);
  copyRow(p.dGamma + begin, scratch + PRODUCT, size);
  divideRow(scratch + SUM, scratch + SUM, count, size);
  divideRow(scratch + PRODUCT, scratch + PRODUCT, count, size);
  for (let b = 0; b < p.batch; b++) {
    const offset = <usize>(b * p.positions) * step + begin;
    let x = p.x + offset, dY = p.dY + offset, dX = p.dX + offset;
    const valid = validPositions(p, b);
    for (let row = 0; row < valid; row++, x += step, dY += step, dX += step) differentiateRow(dX, x, dY, scratch, size);
    for (let row = valid; row < p.positions; row++, dY += step, dX += step) multiplyRow(dX, dY, factor, size);
  }
}

/** Sums of dY and of dY x^ over all positions. */
function sumGradients(p: BatchNormalizationProblem, scratch: usize, begin: usize, size: usize): void {
  const step = <usize>p.columns << 2;
  const mean = scratch + MEAN, scale = scratch + SCALE, sum = scratch + PART, product = scratch + PRODUCT_PART;
  zeroRow(scratch + SUM, size);
  zeroRow(scratch + PRODUCT, size);
  let x = p.x + begin, dY = p.dY + begin;
  for (let b = 0; b < p.batch; b++) {
    zeroRow(sum, size);
    zeroRow(product, size);
    const valid = validPositions(p, b);
    for (let row = 0; row < p.positions; row++, x += step, dY += step) {
      // What padding without a gradient holds is nothing to the sums, NaN included.
      if (row >= valid && isZeroRow(dY, size)) continue;
      let i: usize = 0;
      for (; i + 16 <= size; i += 16) addGradients<v128>(sum + i, product + i, dY + i, x + i, mean + i, scale + i);
      for (; i < size; i += 4) addGradients<f32>(sum + i, product + i, dY + i, x + i, mean + i, scale + i);
    }
    addRow(scratch + SUM, sum, size);
    addRow(scratch + PRODUCT, product, size);
  }
}

/** sum += dY, product += dY x^ */
@inline
function addGradients<T>(sum: usize, product: usize, dY: usize, x: usize, mean: usize, scale: usize): void {
  const gradient = loadLanes<T>(dY);
  storeLanes<T>(sum, f32x4.add(loadLanes<T>(sum), gradient));
  storeLanes<T>(product, madd(gradient, normalized<T>(x, mean, scale), loadLanes<T>(product)));
}

/** dX = factor (dY - dBeta / count - x^ dGamma / count), a valid row. */
@inline
function differentiateRow(dX: usize, x: usize, dY: usize, scratch: usize, size: usize): void {
  let i: usize = 0;
  for (; i + 16 <= size; i += 16) differentiateLanes<v128>(dX + i, x + i, dY + i, scratch + i);
  for (; i < size; i += 4) differentiateLanes<f32>(dX + i, x + i, dY + i, scratch + i);
}

@inline
function differentiateLanes<T>(dX: usize, x: usize, dY: usize, scratch: usize): void {
  const normal = normalized<T>(x, scratch + MEAN, scratch + SCALE);
  const common = loadLanes<T>(scratch + SUM), along = loadLanes<T>(scratch + PRODUCT);
  const rest = nmadd(normal, along, f32x4.sub(loadLanes<T>(dY), common));
  storeLanes<T>(dX, f32x4.mul(loadLanes<T>(scratch + FACTOR), rest));
}

export function normalizeColumnsTasks(p: BatchNormalizationProblem): i32 {
  return blockTasks(p.batch * p.positions, p.columns);
}

/** 1 / deviation of each column. */
export function normalizeColumnsScratch(p: BatchNormalizationProblem): usize {
  return <usize>p.columns << 2;
}

/** One block of rows of y, for a given mean and variance. */
export function normalizeColumns(p: BatchNormalizationProblem, task: i32, scale: usize): void {
  const size = <usize>p.columns << 2;
  const rows = p.batch * p.positions;
  const first = task * blockRows(rows, p.columns), end = min(rows, first + blockRows(rows, p.columns));
  writeScales(scale, p.variance, p.epsilon, size);
  for (let row = first; row < end; row++) {
    const offset = <usize>row * size;
    normalizeRow(p.y + offset, p.x + offset, p.mean, scale, p.gamma, p.beta, size);
  }
}
