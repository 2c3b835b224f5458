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
import { flushRow } from '../simd/subnormal';
import { madd } from '../simd/vector';
import { blockRows, blockTasks } from '../threads/rowBlocks';
import { STRIP_BYTES, stripBegin, stripSize, stripTasks } from '../threads/strips';
import {
  addProduct, difference, LEAST_FACTOR, LEAST_NUMBER, LEAST_VARIANCE, loadNumbers, MOST_VARIANCE, needsCare,
  normalized, product, squarable, storeNormalized, subtractProduct, sum,
} from './careful';

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
  const scale = scratch + SCALE, gamma = p.gamma + begin, beta = p.beta + begin;
  writeScales(scale, p.variance + begin, p.epsilon, size);
  let careful = needsCare(gamma, size, LEAST_FACTOR) || needsCare(beta, size, LEAST_NUMBER);
  for (let i: usize = 0; i < size; i += 4) {
    const found = load<f32>(variance + i);
    // A column of zeros is exact; a small variance beside a larger epsilon is as good as 0.
    const none = found == 0 && load<f32>(mean + i) == 0;
    if (!none && found < LEAST_VARIANCE) careful = true;
    if (!(found <= MOST_VARIANCE) || (!none && found + p.epsilon < LEAST_VARIANCE)) writeExact(p, scratch, begin, i, count);
  }
  const x = p.x + begin, y = p.y + begin;
  if (careful) normalizeWithCare(y, x, step, p.batch * p.positions, scratch + MEAN, scale, gamma, beta, size);
  else normalize(y, x, step, p.batch * p.positions, scratch + MEAN, scale, gamma, beta, size);
}

/** Mean, variance and scale of one column in float64, where squares neither overflow nor vanish. */
function writeExact(p: BatchNormalizationProblem, scratch: usize, begin: usize, at: usize, count: f32): void {
  const mean = sumColumn(p, begin + at, 0, false) / <f64>count;
  const variance = sumColumn(p, begin + at, mean, true) / <f64>count;
  store<f32>(p.mean + begin + at, <f32>mean);
  store<f32>(scratch + MEAN + at, <f32>mean);
  store<f32>(p.variance + begin + at, <f32>variance);
  store<f32>(scratch + SCALE + at, <f32>(1 / sqrt<f64>(variance + <f64>p.epsilon)));
}

/** Sum of x - mean, or of its square, over the valid positions of the column at byte `at` of a row. */
function sumColumn(p: BatchNormalizationProblem, at: usize, mean: f64, squared: bool): f64 {
  const step = <usize>p.columns << 2;
  let sum: f64 = 0;
  for (let b = 0; b < p.batch; b++) {
    let x = p.x + <usize>(b * p.positions) * step + at;
    for (let i = validPositions(p, b); i > 0; i--, x += step) {
      const d = <f64>load<f32>(x) - mean;
      sum += squared ? d * d : d;
    }
  }
  return sum;
}

function normalize(
  y: usize, x: usize, step: usize, rows: i32, mean: usize, scale: usize, gamma: usize, beta: usize, size: usize,
): void {
  for (; rows > 0; rows--, x += step, y += step) normalizeRow(y, x, mean, scale, gamma, beta, size, false);
}

function normalizeWithCare(
  y: usize, x: usize, step: usize, rows: i32, mean: usize, scale: usize, gamma: usize, beta: usize, size: usize,
): void {
  for (; rows > 0; rows--, x += step, y += step) normalizeRow(y, x, mean, scale, gamma, beta, size, true);
}

/** y = (x - mean) scale gamma + beta */
@inline
function normalizeRow(
  y: usize, x: usize, mean: usize, scale: usize, gamma: usize, beta: usize, size: usize, careful: bool,
): void {
  let i: usize = 0;
  for (; i + 16 <= size; i += 16) {
    storeNormalized<v128>(y + i, normalizedAt<v128>(x + i, mean + i, scale + i, careful), gamma + i, beta + i, careful);
  }
  for (; i < size; i += 4) {
    storeNormalized<f32>(y + i, normalizedAt<f32>(x + i, mean + i, scale + i, careful), gamma + i, beta + i, careful);
  }
}

/** x^ */
@inline
function normalizedAt<T>(x: usize, mean: usize, scale: usize, careful: bool): v128 {
  return normalized(loadNumbers<T>(x, careful), loadLanes<T>(mean), loadLanes<T>(scale), careful);
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
  const d = squarable(f32x4.sub(loadLanes<T>(x), loadLanes<T>(mean)));
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
  const careful = gradientsNeedCare(p, scratch, begin, size);
  if (careful) sumGradientsWithCare(p, scratch, begin, size);
  else sumGradients(p, scratch, begin, size);
  flushRow(p.dBeta + begin, scratch + SUM, size);
  flushRow(p.dGamma + begin, scratch + PRODUCT, size);
  divideRow(scratch + SUM, scratch + SUM, count, size);
  divideRow(scratch + PRODUCT, scratch + PRODUCT, count, size);
  if (careful) differentiateWithCare(p, scratch, begin, size);
  else differentiate(p, scratch, begin, size);
}

/**
 * Whether factors or gradients of a strip are so small that products may be subnormal. Of each sample one position is looked
 * at, another one in each.
 */
function gradientsNeedCare(p: BatchNormalizationProblem, scratch: usize, begin: usize, size: usize): bool {
  if (needsCare(scratch + FACTOR, size, LEAST_FACTOR)) return true;
  for (let i: usize = 0; i < size; i += 4) {
    // The variance was below 2^-60.
    const scale = load<f32>(scratch + SCALE + i);
    if (scale * scale * LEAST_VARIANCE > 1) return true;
  }
  const step = <usize>p.columns << 2;
  for (let b = 0; b < p.batch; b++) {
    if (needsCare(p.dY + <usize>(b * p.positions + b % max(p.positions, 1)) * step + begin, size, LEAST_NUMBER)) return true;
  }
  return false;
}

