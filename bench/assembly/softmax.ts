// The softmax part of attention alone, as the forward pass calls it: panels of scores, 256 keys at a time.

import { AttentionProblem } from '../../assembly/attention/problem';
import { NO_MAXIMUM, softmaxPanel } from '../../assembly/attention/softmax';
import { CONSTANTS_BYTES, PANEL, PANEL_STEP, panelBytes, writeConstants } from '../../assembly/attention/tiles';
import { FORWARD_KEYS, Workspace } from '../../assembly/attention/workspace';
import { copyRow } from '../../assembly/simd/copy';

const RUN_BYTES: usize = <usize>FORWARD_KEYS * PANEL_STEP;

/** Scores that a call of `panels` works on. */
export function scoresOf(count: i32): i32 {
  return count * 2 * FORWARD_KEYS * PANEL;
}

/** Floats of the products that `prepare` reads: two runs of keys. */
export function products(): i32 {
  return 2 * FORWARD_KEYS * PANEL;
}

/** Lays out a problem of head width `width` after the products, which are at `base`. */
export function prepare(base: usize, width: i32): void {
  const p = changetype<AttentionProblem>(base + 2 * RUN_BYTES);
  const w = changetype<Workspace>(base + 2 * RUN_BYTES + 1024);
  memory.fill(changetype<usize>(p), 0, 2048);
  p.headWidth = width;
  p.valueWidth = width;
  p.scale = 1 / Mathf.sqrt(<f32>width);
  w.constants = base + 2 * RUN_BYTES + 2048;
  w.maxima = (w.constants + CONSTANTS_BYTES + 63) & ~63;
  w.totals = w.maxima + PANEL_STEP;
  w.fresh = w.totals + PANEL_STEP;
  w.sums = w.fresh + PANEL_STEP;
  w.weights = w.sums + panelBytes(width);
  writeConstants(w.constants);
}

/**
 * `count` panels of queries, each against two runs of keys: products are copied to the panel, as fresh ones would lie
 * in the first-level cache, and, if `softmax`, become weights; maxima, totals and sums move along.
 */
export function panels(base: usize, count: i32, softmax: bool): void {
  const p = changetype<AttentionProblem>(base + 2 * RUN_BYTES);
  const w = changetype<Workspace>(base + 2 * RUN_BYTES + 1024);
  for (let n = 0; n < count; n++) {
    for (let i: usize = 0; i < PANEL_STEP; i += 16) {
      v128.store(w.maxima + i, f32x4.splat(NO_MAXIMUM));
      v128.store(w.totals + i, f32x4.splat(0));
    }
    for (let run: usize = 0; run < 2; run++) {
      copyRow(w.weights, base + run * RUN_BYTES, RUN_BYTES);
      if (softmax) softmaxPanel(p, w, w.weights, FORWARD_KEYS, 0, w.sums);
    }
  }
}
