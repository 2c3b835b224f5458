// Fused softmax attention, backward: scores are computed again, five products a tile.
//
//   for each key/value head:          pack K and V (4 keys a panel); dK = dV = 0
//     for each query head, block of 64 queries:
//       pack Q and dOut (8 queries a panel);  delta = rowsum(dOut * out);  dQ = 0
//       for each block of 64 keys:
//         P  = 2^(c (K Q - m)) / l       m and l are the forward pass's, c = scale log2 e
//         dP = V dOut
//         dS = scale P (dP - delta)
//         dV += P dOut;  dK += dS Q;  dQ += dS^T K
//
// (T. Dao et al., "FlashAttention", algorithm 4.) Where one block holds all keys, delta is the sum of P dP, as a plain
// softmax gradient has it: then dS of a row with one key is exactly 0. With dropout, P in dV and dP are times
// keep / (1 - rate); with a soft cap, dS is times its slope 1 - (score / cap)^2. One task is one key/value head, so nothing is shared between tasks.

import { packPanels8 } from '../gemm/pack';
import { stripInterleaved, stripTransposed, TILE_COLUMNS, TILE_ROWS } from '../gemm/tile';
import { copyRow, zeroRow } from '../simd/copy';
import { exp2 } from '../simd/exp2';
import { madd, nmadd, sumLanes } from '../simd/vector';
import { dropPanel } from './dropout';
import { AttentionProblem } from './problem';
import { capScores, maskScores, packQueries, panelProduct, scoreUnit } from './scores';
import {
  BLOCK_QUERIES, bytes, CONSTANTS_BYTES, groupSize, headOf, leftOperand, PANEL, PANEL_STEP, rightOperand,
  rightOperandBytes, rightOperandStep, roundUp4, roundUp8, rowInverseTotals, rowMaxima, writeConstants,
} from './tiles';
import { endVisible, firstVisible, keyLength, queryOffset } from './visibility';

/** Keys of a block: the tiles of P and dP, 16 KB each, stay in the first-level cache with the rows they meet. */
const BLOCK_KEYS: i32 = 64;
/** Bytes of one panel of P or dP, [key][8 queries]. */
const PANEL_BYTES: usize = <usize>BLOCK_KEYS * PANEL_STEP;
/** Bytes of a whole tile. */
const TILE_BYTES: usize = PANEL_BYTES * <usize>(BLOCK_QUERIES / PANEL);

/** The scratch of one task, by name. */
@unmanaged
class Workspace {
  constants: usize;
  maxima: usize;
  inverseTotals: usize;
  delta: usize;
  queries8: usize;
  dOut8: usize;
  queryCopy: usize;
  dOutCopy: usize;
  weights: usize;
  dScores: usize;
  slopes: usize;
  dQuery: usize;
  keys4: usize;
  values4: usize;
  keyCopy: usize;
  dKey: usize;
  dValue: usize;
}

/** Lays the workspace out from `base`; returns its end. */
function layOut(p: AttentionProblem, w: Workspace, base: usize): usize {
  const depth8 = <usize>roundUp8(p.depth), valueDepth8 = <usize>roundUp8(p.valueDepth);
  const block = <usize>BLOCK_QUERIES;
  const keys = <usize>roundUp4(p.keys);
  w.constants = base;
  w.maxima = w.constants + bytes(CONSTANTS_BYTES >> 2);
  w.inverseTotals = w.maxima + bytes(block);
  w.delta = w.inverseTotals + bytes(block);
  w.queries8 = w.delta + bytes(block);
  w.dOut8 = w.queries8 + bytes(<usize>p.depth * block);
  w.queryCopy = w.dOut8 + bytes(<usize>p.valueDepth * block);
  w.dOutCopy = w.queryCopy + rightOperandBytes(BLOCK_QUERIES, p.depth);
  w.weights = w.dOutCopy + rightOperandBytes(BLOCK_QUERIES, p.valueDepth);
  w.dScores = w.weights + TILE_BYTES;
  w.slopes = w.dScores + TILE_BYTES;
  w.dQuery = w.slopes + (p.softcap > 0 ? PANEL_BYTES : 0);
  w.keys4 = w.dQuery + bytes(depth8 * block);
  w.values4 = w.keys4 + bytes(<usize>p.depth * keys);
  w.keyCopy = w.values4 + bytes(<usize>p.valueDepth * keys);
  w.dKey = w.keyCopy + rightOperandBytes(p.keys, p.depth);
  w.dValue = w.dKey + bytes(depth8 * keys);
  return w.dValue + bytes(valueDepth8 * keys);
}

