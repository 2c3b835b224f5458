// Gradients of layer normalisation:
//
//   dX = scale (g - mean(g) - x^ mean(g x^)),   g = gamma dY;   dGamma = sum of dY x^,   dBeta = sum of dY over rows
//
// not centered, without mean(g). Rows of x and of dY, and gamma, are multiplied by powers of two of their own, and the
// sums by one for all rows of the block.

import { zeroRow } from '../simd/copy';
import { loadLanes, storeLanes } from '../simd/lanes';
import {
  FACTOR_TOP, inverseOf, largestSize, leastOfFactor, LEAST_SCALED, negligible, normal, normalAbove, partOfFactor, powersOf, scaled,
  scaleRow, TOP,
} from '../simd/powers';
import { moveToDoubles, roundDoubles, SUM_ROWS } from '../simd/rows';
import { above, SMALLEST_NORMAL } from '../simd/subnormal';
import { madd, nmadd, sumLanes } from '../simd/vector';
import { blockBegin, blockEnd, blockRows, blockTasks } from '../threads/rowBlocks';
import { groupRows, LayerNormalizationProblem, MOMENT_BYTES, rowMoments } from './layerNormalization';

/** A row's share of a sum, 2^-52, below which it is 0. */
const LEAST_SHARE: f64 = 2.220446049250313e-16;
/** Bits of 2^-74, the smallest g, and of 2^-80: a smaller x^ mean(g x^) / d is nothing beside the largest g. */
const LEAST_COMMON: i32 = 0x1a800000;
const LEAST_ALONG: i32 = 0x17800000;

export function layerNormalizationBackwardTasks(p: LayerNormalizationProblem): i32 {
  return blockTasks(p.rows, p.columns);
}

/** Rows that are computed together. */
@inline
function groupOf(size: usize): i32 {
  return min(groupRows(size), SUM_ROWS);
}

/**
 * Rows: gamma times its power; a group of d and of g; parts of the sums dGamma and dBeta, and all of them in float64; and of
 * each row of the block RowSums.
 */
export function layerNormalizationBackwardScratch(p: LayerNormalizationProblem): usize {
  const size = <usize>p.columns << 2;
  return (7 + 2 * <usize>groupOf(size)) * size + <usize>blockRows(p.rows, p.columns) * SUM_BYTES;
}

// Of a row: its power for dY; the sums of g and of g d.
const SUM: usize = 4;
const PRODUCT: usize = 8;
const SUM_BYTES: usize = 12;

/** One block of rows of dX, and its part of the sums. */
export function layerNormalizationBackward(p: LayerNormalizationProblem, task: i32, gamma: usize): void {
  const size = <usize>p.columns << 2, group = groupOf(size);
  const first = blockBegin(task, p.rows, p.columns), end = blockEnd(task, p.rows, p.columns);
  const differences = gamma + size, gradients = differences + <usize>group * size;
  const dGamma = gradients + <usize>group * size, dBeta = dGamma + size, totals = dBeta + size;
  zeroRow(dGamma, 6 * size);
  const gammaPower = scaleRow(gamma, p.gamma, size, FACTOR_TOP);
  let sums = totals + 4 * size;
  const blockPower = writeGradientPowers(sums, p.dY + <usize>first * size, size, end - first);
  // dBeta is multiplied by blockPower, dGamma by that and 1 / factorPower.
  const factorPower = largestFactor(p, first, end);
  for (let row = first, rows = 0, added = 0; row < end; row += rows) {
    rows = min(group, end - row);
    const moments = rowMoments(p, row), at = <usize>row * size;
    writeDifferences(differences, p.x + at, moments, size, rows);
    writeGradients(gradients, p.dY + at, gamma, differences, moments, sums, size, rows, dBeta, blockPower, dGamma, factorPower);
    differentiateRows(p, p.dX + at, gradients, differences, moments, sums, size, rows, gammaPower);
    sums += <usize>rows * SUM_BYTES;
    added += rows;
    if (added + group <= SUM_ROWS && row + rows < end) continue;
    moveToDoubles(totals, dGamma, 2 * size);
    added = 0;
  }
  const out = p.sums + 2 * <usize>task * size, inverse = inverseOf(blockPower);
  roundDoubles(out, totals, size, <f64>factorPower * inverse);
  roundDoubles(out + size, totals + 2 * size, size, inverse);
}

/** Powers of the rows of dY; returns the least, that of the largest numbers. */
function writeGradientPowers(sums: usize, dY: usize, size: usize, rows: i32): f32 {
  let least = f32.MAX_VALUE;
  for (; rows > 0; rows--, sums += SUM_BYTES, dY += size) {
    const power = f32x4.extract_lane(powersOf(i32x4.splat(largestSize(dY, size)), TOP), 0);
    store<f32>(sums, power);
    least = min(least, power);
  }
  return least;
}

/** The largest factor of the rows, rounded to a power of two. */
function largestFactor(p: LayerNormalizationProblem, first: i32, end: i32): f32 {
  let most: f32 = 0;
  for (let row = first; row < end; row++) most = max(most, load<f32>(rowMoments(p, row), 8));
  return reinterpret<f32>(max(reinterpret<i32>(most) & 0x7f800000, SMALLEST_NORMAL));
}

