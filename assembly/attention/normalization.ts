// Attention-BN: queries and keys normalised by the statistics of one head's keys.
//
//   mu, sigma^2 = mean and (biased) variance of the keys, per feature;  s = 1 / sqrt(sigma^2 + epsilon), or 1
//   q^ = (q - beta mu) s,  k^ = (k - beta mu) s
//
// Keys are packed for the products in any case, so their normalisation is no extra copy of K on the heap, and scores of
// keys far from 0 keep their digits. Gradient, with the sums over all rows of queries and keys
//
//   a = sum dx^,  b = sum x^ dx^:    d(beta mu) = -s a,   d(sigma^2) = -s^2 b / 2,   d(beta) = mu . d(beta mu)
//   dq = s dq^,   dk_j = s dk^_j + (beta d(beta mu) + 2 (k_j - mu) d(sigma^2)) / count

import { multiplyRow } from '../simd/rows';
import { madd } from '../simd/vector';
import { AttentionProblem, Statistics } from './problem';
import { paddedStep } from './tiles';
import { Workspace } from './workspace';

/** Statistics of `count` padded rows of keys into w.mean, w.shift and w.factor. */
export function measureKeys(p: AttentionProblem, w: Workspace, rows: usize): void {
  const step = paddedStep(p.headWidth);
  const end = rows + <usize>w.count * step;
  const share = f32x4.splat(w.count > 0 ? <f32>1 / <f32>w.count : 0);
  const one = f32x4.splat(1);
  for (let d: usize = 0; d < step; d += 16) {
    let sum = f32x4.splat(0);
    for (let row = rows; row != end; row += step) sum = f32x4.add(sum, v128.load(row + d));
    const mean = f32x4.mul(share, sum);
    let factor = one;
    if (p.batchNorm == Statistics.MEAN_AND_VARIANCE && w.count > 0) {
      let squares = f32x4.splat(0);
      for (let row = rows; row != end; row += step) {
        const difference = f32x4.sub(v128.load(row + d), mean);
        squares = madd(difference, difference, squares);
      }
      factor = f32x4.div(one, f32x4.sqrt(madd(share, squares, f32x4.splat(p.epsilon))));
    }
    v128.store(w.mean + d, mean);
    v128.store(w.shift + d, f32x4.mul(f32x4.splat(p.beta), mean));
    v128.store(w.factor + d, factor);
  }
}

/** Padded rows x become (x - beta mu) s, in place. Columns of padding stay finite. */
export function normalizeRows(p: AttentionProblem, w: Workspace, x: usize, rows: i32): void {
  const step = paddedStep(p.headWidth);
  for (const end = x + <usize>rows * step; x != end; x += step) {
    for (let d: usize = 0; d < step; d += 16) {
      const centered = f32x4.sub(v128.load(x + d), v128.load(w.shift + d));
      v128.store(x + d, f32x4.mul(v128.load(w.factor + d), centered));
    }
  }
}

/** Adds padded rows of x^ and their gradients to the sums a and b. */
export function sumGradients(p: AttentionProblem, w: Workspace, x: usize, dx: usize, rows: i32): void {
  const step = paddedStep(p.headWidth);
  for (const end = x + <usize>rows * step; x != end; x += step, dx += step) {
    for (let d: usize = 0; d < step; d += 16) {
      const gradient = v128.load(dx + d);
      v128.store(w.gradientSum + d, f32x4.add(v128.load(w.gradientSum + d), gradient));
      v128.store(w.gradientProduct + d, madd(v128.load(x + d), gradient, v128.load(w.gradientProduct + d)));
    }
  }
}

/** dq^ becomes dq, in place, and its part of the statistics' gradient is summed up. `x` are the rows q^. */
export function denormalizeQueries(p: AttentionProblem, w: Workspace, x: usize, dx: usize, rows: i32): void {
  sumGradients(p, w, x, dx, rows);
  const step = paddedStep(p.headWidth);
  for (const end = dx + <usize>rows * step; dx != end; dx += step) multiplyRow(dx, dx, w.factor, step);
}

/**
 * dk^ becomes dk, in place, once all gradients are summed up: this adds what flows through the statistics. `keys` are the
 * padded rows before their normalisation, which the normalised ones cannot restore: where beta is not 1, the deviation of
 * a key from the mean may be far below their last digit. w.gradientSum becomes d(beta mu).
 */
export function denormalizeKeys(p: AttentionProblem, w: Workspace, keys: usize, dx: usize): void {
  const step = paddedStep(p.headWidth);
  const rows = w.count;
  if (rows == 0) return;
  const share = f32x4.splat(<f32>1 / <f32>rows);
  const beta = f32x4.splat(p.beta);
  for (let d: usize = 0; d < step; d += 16) {
    const factor = v128.load(w.factor + d);
    const mean = v128.load(w.mean + d);
    const dShift = f32x4.neg(f32x4.mul(factor, v128.load(w.gradientSum + d)));
    v128.store(w.gradientSum + d, dShift);
    const constant = f32x4.mul(share, f32x4.mul(beta, dShift));
    const dVariance = f32x4.mul(f32x4.mul(factor, factor), v128.load(w.gradientProduct + d));
    const slope = p.batchNorm == Statistics.MEAN_AND_VARIANCE ? f32x4.mul(share, f32x4.neg(dVariance)) : f32x4.splat(0);
    let key = keys + d, gradient = dx + d;
    for (let j = 0; j < rows; j++, key += step, gradient += step) {
      const direct = madd(factor, v128.load(gradient), constant);
      v128.store(gradient, madd(slope, f32x4.sub(v128.load(key), mean), direct));
    }
  }
}

/** The head's part of dBeta, after `denormalizeKeys`. */
export function betaGradient(p: AttentionProblem, w: Workspace): f32 {
  if (w.count == 0) return 0;
  let sum: f32 = 0;
  for (let d: usize = 0; d < <usize>p.headWidth << 2; d += 4) sum += load<f32>(w.mean + d) * load<f32>(w.gradientSum + d);
  return sum;
}
