// Layer normalisation (J. L. Ba, J. R. Kiros, G. E. Hinton, "Layer Normalization"), rows of C channels:
//
//   x^ = (x - mean) scale,   scale = 1 / sqrt(variance + epsilon);   y = gamma x^ + beta
//
// and, not centered, that of the root mean square (B. Zhang, R. Sennrich, "Root Mean Square Layer Normalization"), where
// mean is 0: the variance is the mean square. Each row is computed from its numbers times a power of two (simd/powers.ts):
//
//   d = power x - mean(power x);   x^ = d factor,   factor = scale / power

import { loadLanes, storeLanes } from '../simd/lanes';
import {
  inverseOf, largestSize, LEAST_SCALED, negligible, normal, normalAbove, powersOf, scaled, TOP,
} from '../simd/powers';
import { above, flush, flushBelow, leastProduct, ONE } from '../simd/subnormal';
import { madd, sumLanes } from '../simd/vector';
import { blockBegin, blockEnd, blockTasks } from '../threads/rowBlocks';

@unmanaged
export class LayerNormalizationProblem {
  /** float32 [rows, columns] */
  x: usize;
  /** @optional */
  y: usize;
  /** float32 [columns] */
  gamma: usize;
  /** 0: none. @optional */
  beta: usize;
  /** float32 [rows, ROW_MOMENTS], from forward to backward: of each row, power, mean of its product with x, factor. */
  statistics: usize;
  /** @optional */
  dY: usize;
  /** @optional */
  dX: usize;
  /** float32 [blocks of rows, 2, columns]: sums over the block's rows of dY x^ and of dY. @optional */
  sums: usize;
  rows: i32;
  columns: i32;
  /** 1: each row's mean is taken off. */
  centered: i32;
  epsilon: f32;
}

/** Numbers of a row's statistics. @shared */
const ROW_MOMENTS: i32 = 3;

export const MOMENT_BYTES: usize = <usize>ROW_MOMENTS << 2;

@inline
export function rowMoments(p: LayerNormalizationProblem, row: i32): usize {
  return p.statistics + <usize>row * MOMENT_BYTES;
}

export function layerNormalizationTasks(p: LayerNormalizationProblem): i32 {
  return blockTasks(p.rows, p.columns);
}

/** Bytes of rows that are computed together, step by step, so that the processor need not wait for each row's sums. */
const GROUP_BYTES: usize = 1 << 13;

/** Rows that are computed together. */
@inline
export function groupRows(size: usize): i32 {
  return <i32>max<usize>(1, GROUP_BYTES / size);
}

/** Rows: gamma and beta, 0 where they are too small; bits for what is too small beside gamma; a group of x times powers. */
export function layerNormalizationScratch(p: LayerNormalizationProblem): usize {
  const size = <usize>p.columns << 2;
  return (3 + <usize>groupRows(size)) * size;
}

/** One block of rows of y and of the statistics. */
export function layerNormalization(p: LayerNormalizationProblem, task: i32, factors: usize): void {
  const size = <usize>p.columns << 2, scaled = factors + 3 * size;
  const end = blockEnd(task, p.rows, p.columns);
  writeFactors(factors, p.gamma, p.beta, size);
  for (let row = blockBegin(task, p.rows, p.columns), rows = 0; row < end; row += rows) {
    rows = min(groupRows(size), end - row);
    const x = p.x + <usize>row * size, moments = rowMoments(p, row);
    writeRowPowers(moments, x, size, rows);
    writeScaled(p, moments, scaled, x, size, rows);
    writeRowFactors(p, moments, scaled, size, rows);
    normalizeRows(p.y + <usize>row * size, scaled, moments, factors, size, rows);
  }
}

function writeRowPowers(moments: usize, x: usize, size: usize, rows: i32): void {
  for (; rows > 0; rows--, moments += MOMENT_BYTES, x += size) {
    v128.store_lane<f32>(moments, powersOf(i32x4.splat(largestSize(x, size)), TOP), 0);
  }
}

/** out = power x, and their means. */
function writeScaled(p: LayerNormalizationProblem, moments: usize, out: usize, x: usize, size: usize, rows: i32): void {
  const share: f64 = p.centered ? 1 / <f64>p.columns : 0;
  for (; rows > 0; rows--, moments += MOMENT_BYTES, x += size, out += size) {
    const sum = scaleRow(out, x, size, v128.load32_splat(moments));
    store<f32>(moments, p.centered ? normalAbove(<f32>(<f64>sum * share), LEAST_SCALED) : 0, 4);
  }
}