/** The workspace stands behind the problem, in the same frame. */
@inline
function workspaceOf(p: AttentionProblem): Workspace {
  return changetype<Workspace>(changetype<usize>(p) + offsetof<AttentionProblem>());
}

/** Bytes of the frame that holds an AttentionProblem. */
export function attentionFrameBytes(): usize {
  return offsetof<AttentionProblem>() + offsetof<Workspace>();
}

/** Scratch that `attentionBackward` needs, in bytes. */
export function attentionBackwardScratch(p: AttentionProblem): usize {
  return layOut(p, workspaceOf(p), 0);
}

/** dQ, dK and dV of the whole problem, every element of them. */
export function attentionBackward(p: AttentionProblem): void {
  const w = workspaceOf(p);
  layOut(p, w, p.scratch);
  writeConstants(w.constants);
  const group = groupSize(p);
  for (let b = 0; b < p.batch; b++) {
    const length = keyLength(p, b);
    for (let g = 0; g < p.keyHeads; g++) {
      const keys = headOf(p.k, b, p.kBatch, g, p.kHead);
      leftOperand(w.keys4, keys, length, p.depth, p.kRow);
      leftOperand(w.values4, headOf(p.v, b, p.vBatch, g, p.vHead), length, p.valueDepth, p.vRow);
      const keyRows = rightOperand(w.keyCopy, keys, length, p.depth, p.kRow);
      memory.fill(w.dKey, 0, bytes(<usize>roundUp8(p.depth) * <usize>roundUp4(length)));
      memory.fill(w.dValue, 0, bytes(<usize>roundUp8(p.valueDepth) * <usize>roundUp4(length)));
      for (let h = g * group; h < (g + 1) * group; h++) {
        for (let i = 0; i < p.queries; i += BLOCK_QUERIES) backwardBlock(p, w, b, h, i, length, keyRows);
      }
      writeRows(headOf(p.dK, b, p.kBatch, g, p.kHead), p.kRow, w.dKey, p.depth, length, p.keys);
      writeRows(headOf(p.dV, b, p.vBatch, g, p.vHead), p.vRow, w.dValue, p.valueDepth, length, p.keys);
    }
  }
}

/** One block of queries: its rows of dQ, and its part of dK and dV. */
function backwardBlock(
  p: AttentionProblem, w: Workspace, b: i32, h: i32, firstQuery: i32, length: i32, keyRows: usize,
): void {
  const rows = min(BLOCK_QUERIES, p.queries - firstQuery);
  const position = firstQuery + queryOffset(p, b);
  const begin = firstVisible(p, position) & ~3;
  const end = min(roundUp4(endVisible(p, position + rows - 1, length)), length);
  const query = headOf(p.q, b, p.qBatch, h, p.qHead) + ((<usize>firstQuery * p.qRow) << 2);
  const dOut = headOf(p.dOut, b, p.outBatch, h, p.outHead) + ((<usize>firstQuery * p.outRow) << 2);
  packQueries(p, w.queries8, query, rows);
  packPanels8(w.dOut8, dOut, rows, p.valueDepth, p.outRow << 2, 4);
  const queryRows = rightOperand(w.queryCopy, query, rows, p.depth, p.qRow);
  const dOutRows = rightOperand(w.dOutCopy, dOut, rows, p.valueDepth, p.outRow);
  prepareRows(p, w, b, h, firstQuery, rows, dOut);
  memory.fill(w.dQuery, 0, (<usize>roundUp8(p.depth) * <usize>roundUp8(rows)) << 2);

  for (let block = begin; block < end; block += BLOCK_KEYS) {
    const keys = min(BLOCK_KEYS, end - block);
    // Queries of the block that see any of these keys: whole panels, and they are neighbours.
    let firstPanel = 0;
    while (firstPanel < rows && endVisible(p, position + min(firstPanel + PANEL, rows) - 1, length) <= block) {
      firstPanel += PANEL;
    }
    let endPanel = rows;
    while (endPanel > firstPanel && firstVisible(p, position + ((endPanel - 1) & ~7)) >= block + keys) {
      endPanel = (endPanel - 1) & ~7;
    }
    if (firstPanel >= endPanel) continue;
    for (let i = firstPanel; i < endPanel; i += PANEL) {
      scorePanel(p, w, b, h, firstQuery + i, i, min(PANEL, rows - i), position + i, block, keys, length);
      if (p.dropout > 0) dropPanel(p, dScoresOf(w, i), b, h, firstQuery + i, block, keys);
      const delta = w.delta + (<usize>i << 2);
      if (keys == end - begin) sumDelta(delta, weightsOf(w, i), dScoresOf(w, i), keys);
      differentiate(weightsOf(w, i), dScoresOf(w, i), keys, delta, p.scale);
      if (p.softcap > 0) multiplyPanel(dScoresOf(w, i), w.slopes, keys);
      if (p.dropout > 0) dropPanel(p, weightsOf(w, i), b, h, firstQuery + i, block, keys);
    }
    const seen = endPanel - firstPanel;
    addToKeys(w.dValue, p.valueDepth, block, keys, w.weights, firstPanel, seen, dOutRows, p.outRow);
    addToKeys(w.dKey, p.depth, block, keys, w.dScores, firstPanel, seen, queryRows, p.qRow);
    addToQueries(p, w, firstPanel, endPanel, keyRows, block, keys);
  }
  writeRows(
    headOf(p.dQ, b, p.qBatch, h, p.qHead) + ((<usize>firstQuery * p.qRow) << 2), p.qRow, w.dQuery, p.depth, rows, rows,
  );
}

