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

import { packRightPanels } from '../gemm/pack';
import { ROWS_STEP, stripInterleaved, stripRows, stripTransposed } from '../gemm/tile';
import { copyRow, zeroRow } from '../simd/copy';
import { exp2 } from '../simd/exp2';
import { madd, nmadd, sumLanes } from '../simd/vector';
import { dropPanel } from './dropout';
import {
  addStateGradients, addStateToKeys, addToStateGradient, advanceState, clearState, clearStateGradient, prefixOf,
} from './linear';
import { clearSums, finishKeys, finishQueries, prepareQueries, takeKeys } from './operands';
import { AttentionProblem, entry, groupSize, headOf, Kernel, rowFactors, rowMaxima, valueColumns } from './problem';
import { capScores, maskScores, panelProduct, scoreUnit } from './scores';
import { firstBlockOf, headOfBlock, queryOfBlock } from './tasks';
import {
  BLOCK_KEYS, BLOCK_QUERIES, paddedStep, PAIR_STEP, PANEL, PANEL_STEP, panelBytes, panelsBytes, rightOperand,
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
  const end = firstBlockOf(p, chunk + 1);
  for (let block = firstBlockOf(p, chunk); block < end; block++) {
    const h = headOfBlock(p, g, block), i = queryOfBlock(p, block);
    if (i == 0 && (p.causal || h == g * groupSize(p))) clearState(p, w);
    backwardBlock(p, w, b, h, i);
    if (p.kernel == Kernel.LINEAR && i + BLOCK_QUERIES >= p.queries) backwardState(p, w, b, h);
  }
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
    // Queries of the block that see any of these keys: whole panels, and they are neighbours.
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
    addToKeys(w.dValue, valueColumns(p), block, keys, w.weights, firstPanel, seen, w.dOutRows, w.dOutStep);
    addToKeys(w.dKey, p.headWidth, block, keys, w.dScores, firstPanel, seen, w.queryRows, w.queryStep);
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

/**
 * dOut of a block as both operands, and maxima, factors and delta of its rows; rows beyond its last get those of a row
 * that sees no key: weights of 0.
 */
function prepareGradients(p: AttentionProblem, w: Workspace, b: i32, h: i32, firstQuery: i32, rows: i32): void {
  const whole = <usize>rows << 2;
  const step = p.outRow << 2;
  const offset = <usize>firstQuery * step;
  const dOut = headOf(p.dOut, b, p.outBatch, h, p.outHead) + offset;
  copyRow(w.maxima, rowMaxima(p, b, h, firstQuery), whole);
  copyRow(w.totals, rowFactors(p, b, h, firstQuery), whole);
  for (let i = whole; i < <usize>BLOCK_QUERIES << 2; i += 4) {
    store<f32>(w.maxima + i, Infinity);
    store<f32>(w.totals + i, 0);
    store<f32>(w.delta + i, 0);
  }
  let gradient = dOut;
  let out = headOf(p.out, b, p.outBatch, h, p.outHead) + offset;
  const width = <usize>p.valueWidth << 2;
  for (let i: usize = 0; i < whole; i += 4, out += step, gradient += step) {
    let sums = f32x4.splat(0);
    let e: usize = 0;
    for (; e + 16 <= width; e += 16) sums = madd(v128.load(gradient + e), v128.load(out + e), sums);
    let sum = sumLanes(sums);
    for (; e < width; e += 4) sum += load<f32>(gradient + e) * load<f32>(out + e);
    store<f32>(w.delta + i, sum);
  }
  w.dOutStep = paddedStep(valueColumns(p));
  if (p.kernel == Kernel.LINEAR) {
    w.dOutRows = w.dOutCopy;
    gradientOfSums(p, w, dOut, rows);
  } else {
    w.dOutRows = rightOperand(w.dOutCopy, dOut, rows, p.valueWidth, step);
  }
  packRightPanels(w.dOutPacked, w.dOutRows, rows, valueColumns(p), w.dOutStep, 4);
}

/** Rows of w.dOutCopy = [dOut, -delta] times the row's factor: the gradient of linear attention's sums. */
function gradientOfSums(p: AttentionProblem, w: Workspace, dOut: usize, rows: i32): void {
  const width = <usize>p.valueWidth << 2;
  let row = w.dOutCopy;
  for (let i: usize = 0; i < <usize>rows << 2; i += 4, row += w.dOutStep, dOut += p.outRow << 2) {
    const factor = load<f32>(w.totals + i);
    for (let e: usize = 0; e < width; e += 4) store<f32>(row + e, factor * load<f32>(dOut + e));
    store<f32>(row + width, -factor * load<f32>(w.delta + i));
    zeroRow(row + width + 4, w.dOutStep - width - 4);
  }
}

/** The panel of P whose queries start `i` rows into their block. */
@inline
function weightsOf(w: Workspace, i: i32): usize {
  return w.weights + <usize>(i / PANEL) * BACKWARD_PANEL;
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
  if (p.kernel == Kernel.LINEAR) {
    hideOutside(p, w, dScores, firstKey, keys, position, 0);
    return;
  }
  exponentiate(p, w, weights, keys, i);
  if (p.dropout > 0) dropPanel(p, dScores, b, h, firstQuery, firstKey, keys);
  const delta = w.delta + (<usize>i << 2);
  if (alone) sumDelta(delta, weights, dScores, keys);
  differentiate(weights, dScores, keys, delta, p.scale);
  if (p.softcap > 0) multiplyPanel(dScores, w.slopes, keys);
  if (p.dropout > 0) dropPanel(p, weights, b, h, firstQuery, firstKey, keys);
}

/** The rows of a panel behind its last key, up to the end of a tile, become 0. */
function clearRows(panel: usize, keys: i32): void {
  zeroRow(panel + <usize>keys * PANEL_STEP, <usize>(stripRows(keys) - keys) * PANEL_STEP);
}

/** slopes = 1 - (score / cap)^2, the derivative of the cap at capped scores. */
function capSlopes(slopes: usize, scores: usize, keys: i32, cap: f32): void {
  const one = f32x4.splat(1);
  const inverse = f32x4.splat(1 / cap);
  for (const end = scores + <usize>keys * PANEL_STEP; scores != end; scores += 16, slopes += 16) {
    const x = f32x4.mul(inverse, v128.load(scores));
    v128.store(slopes, nmadd(x, x, one));
  }
}

/** x *= y over one panel. */
function multiplyPanel(x: usize, y: usize, keys: i32): void {
  for (const end = x + <usize>keys * PANEL_STEP; x != end; x += 16, y += 16) {
    v128.store(x, f32x4.mul(v128.load(x), v128.load(y)));
  }
}

/** Scores become weights, 2^(unit (score - maximum)) / total. */
function exponentiate(p: AttentionProblem, w: Workspace, scores: usize, keys: i32, i: i32): void {
  const row = <usize>i << 2;
  for (let pair: usize = 0; pair < PANEL_STEP; pair += PAIR_STEP) {
    exponentiatePair(scores + pair, keys, w.maxima + row + pair, w.totals + row + pair, scoreUnit(p), w.constants);
  }
}

/** `exponentiate` for two vectors of queries. */
function exponentiatePair(scores: usize, keys: i32, maxima: usize, totals: usize, unit: f32, constants: usize): void {
  const units = f32x4.splat(unit);
  const round = v128.load(constants), lowest = v128.load(constants, 16);
  const c1 = v128.load(constants, 32), c2 = v128.load(constants, 48), c3 = v128.load(constants, 64);
  const c4 = v128.load(constants, 80), c5 = v128.load(constants, 96);
  const m0 = v128.load(maxima), m1 = v128.load(maxima, 16);
  const share0 = v128.load(totals), share1 = v128.load(totals, 16);
  for (const end = scores + <usize>keys * PANEL_STEP; scores != end; scores += PANEL_STEP) {
    const p0 = exp2(f32x4.mul(units, f32x4.sub(v128.load(scores), m0)), round, lowest, c1, c2, c3, c4, c5);
    const p1 = exp2(f32x4.mul(units, f32x4.sub(v128.load(scores, 16), m1)), round, lowest, c1, c2, c3, c4, c5);
    v128.store(scores, f32x4.mul(share0, p0));
    v128.store(scores, f32x4.mul(share1, p1), 16);
  }
}

/** delta = sum over keys of weights dWeights, for one panel. */
function sumDelta(delta: usize, weights: usize, dWeights: usize, keys: i32): void {
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

/** dScores = scale weights (dWeights - delta), in place of dWeights. */
function differentiate(weights: usize, dScores: usize, keys: i32, delta: usize, scale: f32): void {
  const factor = f32x4.splat(scale);
  for (let pair: usize = 0; pair < PANEL_STEP; pair += PAIR_STEP) {
    const delta0 = v128.load(delta + pair), delta1 = v128.load(delta + pair, 16);
    let x = weights + pair, y = dScores + pair;
    for (const end = x + <usize>keys * PANEL_STEP; x != end; x += PANEL_STEP, y += PANEL_STEP) {
      const difference0 = f32x4.sub(v128.load(y), delta0);
      const difference1 = f32x4.sub(v128.load(y, 16), delta1);
      v128.store(y, f32x4.mul(f32x4.mul(factor, v128.load(x)), difference0));
      v128.store(y, f32x4.mul(f32x4.mul(factor, v128.load(x, 16)), difference1), 16);
    }
  }
}

/** sums[key] += sum over queries of tile[query][key] rows[query], for one block of keys. */
function addToKeys(
  sums: usize, width: i32, firstKey: i32, keys: i32, tile: usize, firstQuery: i32, queries: i32,
  rows: usize, rowStep: usize,
): void {
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
    stripInterleaved(
      p.headWidth, keys, rows, w.keyStep, ROWS_STEP, dScoresOf(w, i), PANEL_STEP, sums, PANEL_STEP, sums, PANEL_STEP,
    );
  }
}
