// Fused attention, backward: scores are computed again, five products a tile.
//
//   for each key/value head:          prepare and pack K and V (4 or 6 keys a panel); dK = dV = 0
//     for each query head, block of 64 queries:
//       prepare and pack Q and dOut (8 or 16 queries a panel);  delta = rowsum(dOut * out);  dQ = 0
//       for each block of 64 keys:
//         P  = 2^(c (K Q - m)) / l       m and l are the forward pass's, c = scale log2 e
//         dP = V dOut
//         dS = scale P (dP - delta)
//         dV += P dOut;  dK += dS Q;  dQ^T += K^T dS
//
// (T. Dao et al., "FlashAttention", algorithm 4.) Where one block holds all keys, delta is the sum of P dP, as a plain
// softmax gradient has it: then dS of a row with one key is exactly 0. With dropout, P in dV and dP are times
// keep / (1 - rate); with a soft cap, dS is times its slope 1 - (score / cap)^2. Linear attention has P = S and dS = dP,
// with [dOut, -delta] times the rows' factors for dOut; keys that a whole block sees go through its state (linear.ts).

import { ROWS_STEP, stripInterleaved, stripRows, stripTransposed } from '../gemm/tile';
import { zeroRow } from '../simd/copy';
import { multiplyRow } from '../simd/rows';
import { dropPanel } from './dropout';
import {
  addStateGradients, addStateToKeys, addToStateGradient, advanceState, clearState, clearStateGradient, prefixOf,
} from './linear';
import { clearSums, finishKeys, finishQueries, prepareQueries, takeKeys } from './operands';
import { prepareGradients } from './outGradients';
import { AttentionProblem, entry, groupSize, Kernel, valueColumns } from './problem';
import { capScores, capSlopes, maskScores, panelProduct } from './scores';
import { addVisibleQueries, addVisibleKeys, clearHidden, findVisible } from './selection';
import { clearShifts, unshiftSums } from './shifts';
import { keysCalm } from './sizes';
import { differentiate, recomputeWeights, sumDelta } from './softmax';
import { firstBlockOf, headOfBlock, queryOfBlock } from './tasks';
import {
  BLOCK_KEYS, BLOCK_QUERIES, paddedStep, PANEL, PANEL_STEP, panelBytes, panelsBytes,
} from './tiles';
import { endVisible, firstVisible, hideOutside, seesAny } from './visibility';
import { BACKWARD_PANEL, scratchBytes, Workspace, workspaceOf } from './workspace';

export function attentionBackwardTasks(p: AttentionProblem): i32 {
  return p.batch * p.keyHeads * p.chunks;
}

export function attentionBackwardScratch(p: AttentionProblem): usize {
  return scratchBytes(p);
}

/** dQ of one key/value head's queries with dK and dV, or of one run of their blocks with its part of the sums. */
export function attentionBackward(p: AttentionProblem, task: i32, scratch: usize): void {
  const index = task / p.chunks, chunk = task % p.chunks;
  const b = index / p.keyHeads, g = index % p.keyHeads;
  const w = workspaceOf(p, index, chunk, scratch);
  takeKeys(p, w, b, g);
  clearSums(p, w);
  clearShifts(w);
  const end = firstBlockOf(p, chunk + 1);
  for (let block = firstBlockOf(p, chunk); block < end; block++) {
    const h = headOfBlock(p, g, block), i = queryOfBlock(p, block);
    if (i == 0 && (p.causal || h == g * groupSize(p))) clearState(p, w);
    backwardBlock(p, w, b, h, i);
    if (p.kernel == Kernel.LINEAR && i + BLOCK_QUERIES >= p.queries) backwardState(p, w, b, h);
  }
  unshiftSums(p, w);
  if (p.chunks == 1) finishKeys(p, w, b, g);
}

