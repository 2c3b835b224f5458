// The online softmax of one panel of scores [key][query]: queries are lanes, so nothing crosses lanes.
//
//   m' = max(m, S);   l = l 2^(u (m - m'));   O = O 2^(u (m - m'));   P = 2^(u (S - m'));   l = l + sum P
//
// and its gradient, where m and L = 1 / l are known:
//
//   P = 2^(u (S - m)) L;   delta = sum P dP;   dS = scale P (dP - delta)
//
// with u the unit of scores in powers of two. Loops over keys take pairs of vectors, which `wide` builds fuse; the steps
// are functions of their own, since V8 must not find vectors that go into calls between them.

import {
  AT_C1, AT_C2, AT_C3, AT_C4, AT_C5, AT_LOWEST, AT_RESCALE, AT_ROUND_AND_LOW_BIAS, exp2, exp2At,
} from '../simd/exp2';
import { factorOf, leastProduct } from '../simd/subnormal';
import { AttentionProblem } from './problem';
import { scoreUnit } from './scores';
import { PAIR_STEP, PANEL_STEP } from './tiles';
import { Workspace } from './workspace';

/** Finite, so that a row that has seen no key yet gives 2^(-Infinity - m) = 0, not NaN. */
export const NO_MAXIMUM: f32 = -3.4028234663852886e38;

/**
 * Scores become weights, and maximum, total and the sums of values so far move to the new maximum. The panel's queries
 * begin `i` rows into their block.
 */
export function softmaxPanel(p: AttentionProblem, w: Workspace, scores: usize, keys: i32, i: i32, sums: usize): void {
  const row = <usize>i << 2;
  const maxima = w.maxima + row, totals = w.totals + row;
  const unit = scoreUnit(p);
  for (let pair: usize = 0; pair < PANEL_STEP; pair += PAIR_STEP) {
    findMaxima(w.fresh + pair, scores + pair, keys, maxima + pair);
  }
  if (moveMaxima(w.fresh, maxima, totals, unit, w.constants)) multiplyColumns(sums, p.valueWidth, w.fresh);
  for (let pair: usize = 0; pair < PANEL_STEP; pair += PAIR_STEP) {
    exponentiate(scores + pair, keys, maxima + pair, totals + pair, unit, w.constants);
  }
}

/** fresh = max(maxima, scores), two vectors of queries. */
function findMaxima(fresh: usize, scores: usize, keys: i32, maxima: usize): void {
  let m0 = v128.load(maxima), m1 = v128.load(maxima, 16);
  for (const end = scores + <usize>keys * PANEL_STEP; scores != end; scores += PANEL_STEP) {
    m0 = f32x4.pmax(m0, v128.load(scores));
    m1 = f32x4.pmax(m1, v128.load(scores, 16));
  }
  v128.store(fresh, m0);
  v128.store(fresh, m1, 16);
}

/**
 * The panel's fresh maxima replace the old ones; `fresh` becomes the factors of what was summed up so far. Returns whether
 * anything is to be rescaled by them.
 */
function moveMaxima(fresh: usize, maxima: usize, totals: usize, unit: f32, constants: usize): bool {
  const units = f32x4.splat(unit);
  let moved = false;
  for (const end = fresh + PANEL_STEP; fresh != end; fresh += 16, maxima += 16, totals += 16) {
    const old = v128.load(maxima), now = v128.load(fresh), total = v128.load(totals);
    if (v128.any_true(v128.and(f32x4.ne(old, now), total))) moved = true;
    const factor = exp2At(f32x4.mul(units, f32x4.sub(old, now)), constants);
    v128.store(maxima, now);
    v128.store(totals, f32x4.mul(factor, total));
    v128.store(fresh, factor);
  }
  return moved;
}

/** A panel's sums [row][query], each query's times its factor. */
export function multiplyColumns(sums: usize, rows: i32, factors: usize): void {
  for (let pair: usize = 0; pair < PANEL_STEP; pair += PAIR_STEP) {
    const factor0 = v128.load(factors + pair), factor1 = v128.load(factors + pair, 16);
    let x = sums + pair;
    for (const end = x + <usize>rows * PANEL_STEP; x != end; x += PANEL_STEP) {
      v128.store(x, f32x4.mul(factor0, v128.load(x)));
      v128.store(x, f32x4.mul(factor1, v128.load(x, 16)), 16);
    }
  }
}

/** Scores become 2^(unit (score - maximum)), and their sums are added to the totals; two vectors of queries. */
function exponentiate(scores: usize, keys: i32, maxima: usize, totals: usize, unit: f32, constants: usize): void {
  exponentiatePair(scores, keys, maxima, totals, unit, constants, false);
}

