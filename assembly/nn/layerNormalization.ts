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
import { INFINITY } from '../simd/sizes';
import { flush } from '../simd/subnormal';
import { madd, sumLanes } from '../simd/vector';
import { blockRows, blockTasks } from '../threads/rowBlocks';
import {
  addProduct, difference, LEAST_FACTOR, LEAST_NUMBER, LEAST_VARIANCE, loadNumbers, MOST_VARIANCE, needsCare,
  normalized, product, squarable, storeNormalized, subtractProduct, sum,
} from './careful';

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
  const size = <usize>p.columns << 2;
  const first = task * blockRows(p.rows, p.columns), end = min(p.rows, first + blockRows(p.rows, p.columns));
  const carefulFactors = needsCare(p.gamma, size, LEAST_FACTOR) || (p.beta != 0 && needsCare(p.beta, size, LEAST_NUMBER));
  const count = <f32>p.columns;
  for (let row = first; row < end; row++) {
    const x = p.x + <usize>row * size, y = p.y + <usize>row * size;
    const statistics = p.statistics + (<usize>row << 3);
    const mean: f32 = p.centered ? sumRow(x, size) / count : 0;
    const variance = sumSquares(x, mean, size) / count;
    const tiny = !p.centered && needsCare(x, size, LEAST_NUMBER);
    // A row of zeros is exact; a small variance beside a larger epsilon is as good as 0.
    const none = variance == 0 && (p.centered ? mean == 0 : !needsCare(x, size, INFINITY));
    if (!(variance <= MOST_VARIANCE) || (!none && variance + p.epsilon < LEAST_VARIANCE)) {
      writeExactStatistics(statistics, x, size, p);
    } else {
      store<f32>(statistics, mean);
      store<f32>(statistics, <f32>1 / sqrt<f32>(variance + p.epsilon), 4);
    }
    const careful = carefulFactors || tiny || (!none && variance < LEAST_VARIANCE && needsCare(x, size, LEAST_NUMBER));
    if (careful) normalizeRow(p, y, x, statistics, size, true);
    else normalizeRow(p, y, x, statistics, size, false);
  }
}

/** Mean and scale of a row in float64, where squares neither overflow nor vanish. */
function writeExactStatistics(statistics: usize, x: usize, size: usize, p: LayerNormalizationProblem): void {
  const count = <f64>p.columns;
  let mean: f64 = 0, squares: f64 = 0;
  if (p.centered) {
    for (let i: usize = 0; i < size; i += 4) mean += <f64>load<f32>(x + i);
    mean /= count;
  }
  for (let i: usize = 0; i < size; i += 4) {
    const d = <f64>load<f32>(x + i) - mean;
    squares += d * d;
  }
  store<f32>(statistics, <f32>mean);
  store<f32>(statistics, <f32>(1 / sqrt<f64>(squares / count + <f64>p.epsilon)), 4);
}

/** y = gamma x^ + beta */
@inline
function normalizeRow(
  p: LayerNormalizationProblem, y: usize, x: usize, statistics: usize, size: usize, careful: bool,
): void {
  const whole = size & ~15;
  const gamma = p.gamma, beta = p.beta;
  const mean = v128.load32_splat(statistics), scale = v128.load32_splat(statistics, 4);
  let i: usize = 0;
  if (!beta) {
    for (; i < whole; i += 16) scaleLanes<v128>(y + i, x + i, mean, scale, gamma + i, careful);
    for (; i < size; i += 4) scaleLanes<f32>(y + i, x + i, mean, scale, gamma + i, careful);
    return;
  }
  for (; i < whole; i += 16) {
    storeNormalized<v128>(y + i, normalizedAt<v128>(x + i, mean, scale, careful), gamma + i, beta + i, careful);
  }
  for (; i < size; i += 4) {
    storeNormalized<f32>(y + i, normalizedAt<f32>(x + i, mean, scale, careful), gamma + i, beta + i, careful);
  }
}

/** y = gamma x^ */
@inline
function scaleLanes<T>(y: usize, x: usize, mean: v128, scale: v128, gamma: usize, careful: bool): void {
  storeLanes<T>(y, product(normalizedAt<T>(x, mean, scale, careful), loadNumbers<T>(gamma, careful), careful));
}

/** x^ */
@inline
function normalizedAt<T>(x: usize, mean: v128, scale: v128, careful: bool): v128 {
  return normalized(loadNumbers<T>(x, careful), mean, scale, careful);
}

