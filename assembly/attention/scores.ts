// Scores of one panel of queries against a run of keys, in powers of two: log2(e) (scale q.k), capped and masked.

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

/** score -> cap tanh(score / cap), cap in the unit of the scores. */
export function capScores(scores: usize, keys: i32, cap: f32, constants: usize): void {
  const factor = f32x4.splat(cap);
  const inverse = f32x4.splat(1 / cap);
  for (const end = scores + <usize>keys * PANEL_STEP; scores != end; scores += 16) {
    v128.store(scores, f32x4.mul(factor, tanh(f32x4.mul(inverse, v128.load(scores)), constants)));
  }
}

/**
 * What changes plain scores into those the softmax sees: cap, mask tensor, limits. The panel's `queries` queries (1 to 8)
 * start at `firstQuery`, the first at `position` among the keys.
 */
export function finishScores(
  p: AttentionProblem, scores: usize, constants: usize, b: i32, h: i32,
  firstQuery: i32, queries: i32, position: i32, firstKey: i32, keys: i32, length: i32,
): void {
  if (p.softcap > 0) capScores(scores, keys, p.softcap * LOG2E, constants);
  maskScores(p, scores, b, h, firstQuery, queries, position, firstKey, keys, length);
}

/** The mask tensor and the limits. */
export function maskScores(
  p: AttentionProblem, scores: usize, b: i32, h: i32,
  firstQuery: i32, queries: i32, position: i32, firstKey: i32, keys: i32, length: i32,
): void {
  if (p.maskKind) applyMask(p, scores, b, h, firstQuery, queries, firstKey, keys, LOG2E);
  if (firstKey < firstVisible(p, position + queries - 1) || firstKey + keys > endVisible(p, position, length)) {
    hideOutside(p, scores, firstKey, keys, position, length);
  }
}
