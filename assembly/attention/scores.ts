// Scores of one panel of queries against a run of keys: products, capped and masked.

import { tileInterleaved, TILE_ROWS } from '../gemm/tile';
import { LOG2E } from '../simd/exp2';
import { tanh } from '../simd/tanh';
import { AttentionProblem } from './problem';
import { PANEL_STEP, ZEROS } from './tiles';
import { applyMask, endVisible, firstVisible, hideOutside } from './visibility';

/**
 * A product of packed rows and one packed panel: out[row][8] = rows . panel, rows in panels of four.
 * It writes whole tiles, up to three rows more than asked for.
 */
export function panelProduct(out: usize, rows4: usize, rows: i32, panel: usize, depth: i32, constants: usize): void {
  const step = <usize>depth << 4;
  for (let r = 0; r < rows; r += TILE_ROWS, rows4 += step, out += <usize>TILE_ROWS * PANEL_STEP) {
    tileInterleaved(depth, rows4, 16, panel, PANEL_STEP, constants + ZEROS, 0, out, PANEL_STEP);
  }
}

/** Factor that the packed queries carry: the sign of the scale, so that the maximum is that of the scores. */
@inline
export function querySign(p: AttentionProblem): f32 {
  return p.scale < 0 ? -1 : 1;
}

/**
 * What a difference of finished scores is times to become a power of two. Plain scores are kept without their scale:
 * to multiply the small differences with the maximum loses fewer digits than to multiply queries or scores.
 */
@inline
export function scoreUnit(p: AttentionProblem): f32 {
  return LOG2E * (p.softcap > 0 || p.maskKind == 2 ? 1 : abs(p.scale));
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
 * Applies the mask tensor and the limits to one panel of products, or capped scores. Its `queries` queries (1 to 8) start
 * at `firstQuery`, the first at `position` among the keys.
 */
export function maskScores(
  p: AttentionProblem, scores: usize, b: i32, h: i32,
  firstQuery: i32, queries: i32, position: i32, firstKey: i32, keys: i32, length: i32,
): void {
  if (p.maskKind) {
    applyMask(p, scores, b, h, firstQuery, queries, firstKey, keys, p.softcap > 0 ? 1 : abs(p.scale));
  }
  if (firstKey < firstVisible(p, position + queries - 1) || firstKey + keys > endVisible(p, position, length)) {
    hideOutside(p, scores, firstKey, keys, position, length);
  }
}
