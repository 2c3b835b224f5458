// Layer normalisation (J. L. Ba, J. R. Kiros, G. E. Hinton, "Layer Normalization"), rows of C channels:
//
//   x^ = (x - mean) scale,   scale = 1 / sqrt(variance + epsilon);   y = gamma x^ + beta
//
//   dX = scale (g - mean(g) - x^ mean(g x^)),   g = gamma dY;   dGamma = sum of dY x^,   dBeta = sum of dY over rows
//
// and, not centered, that of the root mean square (B. Zhang, R. Sennrich, "Root Mean Square Layer Normalization"), where
// mean and mean(g) are 0: the variance is the mean square.

import { zeroRow } from '../simd/copy';
import { loadLanes, storeLanes } from '../simd/lanes';
import { madd, nmadd, sumLanes } from '../simd/vector';
import { blockRows, blockTasks } from '../threads/rowBlocks';

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
  /** float32 [rows, 2]: mean and scale of each row, from forward to backward. */
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

export function layerNormalizationTasks(p: LayerNormalizationProblem): i32 {
  return blockTasks(p.rows, p.columns);
}

/** One block of rows of y and of the statistics. */
export function layerNormalization(p: LayerNormalizationProblem, task: i32, _: usize): void {
  const size = <usize>p.columns << 2, whole = size & ~15;
  const first = task * blockRows(p.rows, p.columns), end = min(p.rows, first + blockRows(p.rows, p.columns));
  const gamma = p.gamma, beta = p.beta;
  const count = <f32>p.columns;
  for (let row = first; row < end; row++) {
    const x = p.x + <usize>row * size, y = p.y + <usize>row * size;
    const mean: f32 = p.centered ? sumRow(x, size) / count : 0;
    const scale: f32 = <f32>1 / sqrt<f32>(sumSquares(x, mean, size) / count + p.epsilon);
    const statistics = p.statistics + (<usize>row << 3);
    store<f32>(statistics, mean);
    store<f32>(statistics, scale, 4);
    const means = f32x4.splat(mean), scales = f32x4.splat(scale);
    let i: usize = 0;
    if (!beta) {
      for (; i < whole; i += 16) scaleLanes<v128>(y + i, x + i, means, scales, gamma + i);
      for (; i < size; i += 4) scaleLanes<f32>(y + i, x + i, means, scales, gamma + i);
      continue;
    }
    for (; i < whole; i += 16) normalizeLanes<v128>(y + i, x + i, means, scales, gamma + i, beta + i);
    for (; i < size; i += 4) normalizeLanes<f32>(y + i, x + i, means, scales, gamma + i, beta + i);
  }
}

/** y = gamma x^ + beta */
@inline
function normalizeLanes<T>(y: usize, x: usize, mean: v128, scale: v128, gamma: usize, beta: usize): void {
  storeLanes<T>(y, madd(normalized<T>(x, mean, scale), loadLanes<T>(gamma), loadLanes<T>(beta)));
}

/** y = gamma x^ */
@inline
function scaleLanes<T>(y: usize, x: usize, mean: v128, scale: v128, gamma: usize): void {
  storeLanes<T>(y, f32x4.mul(normalized<T>(x, mean, scale), loadLanes<T>(gamma)));
}

/** x^ */
@inline
function normalized<T>(x: usize, mean: v128, scale: v128): v128 {
  return f32x4.mul(centered<T>(x, mean), scale);
}

@inline
function centered<T>(x: usize, mean: v128): v128 {
  return f32x4.sub(loadLanes<T>(x), mean);
}

@inline
function sumRow(x: usize, size: usize): f32 {
  let a = f32x4.splat(0), b = f32x4.splat(0);
  let i: usize = 0;
  for (; i + 32 <= size; i += 32) {
    a = f32x4.add(a, v128.load(x + i));
    b = f32x4.add(b, v128.load(x + i, 16));
  }
  for (; i + 16 <= size; i += 16) a = f32x4.add(a, v128.load(x + i));
  let sum = sumLanes(f32x4.add(a, b));
  for (; i < size; i += 4) sum += load<f32>(x + i);
  return sum;
}

