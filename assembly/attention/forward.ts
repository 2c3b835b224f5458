// Fused attention, forward.
//
//   for each key/value head:          prepare and pack K (4 or 6 keys a panel) and V
//     for each query head, block of 64 queries:
//       prepare and pack Q (8 or 16 queries a panel)
//       for each panel of queries, run of keys that it sees:
//         S = K Q            scores, [key][queries of the panel]
//         m' = max(m, S);  P = 2^(c (S - m'));  l = l 2^(c (m - m')) + sum P       c = scale log2 e
//         O = O 2^(c (m - m')) + V^T P      sums, [value column][queries of the panel]
//       out = O^T / l;  the row keeps m and 1 / l
//
// (M. Milakov, N. Gimelshein, "Online normalizer calculation for softmax"; T. Dao et al., "FlashAttention".)
// Scores never leave the first-level cache; keys that no query of the panel sees are never touched. Linear attention has
// P = S, l as one more column of V, and for the keys that all of a block sees a shorter way (linear.ts).

import { transpose } from '../gemm/pack';
import { ROWS_STEP, stripInterleaved } from '../gemm/tile';
import { copyRow } from '../simd/copy';
import { dropPanel } from './dropout';
import { prepareQueries, takeKeys } from './operands';
import { addStateProducts, advanceState, clearState, prefixOf } from './linear';
import {
  AttentionProblem, entry, groupSize, headOf, Kernel, LINEAR_EPSILON, rowFactors, rowMaxima, valueColumns,
} from './problem';
import { addVisibleKeys, exposeOverflow, findVisible, noteVisible } from './selection';
import { unshift } from './shifts';
import { valuesCalm, valueShift } from './sizes';
import { capScores, maskScores, panelProduct } from './scores';
import { multiplyColumns, NO_MAXIMUM, softmaxPanel } from './softmax';
import { firstBlockOf, headOfBlock, queryOfBlock } from './tasks';
import { BLOCK_QUERIES, PANEL, PANEL_STEP, panelsBytes, panelBytes } from './tiles';
import { endVisible, firstVisible, isHidden, runEnd } from './visibility';
import { FORWARD_KEYS, scratchBytes, Workspace, workspaceOf } from './workspace';

export function attentionForwardTasks(p: AttentionProblem): i32 {
  return p.batch * p.keyHeads * p.chunks;
}

export function attentionForwardScratch(p: AttentionProblem): usize {
  return scratchBytes(p);
}

/** out and rowStates of one key/value head's queries, or of one run of their blocks; padding is not read. */
export function attentionForward(p: AttentionProblem, task: i32, scratch: usize): void {
  const index = task / p.chunks, chunk = task % p.chunks;
  const b = index / p.keyHeads, g = index % p.keyHeads;
  const w = workspaceOf(p, index, chunk, scratch);
  takeKeys(p, w, b, g);
  const end = firstBlockOf(p, chunk + 1);
  for (let block = firstBlockOf(p, chunk); block < end; block++) {
    const h = headOfBlock(p, g, block), i = queryOfBlock(p, block);
    if (i == 0 && (p.causal || h == g * groupSize(p))) clearState(p, w);
    forwardBlock(p, w, b, h, i);
  }
}

/** One block of queries: rows firstQuery to firstQuery + 63 of out and rowStates. */
function forwardBlock(p: AttentionProblem, w: Workspace, b: i32, h: i32, firstQuery: i32): void {
  const rows = min(BLOCK_QUERIES, p.queries - firstQuery);
  const position = firstQuery + entry(p.queryOffsets, b);
  prepareQueries(p, w, b, h, firstQuery, rows);
  if (w.selects) memory.fill(w.saw, 0, BLOCK_QUERIES << 2);
  for (let i: usize = 0; i < <usize>BLOCK_QUERIES << 2; i += 16) {
    v128.store(w.maxima + i, f32x4.splat(NO_MAXIMUM));
    v128.store(w.totals + i, f32x4.splat(0));
  }
  memory.fill(w.sums, 0, panelsBytes(rows, valueColumns(p)));
  const prefix = prefixOf(p, w, position);
  if (prefix > 0) {
    advanceState(p, w, prefix);
    addStateProducts(p, w, rows);
  }

  const begin = max(prefix, firstVisible(p, w, position));
  const end = endVisible(p, w, position + rows - 1);
  for (let block = begin; block < end; block += FORWARD_KEYS) {
    for (let i = 0; i < rows; i += PANEL) {
      const queries = min(PANEL, rows - i);
      const first = max(block, firstVisible(p, w, position + i));
      const last = min(min(block + FORWARD_KEYS, end), endVisible(p, w, position + i + queries - 1));
      for (let from = first, to = last; from < last; from = to) {
        to = p.blocks ? runEnd(p, h, firstQuery + i, from, last) : last;
        if (!isHidden(p, h, firstQuery + i, from)) {
          forwardRun(p, w, b, h, firstQuery + i, i, queries, position + i, from, to - from);
        }
      }
    }
  }
  finishRows(p, w, b, h, firstQuery, rows);
}