@inline
function shareOf(share: f64): f32 {
  return share < LEAST_SHARE ? 0 : <f32>share;
}

/** out = d */
function writeDifferences(out: usize, x: usize, moments: usize, size: usize, rows: i32): void {
  const least = i32x4.splat(LEAST_SCALED - 1);
  for (; rows > 0; rows--, out += size, x += size, moments += MOMENT_BYTES) {
    const power = v128.load32_splat(moments), mean = v128.load32_splat(moments, 4), nothing = negligible(power, TOP);
    let i: usize = 0;
    for (; i + 16 <= size; i += 16) {
      v128.store(out + i, above(f32x4.sub(scaled(v128.load(x + i), power, nothing), mean), least));
    }
    for (; i < size; i += 4) {
      storeLanes<f32>(out + i, above(f32x4.sub(scaled(loadLanes<f32>(x + i), power, nothing), mean), least));
    }
  }
}

/** out = g, of dY and gamma times their powers, and the sums of g and of g d; adds the rows' shares to dBeta and dGamma. */
function writeGradients(
  out: usize, dY: usize, gamma: usize, differences: usize, moments: usize, sums: usize, size: usize, rows: i32,
  dBeta: usize, blockPower: f32, dGamma: usize, factorPower: f32,
): void {
  const inverseFactor = 1 / <f64>factorPower;
  for (; rows > 0; rows--, out += size, dY += size, differences += size, moments += MOMENT_BYTES, sums += SUM_BYTES) {
    const power = v128.load32_splat(sums), least = negligible(power, TOP);
    const share = <f64>blockPower * inverseOf(load<f32>(sums));
    const betaShare = f32x4.splat(shareOf(share));
    const gammaShare = f32x4.splat(shareOf(share * <f64>load<f32>(moments, 8) * inverseFactor));
    let total = f32x4.splat(0), products = f32x4.splat(0);
    let i: usize = 0;
    for (; i + 16 <= size; i += 16) {
      const gradient = scaled(v128.load(dY + i), power, least), d = v128.load(differences + i);
      const g = f32x4.mul(gradient, v128.load(gamma + i));
      v128.store(out + i, g);
      addShares<v128>(dBeta + i, betaShare, dGamma + i, gammaShare, gradient, d);
      total = f32x4.add(total, g);
      products = madd(g, d, products);
    }
    let sum = sumLanes(total), product = sumLanes(products);
    for (; i < size; i += 4) {
      const gradient = scaled(loadLanes<f32>(dY + i), power, least), d = loadLanes<f32>(differences + i);
      const g = f32x4.mul(gradient, loadLanes<f32>(gamma + i));
      storeLanes<f32>(out + i, g);
      addShares<f32>(dBeta + i, betaShare, dGamma + i, gammaShare, gradient, d);
      sum += f32x4.extract_lane(g, 0);
      product += f32x4.extract_lane(f32x4.mul(g, d), 0);
    }
    store<f32>(sums, sum, SUM);
    store<f32>(sums, product, PRODUCT);
  }
}

@inline
function addShares<T>(dBeta: usize, betaShare: v128, dGamma: usize, gammaShare: v128, gradient: v128, d: v128): void {
  storeLanes<T>(dBeta, madd(gradient, betaShare, loadLanes<T>(dBeta)));
  storeLanes<T>(dGamma, madd(f32x4.mul(gradient, gammaShare), d, loadLanes<T>(dGamma)));
}

/** dX = scale (g - d along - common) */
function differentiateRows(
  p: LayerNormalizationProblem, dX: usize, gradients: usize, differences: usize, moments: usize, sums: usize,
  size: usize, rows: i32, gammaPower: f32,
): void {
  const share = 1 / <f64>p.columns, inverseGamma = inverseOf(gammaPower);
  for (; rows > 0; rows--, dX += size, gradients += size, differences += size, moments += MOMENT_BYTES, sums += SUM_BYTES) {
    const factor = <f64>load<f32>(moments, 8);
    const common: f32 = p.centered ? normalAbove(<f32>(<f64>load<f32>(sums, SUM) * share), LEAST_COMMON) : 0;
    const along = normalAbove(<f32>(<f64>load<f32>(sums, PRODUCT) * share * factor * factor), LEAST_ALONG);
    const exact = factor * <f64>load<f32>(moments) * inverseOf(load<f32>(sums)) * inverseGamma;
    const part = partOfFactor(exact), scale = normal(exact / <f64>part);
    const commons = f32x4.splat(common), alongs = f32x4.splat(along), scales = f32x4.splat(scale);
    const parts = f32x4.splat(part), least = i32x4.splat(leastOfFactor(scale, part));
    let i: usize = 0;
    for (; i + 16 <= size; i += 16) {
      const rest = f32x4.sub(nmadd(v128.load(differences + i), alongs, v128.load(gradients + i)), commons);
      v128.store(dX + i, f32x4.mul(f32x4.mul(above(rest, least), scales), parts));
    }
    for (; i < size; i += 4) {
      const rest = f32x4.sub(nmadd(loadLanes<f32>(differences + i), alongs, loadLanes<f32>(gradients + i)), commons);
      storeLanes<f32>(dX + i, f32x4.mul(f32x4.mul(above(rest, least), scales), parts));
    }
  }
}