/** One block of queries: its rows of dQ, and its part of dK and dV. */
function backwardBlock(p: AttentionProblem, w: Workspace, b: i32, h: i32, firstQuery: i32): void {
  const rows = min(BLOCK_QUERIES, p.queries - firstQuery);
  const position = firstQuery + entry(p.queryOffsets, b);
  prepareQueries(p, w, b, h, firstQuery, rows);
  prepareGradients(p, w, b, h, firstQuery, rows);
  memory.fill(w.dQuerySums, 0, panelsBytes(rows, p.headWidth));
  const prefix = prefixOf(p, w, position);
  if (prefix > 0) {
    advanceState(p, w, prefix);
    addStateGradients(p, w, rows);
  }

  const begin = max(prefix, firstVisible(p, w, position));
  const end = endVisible(p, w, position + rows - 1);
  for (let block = begin, next = 0; block < end; block = next) {
    next = min((block / BLOCK_KEYS + 1) * BLOCK_KEYS, end);
    const keys = next - block;
    // Queries of the block that see any of these keys: whole panels, next to each other.
    let firstPanel = 0;
    while (firstPanel < rows && endVisible(p, w, position + min(firstPanel + PANEL, rows) - 1) <= block) {
      firstPanel += PANEL;
    }
    let endPanel = rows;
    while (endPanel > firstPanel && firstVisible(p, w, position + ((endPanel - 1) & -PANEL)) >= block + keys) {
      endPanel = (endPanel - 1) & -PANEL;
    }
    if (firstPanel >= endPanel) continue;
    if (!seesAny(p, h, firstQuery + firstPanel, firstQuery + endPanel, block, block + keys)) continue;
    for (let i = firstPanel; i < endPanel; i += PANEL) {
      backwardPanel(p, w, b, h, firstQuery + i, i, min(PANEL, rows - i), position + i, block, keys, keys == end - begin);
    }
    const seen = endPanel - firstPanel;
    addToKeys(w, w.dValue, valueColumns(p), block, keys, w.weights, firstPanel, seen, w.dOutRows, w.dOutStep, w.gradientsCalm);
    addToKeys(w, w.dKey, p.headWidth, block, keys, w.dScores, firstPanel, seen, w.queryRows, w.queryStep, w.queriesCalm);
    addToQueries(p, w, firstPanel, endPanel, block, keys);
  }
  finishQueries(p, w, b, h, firstQuery, rows);
}

/**
 * What flows through the state of linear attention to a head's keys: from the last block of queries to the first, so
 * that the gradient of the state always sums over the blocks that have a key in their prefix.
 */
function backwardState(p: AttentionProblem, w: Workspace, b: i32, h: i32): void {
  clearStateGradient(p, w);
  const offset = entry(p.queryOffsets, b);
  let end = 0;
  for (let i = ((p.queries - 1) / BLOCK_QUERIES) * BLOCK_QUERIES; i >= 0; i -= BLOCK_QUERIES) {
    const rows = min(BLOCK_QUERIES, p.queries - i);
    const prefix = prefixOf(p, w, i + offset);
    addStateToKeys(p, w, prefix, end);
    end = prefix;
    if (prefix == 0) break;
    prepareQueries(p, w, b, h, i, rows);
    prepareGradients(p, w, b, h, i, rows);
    addToStateGradient(p, w, rows);
  }
  addStateToKeys(p, w, 0, end);
}

/** The panel of P whose queries start `i` rows into their block. */
@inline
function weightsOf(w: Workspace, i: i32): usize {
  return w.weights + <usize>(i / PANEL) * BACKWARD_PANEL;
}

/** Where the pass selects, which keys they see. */
@inline
function seenOf(w: Workspace, i: i32): usize {
  return w.seen + <usize>(i / PANEL) * BACKWARD_PANEL;
}

/** The panel of dP, later dS. */
@inline
function dScoresOf(w: Workspace, i: i32): usize {
  return w.dScores + <usize>(i / PANEL) * BACKWARD_PANEL;
}

