// Scores of one panel of queries against a run of keys: products, capped and masked.

import { LOG2E } from '../simd/exp2';
import { tanh } from '../simd/tanh';
import { AttentionProblem, Kernel, MaskKind } from './problem';
import { multiplyKeys, PANEL_STEP, ZEROS } from './tiles';
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
  return LOG2E * (p.softcap > 0 || p.maskKind == MaskKind.FLOAT ? 1 : abs(p.scale));
}

/** products -> cap tanh(scale products / cap), the capped scores. */
export function capScores(p: AttentionProblem, scores: usize, keys: i32, constants: usize): void {
  const cap = f32x4.splat(p.softcap);
  const factor = f32x4.splat(abs(p.scale) / p.softcap);
  for (const end = scores + <usize>keys * PANEL_STEP; scores != end; scores += 16) {
    v128.store(scores, f32x4.mul(cap, tanh(f32x4.mul(factor, v128.load(scores)), constants)));
  }
}

/**
 * Hides what the mask tensor, the blocks and the limits hide from one panel of products, or capped scores: -Infinity, or
 * 0 for linear attention. Its `queries` queries (1 to 8) start at `firstQuery`, the first at `position` among the keys.
 */
export function maskScores(
  p: AttentionProblem, w: Workspace, scores: usize, b: i32, h: i32,
  firstQuery: i32, queries: i32, position: i32, firstKey: i32, keys: i32,
): void {
  if (p.maskKind) {
    applyMask(p, scores, b, h, firstQuery, queries, firstKey, keys, p.softcap > 0 ? 1 : abs(p.scale));
  }
  if (p.blocks) hideBlocks(p, scores, h, firstQuery, firstKey, keys);
  if (firstKey < firstVisible(p, w, position + queries - 1) || firstKey + keys > endVisible(p, w, position)) {
    hideOutside(p, w, scores, firstKey, keys, position, p.kernel == Kernel.LINEAR ? 0 : -Infinity);
  }
}