/** Maxima, totals and delta of a block; rows beyond its last get those of a row that sees no key: weights of 0. */
function prepareRows(
  p: AttentionProblem, w: Workspace, b: i32, h: i32, firstQuery: i32, rows: i32, dOut: usize,
): void {
  const whole = <usize>rows << 2;
  copyRow(w.maxima, rowMaxima(p, b, h, firstQuery), whole);
  copyRow(w.inverseTotals, rowInverseTotals(p, b, h, firstQuery), whole);
  for (let i = whole; i < <usize>BLOCK_QUERIES << 2; i += 4) {
    store<f32>(w.maxima + i, Infinity);
    store<f32>(w.inverseTotals + i, 0);
    store<f32>(w.delta + i, 0);
  }
  let out = headOf(p.out, b, p.outBatch, h, p.outHead) + ((<usize>firstQuery * p.outRow) << 2);
  const width = <usize>p.valueDepth << 2;
  for (let i: usize = 0; i < whole; i += 4, out += p.outRow << 2, dOut += p.outRow << 2) {
    let sums = f32x4.splat(0);
    let e: usize = 0;
    for (; e + 16 <= width; e += 16) sums = madd(v128.load(dOut + e), v128.load(out + e), sums);
    let sum = sumLanes(sums);
    for (; e < width; e += 4) sum += load<f32>(dOut + e) * load<f32>(out + e);
    store<f32>(w.delta + i, sum);
  }
}

/** The panel of P whose queries start `i` rows into their block. */
@inline
function weightsOf(w: Workspace, i: i32): usize {
  return w.weights + <usize>(i / PANEL) * PANEL_BYTES;
}

/** The panel of dP, later dS. */
@inline
function dScoresOf(w: Workspace, i: i32): usize {
  return w.dScores + <usize>(i / PANEL) * PANEL_BYTES;
}

