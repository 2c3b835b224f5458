// Layer normalisation (J. L. Ba, J. R. Kiros, G. E. Hinton, "Layer Normalization"), rows of C channels:
//
//   x^ = (x - mean) scale,   scale = 1 / sqrt(variance + epsilon);   y = gamma x^ + beta
//
//   dX = scale (g - mean(g) - x^ mean(g x^)),   g = gamma dY;   dGamma = sum of dY x^,   dBeta = sum of dY over rows

import { zeroRow } from '../simd/copy';
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
  /** @optional */
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
    const mean = sumRow(x, size) / count;
    const scale: f32 = <f32>1 / sqrt<f32>(sumSquares(x, mean, size) / count + p.epsilon);
    const statistics = p.statistics + (<usize>row << 3);
    store<f32>(statistics, mean);
    store<f32>(statistics, scale, 4);
    const means = f32x4.splat(mean), scales = f32x4.splat(scale);
    let i: usize = 0;
    for (; i < whole; i += 16) {
      const normal = f32x4.mul(f32x4.sub(v128.load(x + i), means), scales);
      v128.store(y + i, madd(normal, v128.load(gamma + i), v128.load(beta + i)));
    }
    for (; i < size; i += 4) {
      store<f32>(y + i, (load<f32>(x + i) - mean) * scale * load<f32>(gamma + i) + load<f32>(beta + i));
    }
  }
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
      const gradient = v128.load(dY + i);
      const normal = f32x4.mul(f32x4.sub(v128.load(x + i), means), scales);
      v128.store(dGamma + i, madd(gradient, normal, v128.load(dGamma + i)));
      v128.store(dBeta + i, f32x4.add(gradient, v128.load(dBeta + i)));
      const g = f32x4.mul(gradient, v128.load(gamma + i));
      sums = f32x4.add(sums, g);
      products = madd(g, normal, products);
    }
    let sum = sumLanes(sums), product = sumLanes(products);
    for (; i < size; i += 4) {
      const gradient = load<f32>(dY + i);
      const normal = (load<f32>(x + i) - mean) * scale;
      store<f32>(dGamma + i, load<f32>(dGamma + i) + gradient * normal);
      store<f32>(dBeta + i, load<f32>(dBeta + i) + gradient);
      const g = gradient * load<f32>(gamma + i);
      sum += g;
      product += g * normal;
    }
    sum /= count;
    product /= count;
    const common = f32x4.splat(sum), along = f32x4.splat(product);
    for (i = 0; i < whole; i += 16) {
      const normal = f32x4.mul(f32x4.sub(v128.load(x + i), means), scales);
      const g = f32x4.mul(v128.load(dY + i), v128.load(gamma + i));
      v128.store(dX + i, f32x4.mul(scales, f32x4.sub(nmadd(normal, along, g), common)));
    }
    for (; i < size; i += 4) {
      const normal = (load<f32>(x + i) - mean) * scale;
      const g = load<f32>(dY + i) * load<f32>(gamma + i);
      store<f32>(dX + i, scale * (g - normal * product - sum));
    }
  }
}