/** One panel of queries, `i` rows into its block, against one run of keys, FORWARD_KEYS at most. */
function forwardRun(
  p: AttentionProblem, w: Workspace, b: i32, h: i32, firstQuery: i32, i: i32, queries: i32, position: i32,
  firstKey: i32, keys: i32,
): void {
  const scores = w.weights;
  const sums = w.sums + <usize>(i / PANEL) * panelBytes(valueColumns(p));
  panelProduct(
    scores, w.keysPacked, firstKey, keys, w.queriesPacked + ((<usize>i * <usize>p.headWidth) << 2), p.headWidth, w.constants,
  );
  if (p.softcap > 0) capScores(p, scores, keys, w.constants);
  maskScores(p, w, scores, b, h, firstQuery, queries, position, firstKey, keys);
  if (w.selects) {
    findVisible(p, w, w.seen, scores, b, h, firstQuery, queries, position, firstKey, keys);
    noteVisible(w.saw + (<usize>i << 2), w.seen, keys);
  }
  if (p.kernel != Kernel.LINEAR) softmaxPanel(p, w, scores, keys, i, sums);
  if (p.dropout > 0) dropPanel(p, scores, b, h, firstQuery, firstKey, keys);
  addValues(p, w, scores, keys, firstKey, sums);
}

/** sums += V^T weights for one panel of queries. */
function addValues(p: AttentionProblem, w: Workspace, weights: usize, keys: i32, firstKey: i32, sums: usize): void {
  const rows = w.valueRows + <usize>firstKey * w.valueStep;
  if (!valuesCalm(w)) {
    addVisibleKeys(sums, valueColumns(p), weights, w.seen, rows, w.valueStep, keys);
    return;
  }
  stripInterleaved(
    valueColumns(p), keys, rows, w.valueStep, ROWS_STEP, weights, PANEL_STEP, sums, PANEL_STEP, sums, PANEL_STEP,
  );
}

/** out = sums / total; 0 for a row that saw no key. */
function finishRows(p: AttentionProblem, w: Workspace, b: i32, h: i32, firstQuery: i32, rows: i32): void {
  if (p.kernel == Kernel.LINEAR) shareOfSums(p, w, rows);
  else {
    if (w.selects) exposeOverflow(w, rows);
    shareOfTotals(w, rows);
  }
  copyRow(rowMaxima(p, b, h, firstQuery), w.maxima, <usize>rows << 2);
  copyRow(rowFactors(p, b, h, firstQuery), w.totals, <usize>rows << 2);
  const step = p.outRow << 2;
  const out = headOf(p.out, b, p.outBatch, h, p.outHead) + <usize>firstQuery * step;
  let sums = w.sums;
  for (let i = 0; i < rows; i += PANEL, sums += panelBytes(valueColumns(p))) {
    multiplyColumns(sums, p.valueWidth, w.totals + (<usize>i << 2));
    unshift(sums, <usize>p.valueWidth * PANEL_STEP, valueShift(w));
    transpose(out + <usize>i * step, step, sums, PANEL_STEP, p.valueWidth, min(PANEL, rows - i));
  }
}

/** Totals become 1 / total; Infinity and 0 are the maximum and the factor of a row that saw no key. */
function shareOfTotals(w: Workspace, rows: i32): void {
  const zeros = f32x4.splat(0), ones = f32x4.splat(1);
  for (let i: usize = 0; i < <usize>rows << 2; i += 16) {
    const total = v128.load(w.totals + i);
    const dead = f32x4.eq(total, zeros);
    v128.store(w.maxima + i, v128.bitselect(f32x4.splat(Infinity), v128.load(w.maxima + i), dead));
    v128.store(w.totals + i, v128.andnot(f32x4.div(ones, total), dead));
  }
}

/** Totals become scale / (scale sum + 1e-6), where the sum of the weights is the last row of the sums. */
function shareOfSums(p: AttentionProblem, w: Workspace, rows: i32): void {
  const scale = f32x4.splat(p.scale), epsilon = f32x4.splat(LINEAR_EPSILON);
  let panel = w.sums + <usize>p.valueWidth * PANEL_STEP;
  for (let i = 0; i < rows; i += PANEL, panel += panelBytes(valueColumns(p))) {
    const row = <usize>i << 2;
    for (let lane: usize = 0; lane < PANEL_STEP; lane += 16) {
      const sum = f32x4.add(f32x4.mul(scale, v128.load(panel + lane)), epsilon);
      v128.store(w.maxima + row + lane, f32x4.splat(0));
      v128.store(w.totals + row + lane, f32x4.div(scale, sum));
    }
  }
}