/** Sum of (x - mean)^2. */
@inline
function sumSquares(x: usize, mean: f32, size: usize): f32 {
  const means = f32x4.splat(mean);
  let a = f32x4.splat(0), b = f32x4.splat(0);
  let i: usize = 0;
  for (; i + 32 <= size; i += 32) {
    const d = centered<v128>(x + i, means), e = centered<v128>(x + i + 16, means);
    a = madd(d, d, a);
    b = madd(e, e, b);
  }
  for (; i + 16 <= size; i += 16) {
    const d = centered<v128>(x + i, means);
    a = madd(d, d, a);
  }
  let sum = sumLanes(f32x4.add(a, b));
  for (; i < size; i += 4) {
    const d = f32x4.extract_lane(centered<f32>(x + i, means), 0);
    sum += d * d;
  }
  return sum;
}

export function layerNormalizationBackwardTasks(p: LayerNormalizationProblem): i32 {
  return blockTasks(p.rows, p.columns);
}

/** One block of rows of dX, and its part of the sums. */
export function layerNormalizationBackward(p: LayerNormalizationProblem, task: i32, _: usize): void {
  const size = <usize>p.columns << 2, whole = size & ~15;
  const first = task * blockRows(p.rows, p.columns), end = min(p.rows, first + blockRows(p.rows, p.columns));
  const gamma = p.gamma;
  const dGamma = p.sums + 2 * <usize>task * size, dBeta = dGamma + size;
  const count = <f32>p.columns;
  zeroRow(dGamma, 2 * size);
  for (let row = first; row < end; row++) {
    const offset = <usize>row * size;
    const x = p.x + offset, dY = p.dY + offset, dX = p.dX + offset;
    const statistics = p.statistics + (<usize>row << 3);
    const mean = load<f32>(statistics), scale = load<f32>(statistics, 4);
    const means = f32x4.splat(mean), scales = f32x4.splat(scale);
    let sums = f32x4.splat(0), products = f32x4.splat(0);
    let i: usize = 0;
    for (; i < whole; i += 16) {
      const normal = normalized<v128>(x + i, means, scales), g = product<v128>(dY + i, gamma + i);
      addGradients<v128>(dGamma + i, dBeta + i, dY + i, normal);
      sums = f32x4.add(sums, g);
      products = madd(g, normal, products);
    }
    let sum = sumLanes(sums), productSum = sumLanes(products);
    for (; i < size; i += 4) {
      const normal = normalized<f32>(x + i, means, scales), g = product<f32>(dY + i, gamma + i);
      addGradients<f32>(dGamma + i, dBeta + i, dY + i, normal);
      sum += f32x4.extract_lane(g, 0);
      productSum += f32x4.extract_lane(f32x4.mul(g, normal), 0);
    }
    const common = f32x4.splat(p.centered ? sum / count : 0), along = f32x4.splat(productSum / count);
    for (i = 0; i < whole; i += 16) {
      differentiateLanes<v128>(dX + i, x + i, means, scales, dY + i, gamma + i, common, along);
    }
    for (; i < size; i += 4) {
      differentiateLanes<f32>(dX + i, x + i, means, scales, dY + i, gamma + i, common, along);
    }
  }
}

@inline
function product<T>(a: usize, b: usize): v128 {
  return f32x4.mul(loadLanes<T>(a), loadLanes<T>(b));
}

/** dGamma += dY x^, dBeta += dY */
@inline
function addGradients<T>(dGamma: usize, dBeta: usize, dY: usize, normal: v128): void {
  const gradient = loadLanes<T>(dY);
  storeLanes<T>(dGamma, madd(gradient, normal, loadLanes<T>(dGamma)));
  storeLanes<T>(dBeta, f32x4.add(gradient, loadLanes<T>(dBeta)));
}

/** dX = scale (gamma dY - x^ along - common) */
@inline
function differentiateLanes<T>(
  dX: usize, x: usize, mean: v128, scale: v128, dY: usize, gamma: usize, common: v128, along: v128,
): void {
  const rest = nmadd(normalized<T>(x, mean, scale), along, product<T>(dY, gamma));
  storeLanes<T>(dX, f32x4.mul(scale, f32x4.sub(rest, common)));
}