/** P and dS of one panel of queries, `i` rows into its block, against one block of keys; `alone`: it is the only one. */
function backwardPanel(
  p: AttentionProblem, w: Workspace, b: i32, h: i32, firstQuery: i32, i: i32, queries: i32, position: i32,
  firstKey: i32, keys: i32, alone: bool,
): void {
  const weights = weightsOf(w, i), dScores = dScoresOf(w, i);
  const width = valueColumns(p);
  panelProduct(
    weights, w.keysPacked, firstKey, keys, w.queriesPacked + ((<usize>i * <usize>p.headWidth) << 2), p.headWidth, w.constants,
  );
  panelProduct(
    dScores, w.valuesPacked, firstKey, keys, w.dOutPacked + ((<usize>i * <usize>width) << 2), width, w.constants,
  );
  if (p.softcap > 0) {
    capScores(p, weights, keys, w.constants);
    capSlopes(w.slopes, weights, keys, p.softcap);
  }
  // Rows that fill up a tile of keys, which addToKeys takes for keys.
  clearRows(weights, keys);
  clearRows(dScores, keys);
  maskScores(p, w, weights, b, h, firstQuery, queries, position, firstKey, keys);
  const seen = seenOf(w, i);
  if (w.selects) findVisible(p, w, seen, weights, b, h, firstQuery, queries, position, firstKey, keys);
  if (p.kernel == Kernel.LINEAR) {
    hideOutside(p, w, dScores, firstKey, keys, position, 0);
    return;
  }
  recomputeWeights(p, w, weights, keys, i);
  if (w.selects) {
    clearHidden(weights, seen, keys);
    clearHidden(dScores, seen, keys);
  }
  if (p.dropout > 0) dropPanel(p, dScores, b, h, firstQuery, firstKey, keys);
  const delta = w.delta + (<usize>i << 2);
  if (alone) sumDelta(delta, weights, dScores, keys);
  differentiate(weights, dScores, keys, delta, p.scale);
  if (p.softcap > 0) multiplyRow(dScores, dScores, w.slopes, <usize>keys * PANEL_STEP);
  if (w.selects) clearHidden(dScores, seen, keys);
  if (p.dropout > 0) dropPanel(p, weights, b, h, firstQuery, firstKey, keys);
}

/** The rows of a panel after its last key, up to the end of a tile, become 0. */
function clearRows(panel: usize, keys: i32): void {
  zeroRow(panel + <usize>keys * PANEL_STEP, <usize>(stripRows(keys) - keys) * PANEL_STEP);
}

/** sums[key] += sum over queries of tile[query][key] rows[query], for one block of keys; `calm`: the rows are. */
function addToKeys(
  w: Workspace, sums: usize, width: i32, firstKey: i32, keys: i32, tile: usize, firstQuery: i32, queries: i32,
  rows: usize, rowStep: usize, calm: i32,
): void {
  if (!calm) {
    addVisibleQueries(sums, width, firstKey, keys, tile, w.seen, firstQuery, queries, rows, rowStep);
    return;
  }
  const step = paddedStep(width);
  tile += <usize>(firstQuery / PANEL) * BACKWARD_PANEL;
  rows += <usize>firstQuery * rowStep;
  sums += <usize>firstKey * step;
  for (let e: usize = 0; e < step; e += PANEL_STEP) {
    stripTransposed(keys, queries, tile, BACKWARD_PANEL, rows + e, rowStep, sums + e, step);
  }
}

/** dQ^T += K^T dS for the panels of one block of queries. */
function addToQueries(
  p: AttentionProblem, w: Workspace, firstQuery: i32, endQuery: i32, firstKey: i32, keys: i32,
): void {
  const rows = w.keyRows + <usize>firstKey * w.keyStep;
  for (let i = firstQuery; i < endQuery; i += PANEL) {
    const sums = w.dQuerySums + <usize>(i / PANEL) * panelBytes(p.headWidth);
    if (!keysCalm(w)) {
      addVisibleKeys(sums, p.headWidth, dScoresOf(w, i), seenOf(w, i), rows, w.keyStep, keys);
      continue;
    }
    stripInterleaved(
      p.headWidth, keys, rows, w.keyStep, ROWS_STEP, dScoresOf(w, i), PANEL_STEP, sums, PANEL_STEP, sums, PANEL_STEP,
    );
  }
}