/** P and dP of one panel of queries, `i` rows into its block, against one block of keys; with a cap, its slopes. */
function scorePanel(
  p: AttentionProblem, w: Workspace, b: i32, h: i32, firstQuery: i32, i: i32, queries: i32, position: i32,
  firstKey: i32, keys: i32, length: i32,
): void {
  const weights = weightsOf(w, i);
  panelProduct(
    weights, w.keys4 + ((<usize>firstKey * <usize>p.depth) << 2), keys,
    w.queries8 + ((<usize>i * <usize>p.depth) << 2), p.depth, w.constants,
  );
  panelProduct(
    dScoresOf(w, i), w.values4 + ((<usize>firstKey * <usize>p.valueDepth) << 2), keys,
    w.dOut8 + ((<usize>i * <usize>p.valueDepth) << 2), p.valueDepth, w.constants,
  );
  if (p.softcap > 0) {
    capScores(p, weights, keys, w.constants);
    capSlopes(w.slopes, weights, keys, p.softcap);
  }
  maskScores(p, weights, b, h, firstQuery, queries, position, firstKey, keys, length);
  exponentiate(
    weights, keys, scoreUnit(p), w.maxima + (<usize>i << 2), w.inverseTotals + (<usize>i << 2), w.constants,
  );
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
function exponentiate(
  scores: usize, keys: i32, unit: f32, maxima: usize, inverseTotals: usize, constants: usize,
): void {
  const units = f32x4.splat(unit);
  const round = v128.load(constants), lowest = v128.load(constants, 16);
  const c1 = v128.load(constants, 32), c2 = v128.load(constants, 48), c3 = v128.load(constants, 64);
  const c4 = v128.load(constants, 80), c5 = v128.load(constants, 96);
  const m0 = v128.load(maxima), m1 = v128.load(maxima, 16);
  const share0 = v128.load(inverseTotals), share1 = v128.load(inverseTotals, 16);
  for (const end = scores + <usize>keys * PANEL_STEP; scores != end; scores += PANEL_STEP) {
    const p0 = exp2(f32x4.mul(units, f32x4.sub(v128.load(scores), m0)), round, lowest, c1, c2, c3, c4, c5);
    const p1 = exp2(f32x4.mul(units, f32x4.sub(v128.load(scores, 16), m1)), round, lowest, c1, c2, c3, c4, c5);
    v128.store(scores, f32x4.mul(share0, p0));
    v128.store(scores, f32x4.mul(share1, p1), 16);
  }
}

/** delta = sum over keys of weights dWeights, for one panel. */
function sumDelta(delta: usize, weights: usize, dWeights: usize, keys: i32): void {
  let sum0 = f32x4.splat(0), sum1 = f32x4.splat(0);
  for (const end = weights + <usize>keys * PANEL_STEP; weights != end; weights += PANEL_STEP, dWeights += PANEL_STEP) {
    sum0 = f32x4.add(sum0, f32x4.mul(v128.load(weights), v128.load(dWeights)));
    sum1 = f32x4.add(sum1, f32x4.mul(v128.load(weights, 16), v128.load(dWeights, 16)));
  }
  v128.store(delta, sum0);
  v128.store(delta, sum1, 16);
}

/** dScores = scale weights (dWeights - delta), in place of dWeights. */
function differentiate(weights: usize, dScores: usize, keys: i32, delta: usize, scale: f32): void {
  const factor = f32x4.splat(scale);
  const delta0 = v128.load(delta), delta1 = v128.load(delta, 16);
  for (const end = weights + <usize>keys * PANEL_STEP; weights != end; weights += PANEL_STEP, dScores += PANEL_STEP) {
    const difference0 = f32x4.sub(v128.load(dScores), delta0);
    const difference1 = f32x4.sub(v128.load(dScores, 16), delta1);
    v128.store(dScores, f32x4.mul(f32x4.mul(factor, v128.load(weights)), difference0));
    v128.store(dScores, f32x4.mul(f32x4.mul(factor, v128.load(weights, 16)), difference1), 16);
  }
}

/** sums[key] += sum over queries of tile[query][key] rows[query], for one block of keys. */
function addToKeys(
  sums: usize, width: i32, firstKey: i32, keys: i32, tile: usize, firstQuery: i32, queries: i32,
  rows: usize, rowStride: usize,
): void {
  const stride = <usize>roundUp8(width) << 2;
  const step = rightOperandStep(width, rowStride);
  tile += <usize>(firstQuery / PANEL) * PANEL_BYTES;
  rows += <usize>firstQuery * step;
  sums += <usize>firstKey * stride;
  const tiles = roundUp8(width) / TILE_COLUMNS;
  for (let j = 0; j < keys; j += TILE_ROWS, tile += <usize>TILE_ROWS * PANEL_STEP, sums += <usize>TILE_ROWS * stride) {
    stripTransposed(tiles, queries, tile, PANEL_BYTES, rows, step, sums, stride, sums, stride);
  }
}

/** dQ += dS^T K for the panels of one block of queries. */
function addToQueries(
  p: AttentionProblem, w: Workspace, firstQuery: i32, endQuery: i32, keyRows: usize, firstKey: i32, keys: i32,
): void {
  const stride = <usize>roundUp8(p.depth) << 2;
  const step = rightOperandStep(p.depth, p.kRow);
  keyRows += <usize>firstKey * step;
  const tiles = roundUp8(p.depth) / TILE_COLUMNS;
  for (let i = firstQuery; i < endQuery; i += TILE_ROWS) {
    const dScores = w.dScores + <usize>(i / PANEL) * PANEL_BYTES + (<usize>(i & TILE_ROWS) << 2);
    const sums = w.dQuery + <usize>i * stride;
    stripInterleaved(
      tiles, keys, dScores, PANEL_STEP, 0, keyRows, step, PANEL_STEP, sums, stride, PANEL_STEP, sums, stride, PANEL_STEP,
    );
  }
}

/** The first `rows` padded rows of sums go to out, the rest of its `allRows` rows become zero. */
function writeRows(out: usize, rowStride: usize, sums: usize, width: i32, rows: i32, allRows: i32): void {
  const size = <usize>width << 2;
  const stride = <usize>roundUp8(width) << 2;
  for (let i = 0; i < rows; i++, out += rowStride << 2, sums += stride) copyRow(out, sums, size);
  for (let i = rows; i < allRows; i++, out += rowStride << 2) zeroRow(out, size);
}
