// Scores of one panel of queries against a run of keys: products, capped and masked.

import { LOG2E } from '../simd/exp2';
import { tanh } from '../simd/tanh';
import { madd, nmadd } from '../simd/vector';
import { AttentionProblem, Kernel, MaskKind } from './problem';
import { multiplyKeys, PAIR, PAIR_STEP, PANEL, PANEL_STEP, ZEROS } from './tiles';
import { applyMask, endVisible, firstVisible, hideBlocks, hideOutside } from './visibility';
import { Workspace } from './workspace';

/**
 * out[key][query] = key . query for a run of packed keys, or values, and one panel of queries, or gradients.
 * It writes whole tiles, up to five rows more than asked for.
 */
export function panelProduct(
  out: usize, packed: usize, firstKey: i32, keys: i32, panel: usize, depth: i32, constants: usize,
): void {
  multiplyKeys(firstKey, firstKey + keys, depth, packed, panel, PANEL_STEP, constants + ZEROS, 0, out, PANEL_STEP);
}

/**
 * What a difference of finished scores is times to become a power of two. Plain scores are kept without their scale:
 * to multiply the small differences with the maximum loses fewer digits than to multiply queries or scores.
 */
@inline
export function scoreUnit(p: AttentionProblem): f32 {
  return LOG2E * (p.softcap > 0 || p.maskKind == MaskKind.FLOAT || p.alibiSlopes ? 1 : abs(p.scale));
}

/** products -> cap tanh(scale products / cap), the capped scores. */
export function capScores(p: AttentionProblem, scores: usize, keys: i32, constants: usize): void {
  const cap = f32x4.splat(p.softcap);
  // Finite, so that a product of 0 is 0.
  const factor = f32x4.splat(min<f32>(abs(p.scale) / p.softcap, 1e30));
  for (const end = scores + <usize>keys * PANEL_STEP; scores != end; scores += 16) {
    v128.store(scores, f32x4.mul(cap, tanh(f32x4.mul(factor, v128.load(scores)), constants)));
  }
}

/** slopes = 1 - (score / cap)^2, the derivative of the cap at capped scores. */
export function capSlopes(slopes: usize, scores: usize, keys: i32, cap: f32): void {
  const one = f32x4.splat(1);
  const inverse = f32x4.splat(1 / cap);
  for (const end = scores + <usize>keys * PANEL_STEP; scores != end; scores += 16, slopes += 16) {
    const x = f32x4.mul(inverse, v128.load(scores));
    v128.store(slopes, nmadd(x, x, one));
  }
}

/**
 * scores -> scale times them + slope (key - position of the query) for one panel of queries, the first at `position`
 * (O. Press et al., "Train Short, Test Long", ALiBi).
 */
function addDistances(scores: usize, firstKey: i32, keys: i32, position: i32, slope: f32, scale: f32): void {
  const slopes = f32x4.splat(slope), scales = f32x4.splat(scale);
  const one = i32x4.splat(1), four = i32x4.splat(4);
  for (let i = 0; i < PANEL; i += PAIR, scores += PAIR_STEP) {
    let distance0 = i32x4.sub(i32x4.splat(firstKey - position - i), i32x4(0, 1, 2, 3));
    let distance1 = i32x4.sub(distance0, four);
    let at = scores;
    for (const end = at + <usize>keys * PANEL_STEP; at != end; at += PANEL_STEP) {
      const score0 = f32x4.mul(scales, v128.load(at)), score1 = f32x4.mul(scales, v128.load(at, 16));
      v128.store(at, madd(slopes, f32x4.convert_i32x4_s(distance0), score0));
      v128.store(at, madd(slopes, f32x4.convert_i32x4_s(distance1), score1), 16);
      distance0 = i32x4.add(distance0, one);
      distance1 = i32x4.add(distance1, one);
    }
  }
}

/**
 * Adds what ALiBi adds, and hides what the mask tensor, the blocks and the limits hide from one panel of products, or
 * capped scores: -Infinity, or 0 for linear attention. Its `queries` queries start at `firstQuery`, the first at
 * `position` among the keys.
 */
export function maskScores(
  p: AttentionProblem, w: Workspace, scores: usize, b: i32, h: i32,
  firstQuery: i32, queries: i32, position: i32, firstKey: i32, keys: i32,
): void {
  let scale: f32 = p.softcap > 0 ? 1 : abs(p.scale);
  if (p.alibiSlopes) {
    addDistances(scores, firstKey, keys, position, load<f32>(p.alibiSlopes + (<usize>h << 2)), scale);
    scale = 1;
  }
  const hidden: f32 = p.kernel == Kernel.LINEAR ? 0 : -Infinity;
  hideScores(p, w, scores, b, h, firstQuery, queries, position, firstKey, keys, scale, hidden);
}

/** `maskScores` without what ALiBi adds; a float mask is added to `scale` times the scores. */
export function hideScores(
  p: AttentionProblem, w: Workspace, scores: usize, b: i32, h: i32,
  firstQuery: i32, queries: i32, position: i32, firstKey: i32, keys: i32, scale: f32, hidden: f32,
): void {
  if (p.maskKind) applyMask(p, scores, b, h, firstQuery, queries, firstKey, keys, scale);
  if (p.blocks) hideBlocks(p, scores, h, firstQuery, firstKey, keys);
  if (firstKey < firstVisible(p, w, position + queries - 1) || firstKey + keys > endVisible(p, w, position)) {
    hideOutside(p, w, scores, firstKey, keys, position, hidden);
  }
}
