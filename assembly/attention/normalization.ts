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

import { normal, normalFour } from '../simd/powers';
import { SUM_ROWS } from '../simd/rows';
import { above, leastProduct, ONE, SMALLEST_NORMAL, times } from '../simd/subnormal';
import { madd, promoteHigh } from '../simd/vector';
import { AttentionProblem, Statistics } from './problem';
import { paddedStep } from './tiles';
import { Workspace } from './workspace';

/** Bits of 2^-102: sums of numbers that are 0 or as large are multiples of 2^-125. */
const LEAST_TERM: i32 = 0x0c800000;
/** Bits of 2^-63, whose square is normal. */
const LEAST_ROOT: i32 = 0x20000000;

/** The end of the rows from `row` on whose sum is one in float32. */
@inline
function sumEnd(row: usize, end: usize, step: usize): usize {
  return min(row + <usize>SUM_ROWS * step, end);
}

/** Means of four features of the rows. */
function meanOf(rows: usize, end: usize, step: usize, share: f64): v128 {
  const noTerm = i32x4.splat(step > 0 ? LEAST_TERM - 1 : 0);
  let low = f64x2.splat(0), high = f64x2.splat(0);
  for (let row = rows; row != end; ) {
    let sum = f32x4.splat(0);
    for (const last = sumEnd(row, end, step); row != last; row += step) sum = f32x4.add(sum, above(v128.load(row), noTerm));
    low = f64x2.add(low, f64x2.promote_low_f32x4(sum));
    high = f64x2.add(high, promoteHigh(sum));
  }
  return above(normalFour(f64x2.mul(low, f64x2.splat(share)), f64x2.mul(high, f64x2.splat(share))), noTerm);
}

/** Their means of (x - mean)^2. */
function varianceOf(rows: usize, end: usize, step: usize, share: f64, mean: v128): v128 {
  const noTerm = i32x4.splat(step > 0 ? LEAST_TERM - 1 : 0), noRoot = i32x4.splat(step > 0 ? LEAST_ROOT - 1 : 0);
  let low = f64x2.splat(0), high = f64x2.splat(0);
  for (let row = rows; row != end; ) {
    let squares = f32x4.splat(0);
    for (const last = sumEnd(row, end, step); row != last; row += step) {
      const difference = above(f32x4.sub(above(v128.load(row), noTerm), mean), noRoot);
      squares = madd(difference, difference, squares);
    }
    low = f64x2.add(low, f64x2.promote_low_f32x4(squares));
    high = f64x2.add(high, promoteHigh(squares));
  }
  return normalFour(f64x2.mul(low, f64x2.splat(share)), f64x2.mul(high, f64x2.splat(share)));
}

/** Statistics of `count` padded rows of keys into w.mean, w.shift and w.factor. */
export function measureKeys(p: AttentionProblem, w: Workspace, rows: usize): void {
  const step = paddedStep(p.headWidth);
  const end = rows + <usize>w.count * step;
  const share: f64 = w.count > 0 ? 1 / <f64>w.count : 0;
  const one = f32x4.splat(1), epsilon = f32x4.splat(p.epsilon);
  const noTerm = i32x4.splat(step > 0 ? LEAST_TERM - 1 : 0);
  for (let d: usize = 0; d < step; d += 16) {
    const mean = meanOf(rows + d, end + d, step, share);
    let factor = one;
    if (p.batchNorm == Statistics.MEAN_AND_VARIANCE && w.count > 0) {
      factor = f32x4.div(one, f32x4.sqrt(f32x4.add(varianceOf(rows + d, end + d, step, share, mean), epsilon)));
    }
    v128.store(w.mean + d, mean);
    v128.store(w.shift + d, above(f32x4.mul(f32x4.splat(p.beta), mean), noTerm));
    v128.store(w.factor + d, factor);
  }
}

/** Padded rows x become (x - beta mu) s, in place, 0 below 2^-63. Columns of padding stay finite. */
export function normalizeRows(p: AttentionProblem, w: Workspace, x: usize, rows: i32): void {
  const step = paddedStep(p.headWidth), shift = w.shift, factor = w.factor;
  const noTerm = i32x4.splat(step > 0 ? LEAST_TERM - 1 : 0), least = i32x4.splat(step > 0 ? LEAST_ROOT - 1 + ONE : 0);
  for (const end = x + <usize>rows * step; x != end; x += step) {
    for (let d: usize = 0; d < step; d += 16) {
      const factors = v128.load(factor + d);
      const centered = f32x4.sub(above(v128.load(x + d), noTerm), v128.load(shift + d));
      v128.store(x + d, f32x4.mul(factors, above(centered, i32x4.sub(least, f32x4.abs(factors)))));
    }
  }
}