/** Scores become 2^(unit (score - maximum)) times the share, 1 / total, of their query; two vectors of queries. */
function exponentiateShares(scores: usize, keys: i32, maxima: usize, shares: usize, unit: f32, constants: usize): void {
  exponentiatePair(scores, keys, maxima, shares, unit, constants, true);
}

/** Either of them, as one loop: `totals` are summed up, or, where they are `known`, hold what to multiply by. */
@inline
function exponentiatePair(
  scores: usize, keys: i32, maxima: usize, totals: usize, unit: f32, constants: usize, known: bool,
): void {
  const units = f32x4.splat(unit);
  const round = v128.load32_splat(constants, AT_ROUND_AND_LOW_BIAS);
  const lowest = v128.load32_splat(constants, AT_LOWEST), rescale = v128.load32_splat(constants, AT_RESCALE);
  const c1 = v128.load32_splat(constants, AT_C1), c2 = v128.load32_splat(constants, AT_C2);
  const c3 = v128.load32_splat(constants, AT_C3), c4 = v128.load32_splat(constants, AT_C4);
  const c5 = v128.load32_splat(constants, AT_C5);
  const m0 = v128.load(maxima), m1 = v128.load(maxima, 16);
  let l0 = v128.load(totals), l1 = v128.load(totals, 16);
  for (const end = scores + <usize>keys * PANEL_STEP; scores != end; scores += PANEL_STEP) {
    const p0 = exp2(f32x4.mul(units, f32x4.sub(v128.load(scores), m0)), round, lowest, c1, c2, c3, c4, c5, rescale);
    const p1 = exp2(f32x4.mul(units, f32x4.sub(v128.load(scores, 16), m1)), round, lowest, c1, c2, c3, c4, c5, rescale);
    v128.store(scores, known ? f32x4.mul(l0, p0) : p0);
    v128.store(scores, known ? f32x4.mul(l1, p1) : p1, 16);
    if (known) continue;
    l0 = f32x4.add(l0, p0);
    l1 = f32x4.add(l1, p1);
  }
  if (known) return;
  v128.store(totals, l0);
  v128.store(totals, l1, 16);
}

/** Scores become weights again, 2^(unit (score - maximum)) / total; w.totals hold 1 / total by then. */
export function recomputeWeights(p: AttentionProblem, w: Workspace, scores: usize, keys: i32, i: i32): void {
  const row = <usize>i << 2;
  for (let pair: usize = 0; pair < PANEL_STEP; pair += PAIR_STEP) {
    exponentiateShares(scores + pair, keys, w.maxima + row + pair, w.totals + row + pair, scoreUnit(p), w.constants);
  }
}

/** delta = sum over keys of weights dWeights, for one panel. */
export function sumDelta(delta: usize, weights: usize, dWeights: usize, keys: i32): void {
  for (let pair: usize = 0; pair < PANEL_STEP; pair += PAIR_STEP) {
    let sum0 = f32x4.splat(0), sum1 = f32x4.splat(0);
    let x = weights + pair, y = dWeights + pair;
    for (const end = x + <usize>keys * PANEL_STEP; x != end; x += PANEL_STEP, y += PANEL_STEP) {
      sum0 = f32x4.add(sum0, f32x4.mul(v128.load(x), v128.load(y)));
      sum1 = f32x4.add(sum1, f32x4.mul(v128.load(x, 16), v128.load(y, 16)));
    }
    v128.store(delta + pair, sum0);
    v128.store(delta + pair, sum1, 16);
  }
}

/** dScores = scale weights (dWeights - delta), in place of dWeights; 0 where that would be subnormal. */
export function differentiate(weights: usize, dScores: usize, keys: i32, delta: usize, scale: f32): void {
  const factor = f32x4.splat(scale);
  const least = i32x4.splat(leastProduct(abs(scale)));
  for (let pair: usize = 0; pair < PANEL_STEP; pair += PAIR_STEP) {
    const delta0 = v128.load(delta + pair), delta1 = v128.load(delta + pair, 16);
    let x = weights + pair, y = dScores + pair;
    for (const end = x + <usize>keys * PANEL_STEP; x != end; x += PANEL_STEP, y += PANEL_STEP) {
      const difference0 = f32x4.sub(v128.load(y), delta0);
      const difference1 = f32x4.sub(v128.load(y, 16), delta1);
      const kept0 = factorOf(v128.load(x), difference0, least);
      const kept1 = factorOf(v128.load(x, 16), difference1, least);
      v128.store(y, f32x4.mul(f32x4.mul(factor, kept0), difference0));
      v128.store(y, f32x4.mul(f32x4.mul(factor, kept1), difference1), 16);
    }
  }
}