/** Factors of rows that have their powers and means. */
function writeRowFactors(p: LayerNormalizationProblem, moments: usize, x: usize, size: usize, rows: i32): void {
  const share = 1 / <f64>p.columns, epsilon = <f64>p.epsilon;
  for (; rows > 0; rows--, moments += MOMENT_BYTES, x += size) {
    const inverse = inverseOf(load<f32>(moments));
    const variance = <f64>sumSquares(x, load<f32>(moments, 4), size) * share * inverse * inverse;
    store<f32>(moments, normal(inverse / sqrt<f64>(variance + epsilon)), 8);
  }
}

/** Bits of 2^-102: a smaller beta, or part of it, is 0, so that sums with it are hardly ever subnormal. */
const LEAST_BETA: i32 = 0x0c800000;

/** Three rows: gamma, beta, and the bits of gamma's size, or of 1 if that is less. */
function writeFactors(out: usize, gamma: usize, beta: usize, size: usize): void {
  let i: usize = 0;
  for (; i + 16 <= size; i += 16) writeFactorLanes<v128>(out + i, gamma + i, beta ? beta + i : 0, size);
  for (; i < size; i += 4) writeFactorLanes<f32>(out + i, gamma + i, beta ? beta + i : 0, size);
}

@inline
function writeFactorLanes<T>(out: usize, gamma: usize, beta: usize, size: usize): void {
  const factor = flush(loadLanes<T>(gamma));
  storeLanes<T>(out, factor);
  storeLanes<T>(out + size, beta ? flushBelow(loadLanes<T>(beta), LEAST_BETA) : f32x4.splat(0));
  storeLanes<T>(out + 2 * size, i32x4.min_s(f32x4.abs(factor), i32x4.splat(ONE)));
}

/** out = power x; returns its sum. */
@inline
function scaleRow(out: usize, x: usize, size: usize, power: v128): f32 {
  const least = negligible(power, TOP);
  let sums = f32x4.splat(0);
  let i: usize = 0;
  for (; i + 16 <= size; i += 16) {
    const numbers = scaled(v128.load(x + i), power, least);
    v128.store(out + i, numbers);
    sums = f32x4.add(sums, numbers);
  }
  let sum = sumLanes(sums);
  for (; i < size; i += 4) {
    const number = scaled(loadLanes<f32>(x + i), power, least);
    storeLanes<f32>(out + i, number);
    sum += f32x4.extract_lane(number, 0);
  }
  return sum;
}

/** Sum of (x - mean)^2. */
@inline
function sumSquares(x: usize, mean: f32, size: usize): f32 {
  const means = f32x4.splat(mean);
  let a = f32x4.splat(0), b = f32x4.splat(0);
  let i: usize = 0;
  for (; i + 32 <= size; i += 32) {
    const d = f32x4.sub(v128.load(x + i), means), e = f32x4.sub(v128.load(x + i, 16), means);
    a = madd(d, d, a);
    b = madd(e, e, b);
  }
  for (; i + 16 <= size; i += 16) {
    const d = f32x4.sub(v128.load(x + i), means);
    a = madd(d, d, a);
  }
  let sum = sumLanes(f32x4.add(a, b));
  for (; i < size; i += 4) {
    const d = load<f32>(x + i) - mean;
    sum += d * d;
  }
  return sum;
}

/** y = gamma x^ + beta, of rows times their powers; `factors` are the rows of `writeFactors`. */
function normalizeRows(y: usize, x: usize, moments: usize, factors: usize, size: usize, rows: i32): void {
  const beta = factors + size, bits = beta + size;
  for (; rows > 0; rows--, y += size, x += size, moments += MOMENT_BYTES) {
    const mean = v128.load32_splat(moments, 4), factor = v128.load32_splat(moments, 8);
    const least = i32x4.splat(leastProduct(load<f32>(moments, 8)));
    let i: usize = 0;
    for (; i + 16 <= size; i += 16) {
      normalizeLanes<v128>(y + i, x + i, mean, factor, least, factors + i, beta + i, bits + i);
    }
    for (; i < size; i += 4) {
      normalizeLanes<f32>(y + i, x + i, mean, factor, least, factors + i, beta + i, bits + i);
    }
  }
}

/** d is left out where d factor, or that times gamma, would be subnormal: where the sum of their bits is not above `least`. */
@inline
function normalizeLanes<T>(
  y: usize, x: usize, mean: v128, factor: v128, least: v128, gamma: usize, beta: usize, bits: usize,
): void {
  const d = above(f32x4.sub(loadLanes<T>(x), mean), i32x4.sub(least, loadLanes<T>(bits)));
  storeLanes<T>(y, madd(f32x4.mul(d, factor), loadLanes<T>(gamma), loadLanes<T>(beta)));
}