/** Adds padded rows of x^ and their gradients to the sums a and b, without terms below 2^-102. */
export function sumGradients(p: AttentionProblem, w: Workspace, x: usize, dx: usize, rows: i32): void {
  const step = paddedStep(p.headWidth);
  const noTerm = i32x4.splat(step > 0 ? LEAST_TERM - 1 : 0), least = i32x4.splat(step > 0 ? LEAST_TERM - 1 + ONE : 0);
  for (let d: usize = 0; d < step; d += 16) {
    const end = x + d + <usize>rows * step;
    for (let row = x + d, gradients = dx + d; row != end; ) {
      let sum = f32x4.splat(0), products = f32x4.splat(0);
      for (const last = sumEnd(row, end, step); row != last; row += step, gradients += step) {
        const gradient = above(v128.load(gradients), noTerm), numbers = v128.load(row);
        sum = f32x4.add(sum, gradient);
        products = madd(above(numbers, i32x4.sub(least, f32x4.abs(gradient))), gradient, products);
      }
      addFour(w.gradientSum + (d << 1), sum);
      addFour(w.gradientProduct + (d << 1), products);
    }
  }
}

/** Adds four numbers to sums in float64. */
@inline
function addFour(sums: usize, x: v128): void {
  v128.store(sums, f64x2.add(v128.load(sums), f64x2.promote_low_f32x4(x)));
  v128.store(sums, f64x2.add(v128.load(sums, 16), promoteHigh(x)), 16);
}

/** Four sums in float64, rounded. */
@inline
function roundFour(sums: usize): v128 {
  return normalFour(v128.load(sums), v128.load(sums, 16));
}

/** dq^ becomes dq, in place, and its part of the statistics' gradient is summed up. `x` are the rows q^. */
export function denormalizeQueries(p: AttentionProblem, w: Workspace, x: usize, dx: usize, rows: i32): void {
  sumGradients(p, w, x, dx, rows);
  const step = paddedStep(p.headWidth);
  for (const end = dx + <usize>rows * step; dx != end; dx += step) {
    for (let d: usize = 0; d < step; d += 16) v128.store(dx + d, times(v128.load(dx + d), v128.load(w.factor + d)));
  }
}

/**
 * dk^ becomes dk, in place, once all gradients are summed up: this adds what flows through the statistics. `keys` are the
 * padded rows before their normalisation, which the normalised ones cannot restore: where beta is not 1, the deviation of
 * a key from the mean may be far below their last digit.
 */
export function denormalizeKeys(p: AttentionProblem, w: Workspace, keys: usize, dx: usize): void {
  const step = paddedStep(p.headWidth);
  const rows = w.count;
  if (rows == 0) return;
  const share = f32x4.splat(<f32>1 / <f32>rows);
  const beta = f32x4.splat(p.beta);
  const noTerm = i32x4.splat(rows > 0 ? LEAST_TERM - 1 : 0), subnormal = i32x4.splat(rows > 0 ? SMALLEST_NORMAL - 1 : 0);
  const least = i32x4.splat(leastProduct(1));
  for (let d: usize = 0; d < step; d += 16) {
    const factor = v128.load(w.factor + d);
    const mean = v128.load(w.mean + d);
    const dShift = f32x4.neg(times(factor, roundFour(w.gradientSum + (d << 1))));
    const constant = above(f32x4.mul(share, times(beta, dShift)), noTerm);
    const dVariance = times(f32x4.mul(factor, factor), roundFour(w.gradientProduct + (d << 1)));
    const variable = p.batchNorm == Statistics.MEAN_AND_VARIANCE;
    const slope = variable ? above(f32x4.mul(share, f32x4.neg(dVariance)), noTerm) : f32x4.splat(0);
    const ofFactor = i32x4.sub(least, f32x4.abs(factor)), ofSlope = i32x4.sub(least, f32x4.abs(slope));
    let key = keys + d, gradient = dx + d;
    for (let j = 0; j < rows; j++, key += step, gradient += step) {
      const direct = madd(factor, above(v128.load(gradient), ofFactor), constant);
      const difference = above(f32x4.sub(above(v128.load(key), noTerm), mean), ofSlope);
      v128.store(gradient, above(madd(slope, difference, direct), subnormal));
    }
  }
}

/** The head's part of dBeta: mu . d(beta mu). */
export function betaGradient(p: AttentionProblem, w: Workspace): f32 {
  if (w.count == 0) return 0;
  let sum: f64 = 0;
  for (let d: usize = 0; d < <usize>p.headWidth << 2; d += 4) {
    sum -= <f64>load<f32>(w.mean + d) * <f64>load<f32>(w.factor + d) * load<f64>(w.gradientSum + (d << 1));
  }
  return normal(sum);
}
