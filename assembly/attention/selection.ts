// What a pass does where an operand is not calm (sizes.ts), so that what a query does not see has no part in its results,
// whatever it holds, and what it sees shows, as NaN and Infinity do in IEEE arithmetic.

import { addScaledRow } from '../simd/rows';
import { madd } from '../simd/vector';
import { AttentionProblem, Kernel } from './problem';
import { hideScores } from './scores';
import { paddedStep, PANEL, PANEL_STEP } from './tiles';
import { BACKWARD_PANEL, Workspace } from './workspace';

/**
 * Which keys of a run each query of a panel sees, [key][query]: all bits set, or none. `scores`, masked, get their masked
 * value again: an infinite product and -Infinity may have made NaN of it.
 */
export function findVisible(
  p: AttentionProblem, w: Workspace, seen: usize, scores: usize, b: i32, h: i32,
  firstQuery: i32, queries: i32, position: i32, firstKey: i32, keys: i32,
): void {
  const bytes = <usize>keys * PANEL_STEP;
  const hidden = f32x4.splat(-Infinity);
  for (let x: usize = 0; x < bytes; x += 16) v128.store(seen + x, f32x4.splat(0));
  hideScores(p, w, seen, b, h, firstQuery, queries, position, firstKey, keys, 1, -Infinity);
  const masked = p.kernel == Kernel.LINEAR ? f32x4.splat(0) : hidden;
  for (let x: usize = 0; x < bytes; x += 16) {
    const visible = f32x4.ne(v128.load(seen + x), hidden);
    v128.store(seen + x, visible);
    v128.store(scores + x, v128.bitselect(v128.load(scores + x), masked, visible));
  }
}

/** Notes, in `saw`, which queries of a panel see any of these keys. */
export function noteVisible(saw: usize, seen: usize, keys: i32): void {
  for (let lane: usize = 0; lane < PANEL_STEP; lane += 16) {
    let any = v128.load(saw + lane);
    for (let j = 0; j < keys; j++) any = v128.or(any, v128.load(seen + <usize>j * PANEL_STEP + lane));
    v128.store(saw + lane, any);
  }
}

/** A row that saw keys and has a total of 0, since all its scores are -Infinity, has no weights: NaN. */
export function exposeOverflow(w: Workspace, rows: i32): void {
  for (let i: usize = 0; i < <usize>rows << 2; i += 16) {
    const total = v128.load(w.totals + i);
    const lost = v128.and(f32x4.eq(total, f32x4.splat(0)), v128.load(w.saw + i));
    v128.store(w.totals + i, v128.bitselect(f32x4.splat(NaN), total, lost));
  }
}

/** A panel [key][query] becomes 0 where a query does not see a key. */
export function clearHidden(panel: usize, seen: usize, keys: i32): void {
  for (const end = panel + <usize>keys * PANEL_STEP; panel != end; panel += 16, seen += 16) {
    v128.store(panel, v128.and(v128.load(panel), v128.load(seen)));
  }
}

/** sums[column][query] += sum over the keys that the query sees of panel[key][query] rows[key][column]. */
export function addVisibleKeys(
  sums: usize, width: i32, panel: usize, seen: usize, rows: usize, rowStep: usize, keys: i32,
): void {
  for (let e = 0; e < width; e++, rows += 4) {
    for (let lane: usize = 0; lane < PANEL_STEP; lane += 16, sums += 16) {
      let sum = v128.load(sums);
      let row = rows, x = lane;
      for (let j = 0; j < keys; j++, row += rowStep, x += PANEL_STEP) {
        const more = madd(v128.load32_splat(row), v128.load(panel + x), sum);
        sum = v128.bitselect(more, sum, v128.load(seen + x));
      }
      v128.store(sums, sum);
    }
  }
}

/** sums[key][column] += sum over the queries that see the key of panels[query][key] rows[query][column]. */
export function addVisibleQueries(
  sums: usize, width: i32, firstKey: i32, keys: i32, panels: usize, seen: usize, firstQuery: i32, queries: i32,
  rows: usize, rowStep: usize,
): void {
  const step = paddedStep(width);
  for (let j = 0; j < keys; j++) {
    const sum = sums + <usize>(firstKey + j) * step;
    for (let i = firstQuery; i < firstQuery + queries; i++) {
      const at = <usize>(i / PANEL) * BACKWARD_PANEL + <usize>j * PANEL_STEP + (<usize>(i % PANEL) << 2);
      if (load<i32>(seen + at)) addScaledRow(sum, rows + <usize>i * rowStep, panels + at, <usize>width << 2);
    }
  }
}

/** Rows of queries that see no key, which have the factor 0, become 0. */
export function clearUnseeing(w: Workspace, rows: usize, step: usize, count: i32): void {
  for (let i = 0; i < count; i++, rows += step) {
    if (load<f32>(w.totals + (<usize>i << 2)) == 0) memory.fill(rows, 0, step);
  }
}