function differentiate(p: BatchNormalizationProblem, scratch: usize, begin: usize, size: usize): void {
  differentiateStrip(p, scratch, begin, size, false);
}

function differentiateWithCare(p: BatchNormalizationProblem, scratch: usize, begin: usize, size: usize): void {
  differentiateStrip(p, scratch, begin, size, true);
}

/** dX of a strip. */
@inline
function differentiateStrip(
  p: BatchNormalizationProblem, scratch: usize, begin: usize, size: usize, careful: bool,
): void {
  const step = <usize>p.columns << 2;
  for (let b = 0; b < p.batch; b++) {
    const offset = <usize>(b * p.positions) * step + begin;
    let x = p.x + offset, dY = p.dY + offset, dX = p.dX + offset;
    const valid = validPositions(p, b);
    for (let row = 0; row < valid; row++, x += step, dY += step, dX += step) {
      differentiateRow(dX, x, dY, scratch, size, careful);
    }
    for (let row = valid; row < p.positions; row++, dY += step, dX += step) {
      multiplyByFactor(dX, dY, scratch + FACTOR, size, careful);
    }
  }
}

/** dX = factor dY, a row that is not valid. */
@inline
function multiplyByFactor(dX: usize, dY: usize, factor: usize, size: usize, careful: bool): void {
  if (!careful) {
    multiplyRow(dX, dY, factor, size);
    return;
  }
  let i: usize = 0;
  for (; i + 16 <= size; i += 16) {
    v128.store(dX + i, product(loadNumbers<v128>(dY + i, careful), v128.load(factor + i), careful));
  }
  for (; i < size; i += 4) {
    storeLanes<f32>(dX + i, product(loadNumbers<f32>(dY + i, careful), loadLanes<f32>(factor + i), careful));
  }
}

function sumGradients(p: BatchNormalizationProblem, scratch: usize, begin: usize, size: usize): void {
  sumStrip(p, scratch, begin, size, false);
}

function sumGradientsWithCare(p: BatchNormalizationProblem, scratch: usize, begin: usize, size: usize): void {
  sumStrip(p, scratch, begin, size, true);
}

/** Sums of dY and of dY x^ over all positions. */
@inline
function sumStrip(p: BatchNormalizationProblem, scratch: usize, begin: usize, size: usize, careful: bool): void {
  const step = <usize>p.columns << 2;
  const mean = scratch + MEAN, scale = scratch + SCALE, sum = scratch + PART, products = scratch + PRODUCT_PART;
  zeroRow(scratch + SUM, size);
  zeroRow(scratch + PRODUCT, size);
  let x = p.x + begin, dY = p.dY + begin;
  for (let b = 0; b < p.batch; b++) {
    zeroRow(sum, size);
    zeroRow(products, size);
    const valid = validPositions(p, b);
    for (let row = 0; row < p.positions; row++, x += step, dY += step) {
      // What padding without a gradient holds is nothing to the sums, NaN included.
      if (row >= valid && isZeroRow(dY, size)) continue;
      let i: usize = 0;
      for (; i + 16 <= size; i += 16) {
        addGradients<v128>(sum + i, products + i, dY + i, x + i, mean + i, scale + i, careful);
      }
      for (; i < size; i += 4) addGradients<f32>(sum + i, products + i, dY + i, x + i, mean + i, scale + i, careful);
    }
    addRow(scratch + SUM, sum, size);
    addRow(scratch + PRODUCT, products, size);
  }
}

/** sums += dY, products += dY x^ */
@inline
function addGradients<T>(
  sums: usize, products: usize, dY: usize, x: usize, mean: usize, scale: usize, careful: bool,
): void {
  const gradient = loadNumbers<T>(dY, careful);
  storeLanes<T>(sums, sum(loadLanes<T>(sums), gradient, careful));
  const normal = normalizedAt<T>(x, mean, scale, careful);
  storeLanes<T>(products, addProduct(loadLanes<T>(products), gradient, normal, careful));
}

/** dX = factor (dY - dBeta / count - x^ dGamma / count), a valid row. */
@inline
function differentiateRow(dX: usize, x: usize, dY: usize, scratch: usize, size: usize, careful: bool): void {
  let i: usize = 0;
  for (; i + 16 <= size; i += 16) differentiateLanes<v128>(dX + i, x + i, dY + i, scratch + i, careful);
  for (; i < size; i += 4) differentiateLanes<f32>(dX + i, x + i, dY + i, scratch + i, careful);
}

@inline
function differentiateLanes<T>(dX: usize, x: usize, dY: usize, scratch: usize, careful: bool): void {
  const normal = normalizedAt<T>(x, scratch + MEAN, scratch + SCALE, careful);
  const common = loadNumbers<T>(scratch + SUM, careful), along = loadNumbers<T>(scratch + PRODUCT, careful);
  const rest = subtractProduct(difference(loadNumbers<T>(dY, careful), common, careful), normal, along, careful);
  storeLanes<T>(dX, product(loadNumbers<T>(scratch + FACTOR, careful), rest, careful));
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
  const x = p.x + <usize>first * size, y = p.y + <usize>first * size;
  // The block's first row stands for its others.
  const factors = needsCare(p.gamma, size, LEAST_FACTOR) || needsCare(p.beta, size, LEAST_NUMBER);
  const careful = factors || (first < end && needsCare(x, size, LEAST_NUMBER));
  if (careful) normalizeWithCare(y, x, size, end - first, p.mean, scale, p.gamma, p.beta, size);
  else normalize(y, x, size, end - first, p.mean, scale, p.gamma, p.beta, size);
}