@inline
function centered<T>(x: usize, mean: v128): v128 {
  return squarable(f32x4.sub(loadLanes<T>(x), mean));
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
  const size = <usize>p.columns << 2;
  const first = task * blockRows(p.rows, p.columns), end = min(p.rows, first + blockRows(p.rows, p.columns));
  const dGamma = p.sums + 2 * <usize>task * size;
  const carefulFactors = needsCare(p.gamma, size, LEAST_FACTOR);
  zeroRow(dGamma, 2 * size);
  for (let row = first; row < end; row++) {
    const offset = <usize>row * size;
    const scale = load<f32>(p.statistics + (<usize>row << 3), 4);
    // Where epsilon outweighs the variance, or nothing is taken off, numbers may be small.
    const small = scale * scale * (p.epsilon + LEAST_VARIANCE) > 0.5 || !p.centered;
    const careful = carefulFactors || (small && needsCare(p.x + offset, size, LEAST_NUMBER));
    if (careful || needsCare(p.dY + offset, size, LEAST_NUMBER)) differentiateWithCare(p, dGamma, row, size);
    else differentiate(p, dGamma, row, size);
  }
}

function differentiate(p: LayerNormalizationProblem, dGamma: usize, row: i32, size: usize): void {
  differentiateRow(p, dGamma, row, size, false);
}

function differentiateWithCare(p: LayerNormalizationProblem, dGamma: usize, row: i32, size: usize): void {
  differentiateRow(p, dGamma, row, size, true);
}

/** One row of dX, and what it adds to the sums. */
@inline
function differentiateRow(p: LayerNormalizationProblem, dGamma: usize, row: i32, size: usize, careful: bool): void {
  const whole = size & ~15;
  const offset = <usize>row * size;
  const x = p.x + offset, dY = p.dY + offset, dX = p.dX + offset;
  const gamma = p.gamma, dBeta = dGamma + size;
  const statistics = p.statistics + (<usize>row << 3);
  const mean = v128.load32_splat(statistics), scale = v128.load32_splat(statistics, 4);
  const count = <f32>p.columns;
  let sums = f32x4.splat(0), products = f32x4.splat(0);
  let i: usize = 0;
  for (; i < whole; i += 16) {
    const normal = normalizedAt<v128>(x + i, mean, scale, careful), dy = loadNumbers<v128>(dY + i, careful);
    const g = product(dy, loadNumbers<v128>(gamma + i, careful), careful);
    addGradients<v128>(dGamma + i, dBeta + i, dy, normal, careful);
    sums = sum(sums, g, careful);
    products = addProduct(products, g, normal, careful);
  }
  let total = sumLanes(sums), productTotal = sumLanes(products);
  for (; i < size; i += 4) {
    const normal = normalizedAt<f32>(x + i, mean, scale, careful), dy = loadNumbers<f32>(dY + i, careful);
    const g = product(dy, loadNumbers<f32>(gamma + i, careful), careful);
    addGradients<f32>(dGamma + i, dBeta + i, dy, normal, careful);
    total += f32x4.extract_lane(g, 0);
    productTotal += f32x4.extract_lane(product(g, normal, careful), 0);
  }
  let common = f32x4.splat(p.centered ? total / count : 0), along = f32x4.splat(productTotal / count);
  if (careful) {
    common = flush(common);
    along = flush(along);
  }
  for (i = 0; i < whole; i += 16) {
    differentiateLanes<v128>(dX + i, x + i, mean, scale, dY + i, gamma + i, common, along, careful);
  }
  for (; i < size; i += 4) {
    differentiateLanes<f32>(dX + i, x + i, mean, scale, dY + i, gamma + i, common, along, careful);
  }
}

/** dGamma += dY x^, dBeta += dY */
@inline
function addGradients<T>(dGamma: usize, dBeta: usize, dY: v128, normal: v128, careful: bool): void {
  storeLanes<T>(dGamma, addProduct(loadLanes<T>(dGamma), dY, normal, careful));
  storeLanes<T>(dBeta, sum(dY, loadLanes<T>(dBeta), careful));
}

/** dX = scale (gamma dY - x^ along - common) */
@inline
function differentiateLanes<T>(
  dX: usize, x: usize, mean: v128, scale: v128, dY: usize, gamma: usize, common: v128, along: v128, careful: bool,
): void {
  const g = product(loadNumbers<T>(dY, careful), loadNumbers<T>(gamma, careful), careful);
  const rest = subtractProduct(g, normalizedAt<T>(x, mean, scale, careful), along, careful);
  storeLanes<T>(dX, product(scale, difference(rest, common, careful), careful));
}
