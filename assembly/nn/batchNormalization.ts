// Batch normalisation of padded sequences (S. Ioffe, C. Szegedy, "Batch Normalization"), x [batch, positions, columns]:
//
//   y = gamma x^ + beta,   x^ = (x - mean) / sqrt(variance + epsilon),   for every position
//
// mean and variance of each column are those of the valid positions, `count` in all: lengths[b] of sample b.
//
//   dBeta = sum of dY,   dGamma = sum of dY x^,   over all positions
//   dX = gamma / sqrt(variance + epsilon) (dY - [valid] (dBeta + x^ dGamma) / count)

import { copyRow, zeroRow } from '../simd/copy';
import { addRow } from '../simd/rows';
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
  for (; i + 16 <= size; i += 16) {
    const normal = f32x4.mul(f32x4.sub(v128.load(x + i), v128.load(mean + i)), v128.load(scale + i));
    v128.store(y + i, madd(normal, v128.load(gamma + i), v128.load(beta + i)));
  }
  for (; i < size; i += 4) {
    const normal = (load<f32>(x + i) - load<f32>(mean + i)) * load<f32>(scale + i);
    store<f32>(y + i, normal * load<f32>(gamma + i) + load<f32>(beta + i));
  }
}

/** Sum over the valid positions. Samples are summed up by themselves first, which keeps rounding errors small. */
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
      for (; i + 16 <= size; i += 16) {
        const d = f32x4.sub(v128.load(x + i), v128.load(mean + i));
        v128.store(part + i, madd(d, d, v128.load(part + i)));
      }
      for (; i < size; i += 4) {
        const d = load<f32>(x + i) - load<f32>(mean + i);
        store<f32>(part + i, d * d + load<f32>(part + i));
      }
    }
    addRow(scratch + SUM, part, size);
  }
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
  for (let i: usize = 0; i < size; i += 4) {
    store<f32>(factor + i, load<f32>(scale + i) * load<f32>(p.gamma + begin + i));
  }
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
    for (let row = p.positions; row > 0; row--, x += step, dY += step) {
      let i: usize = 0;
      for (; i + 16 <= size; i += 16) {
        const gradient = v128.load(dY + i);
        const normal = f32x4.mul(f32x4.sub(v128.load(x + i), v128.load(mean + i)), v128.load(scale + i));
        v128.store(sum + i, f32x4.add(v128.load(sum + i), gradient));
        v128.store(product + i, madd(gradient, normal, v128.load(product + i)));
      }
      for (; i < size; i += 4) {
        const gradient = load<f32>(dY + i);
        const normal = (load<f32>(x + i) - load<f32>(mean + i)) * load<f32>(scale + i);
        store<f32>(sum + i, load<f32>(sum + i) + gradient);
        store<f32>(product + i, load<f32>(product + i) + gradient * normal);
      }
    }
    addRow(scratch + SUM, sum, size);
    addRow(scratch + PRODUCT, product, size);
  }
}

/** dX = factor (dY - dBeta / count - x^ dGamma / count), a valid row. */
@inline
function differentiateRow(dX: usize, x: usize, dY: usize, scratch: usize, size: usize): void {
  const mean = scratch + MEAN, scale = scratch + SCALE, factor = scratch + FACTOR;
  const common = scratch + SUM, along = scratch + PRODUCT;
  let i: usize = 0;
  for (; i + 16 <= size; i += 16) {
    const normal = f32x4.mul(f32x4.sub(v128.load(x + i), v128.load(mean + i)), v128.load(scale + i));
    const rest = nmadd(normal, v128.load(along + i), f32x4.sub(v128.load(dY + i), v128.load(common + i)));
    v128.store(dX + i, f32x4.mul(v128.load(factor + i), rest));
  }
  for (; i < size; i += 4) {
    const normal = (load<f32>(x + i) - load<f32>(mean + i)) * load<f32>(scale + i);
    const rest = load<f32>(dY + i) - load<f32>(common + i) - normal * load<f32>(along + i);
    store<f32>(dX + i, load<f32>(factor + i) * rest);
  }
}

/** out = a b */
@inline
function multiplyRow(out: usize, a: usize, b: usize, size: usize): void {
  let i: usize = 0;
  for (; i + 16 <= size; i += 16) v128.store(out + i, f32x4.mul(v128.load(a + i), v128.load(b + i)));
  for (; i < size; i += 4) store<f32>(out + i, load<f32>(a + i) * load<f32>(b + i));
}

export function normalizeColumnsTasks(p: BatchNormalizationProblem): i32 {
  return blockTasks(p.batch * p.positions, p.columns);
}

/** 1 / deviation of each column. */
export function normalizeColumnsScratch(p: BatchNormalizationProblem): usize {
  return <usize>p.columns << 2;
}

/** One block of rows of y, for a mean and a variance that are given. */
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
