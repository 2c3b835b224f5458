// Fused softmax attention, forward.
//
//   for each key/value head:          pack K (4 keys a panel)
//     for each query head, block of 64 queries:
//       pack Q (8 queries a panel)
//       for each block of keys, panel of queries:
//         S = K Q            scores, [key][8 queries]
//         m' = max(m, S);  P = 2^(c (S - m'));  l = l 2^(c (m - m')) + sum P       c = scale log2 e
//         O = O 2^(c (m - m')) + P V
//       out = O / l;  the row keeps m and 1 / l
//
// (M. Milakov, N. Gimelshein, "Online normalizer calculation for softmax"; T. Dao et al., "FlashAttention".)
// Scores never leave the first-level cache; runs of keys that no query of the panel sees are never touched.

import { stripInterleaved, TILE_COLUMNS, TILE_ROWS } from '../gemm/tile';
import { copyRow } from '../simd/copy';
import { exp2 } from '../simd/exp2';
import { dropPanel } from './dropout';
import { AttentionProblem } from './problem';
import { capScores, maskScores, packQueries, panelProduct, scoreUnit } from './scores';
import {
  BLOCK_QUERIES, bytes, CONSTANTS_BYTES, groupSize, headOf, leftOperand, PANEL, PANEL_STEP, rightOperand,
  rightOperandBytes, rightOperandStep, roundUp4, roundUp8, rowInverseTotals, rowMaxima, writeConstants,
} from './tiles';
import { endVisible, firstVisible, keyLength, queryOffset } from './visibility';

/** Keys of a block: a panel's scores are 8 KB, and the rescaling of O is a small part of the work. */
const BLOCK_KEYS: i32 = 256;

/** Finite, so that a row that has seen no key yet gives 2^(-Infinity - m) = 0, not NaN. */
const NO_MAXIMUM: f32 = -3.4028234663852886e38;

/** Scratch that `attentionForward` needs, in bytes. */
export function attentionForwardScratch(p: AttentionProblem): usize {
  return (
    bytes(CONSTANTS_BYTES >> 2) +
    3 * bytes(BLOCK_QUERIES) +
    bytes(<usize>p.depth * <usize>BLOCK_QUERIES) +
    bytes(<usize>(BLOCK_KEYS * PANEL)) +
    bytes(<usize>roundUp8(p.valueDepth) * <usize>BLOCK_QUERIES) +
    bytes(<usize>p.depth * <usize>roundUp4(p.keys)) +
    rightOperandBytes(p.keys, p.valueDepth)
  );
}

/** out and rowStates of the whole problem; keys from keyLengths on are not read. */
export function attentionForward(p: AttentionProblem): void {
  const constants = p.scratch;
  const state = constants + bytes(CONSTANTS_BYTES >> 2);
  const queries8 = state + 3 * bytes(BLOCK_QUERIES);
  const scores = queries8 + bytes(<usize>p.depth * <usize>BLOCK_QUERIES);
  const sums = scores + bytes(<usize>(BLOCK_KEYS * PANEL));
  const keys4 = sums + bytes(<usize>roundUp8(p.valueDepth) * <usize>BLOCK_QUERIES);
  const valueCopy = keys4 + bytes(<usize>p.depth * <usize>roundUp4(p.keys));
  writeConstants(constants);

  const group = groupSize(p);
  for (let b = 0; b < p.batch; b++) {
    const length = keyLength(p, b);
    for (let g = 0; g < p.keyHeads; g++) {
      leftOperand(keys4, headOf(p.k, b, p.kBatch, g, p.kHead), length, p.depth, p.kRow);
      const values = rightOperand(
        valueCopy, headOf(p.v, b, p.vBatch, g, p.vHead), length, p.valueDepth, p.vRow,
      );
      for (let h = g * group; h < (g + 1) * group; h++) {
        for (let i = 0; i < p.queries; i += BLOCK_QUERIES) {
          forwardBlock(p, b, h, i, length, constants, state, queries8, scores, sums, keys4, values);
        }
      }
    }
  }
}

/** One block of queries: rows firstQuery to firstQuery + 63 of out and rowStates. */
function forwardBlock(
  p: AttentionProblem, b: i32, h: i32, firstQuery: i32, length: i32,
  constants: usize, state: usize, queries8: usize, scores: usize, sums: usize, keys4: usize, values: usize,
): void {
  const rows = min(BLOCK_QUERIES, p.queries - firstQuery);
  const position = firstQuery + queryOffset(p, b);
  const begin = firstVisible(p, position) & ~3;
  const end = endVisible(p, position + rows - 1, length);
  const depth = p.depth;
  const unit = scoreUnit(p);
  packQueries(p, queries8, headOf(p.q, b, p.qBatch, h, p.qHead) + ((<usize>firstQuery * p.qRow) << 2), rows);
  const maxima = state;
  const totals = maxima + bytes(BLOCK_QUERIES);
  for (let i = 0; i < BLOCK_QUERIES; i += 4) {
    v128.store(maxima + (<usize>i << 2), f32x4.splat(NO_MAXIMUM));
    v128.store(totals + (<usize>i << 2), f32x4.splat(0));
  }
  memory.fill(sums, 0, (<usize>roundUp8(p.valueDepth) * <usize>roundUp8(rows)) << 2);

  for (let block = begin; block < end; block += BLOCK_KEYS) {
    for (let i = 0; i < rows; i += PANEL) {
      const queries = min(PANEL, rows - i);
      const first = max(block, firstVisible(p, position + i) & ~3);
      const keys = min(min(block + BLOCK_KEYS, end), endVisible(p, position + i + queries - 1, length)) - first;
      if (keys <= 0) continue;
      panelProduct(
        scores, keys4 + ((<usize>first * <usize>depth) << 2), keys, queries8 + ((<usize>i * <usize>depth) << 2),
        depth, constants,
      );
      if (p.softcap > 0) capScores(p, scores, keys, constants);
      maskScores(p, scores, b, h, firstQuery + i, queries, position + i, first, keys, length);
      const panelSums = sums + ((<usize>i * <usize>roundUp8(p.valueDepth)) << 2);
      softmaxPanel(
        scores, keys, unit, maxima + (<usize>i << 2), totals + (<usize>i << 2), panelSums, p.valueDepth, constants,
      );
      if (p.dropout > 0) dropPanel(p, scores, b, h, firstQuery + i, first, keys);
      addValues(p, scores, keys, queries, values, first, panelSums);
    }
  }
  finishRows(p, b, h, firstQuery, rows, maxima, totals, sums);
}

/**
 * The online softmax of one panel: scores become weights 2^(unit (score - maximum)), and maximum, total and the sums of
 * values so far move to the new maximum.
 */
function softmaxPanel(
  scores: usize, keys: i32, unit: f32, maxima: usize, totals: usize, sums: usize, valueDepth: i32, constants: usize,
): void {
  const end = scores + <usize>keys * PANEL_STEP;
  const old0 = v128.load(maxima), old1 = v128.load(maxima, 16);
  let m0 = old0, m1 = old1;
  for (let s = scores; s != end; s += PANEL_STEP) {
    m0 = f32x4.pmax(m0, v128.load(s));
    m1 = f32x4.pmax(m1, v128.load(s, 16));
  }
  const units = f32x4.splat(unit);
  const round = v128.load(constants), lowest = v128.load(constants, 16);
  const c1 = v128.load(constants, 32), c2 = v128.load(constants, 48), c3 = v128.load(constants, 64);
  const c4 = v128.load(constants, 80), c5 = v128.load(constants, 96);
  let l0 = v128.load(totals), l1 = v128.load(totals, 16);
  if (v128.any_true(v128.or(f32x4.ne(m0, old0), f32x4.ne(m1, old1)))) {
    v128.store(maxima, m0);
    v128.store(maxima, m1, 16);
    if (v128.any_true(v128.or(l0, l1))) {
      const factor0 = exp2(f32x4.mul(units, f32x4.sub(old0, m0)), round, lowest, c1, c2, c3, c4, c5);
      const factor1 = exp2(f32x4.mul(units, f32x4.sub(old1, m1)), round, lowest, c1, c2, c3, c4, c5);
      l0 = f32x4.mul(l0, factor0);
      l1 = f32x4.mul(l1, factor1);
      rescaleRows(sums, valueDepth, factor0);
      rescaleRows(sums + ((<usize>roundUp8(valueDepth) * 4) << 2), valueDepth, factor1);
    }
  }
  for (let s = scores; s != end; s += PANEL_STEP) {
    const p0 = exp2(f32x4.mul(units, f32x4.sub(v128.load(s), m0)), round, lowest, c1, c2, c3, c4, c5);
    const p1 = exp2(f32x4.mul(units, f32x4.sub(v128.load(s, 16), m1)), round, lowest, c1, c2, c3, c4, c5);
    v128.store(s, p0);
    v128.store(s, p1, 16);
    l0 = f32x4.add(l0, p0);
    l1 = f32x4.add(l1, p1);
  }
  v128.store(totals, l0);
  v128.store(totals, l1, 16);
}

/** Four rows of sums, each times its lane of `factors`. */
function rescaleRows(sums: usize, valueDepth: i32, factors: v128): void {
  const stride = <usize>roundUp8(valueDepth) << 2;
  rescaleRow(sums, stride, f32x4.extract_lane(factors, 0));
  rescaleRow(sums + stride, stride, f32x4.extract_lane(factors, 1));
  rescaleRow(sums + 2 * stride, stride, f32x4.extract_lane(factors, 2));
  rescaleRow(sums + 3 * stride, stride, f32x4.extract_lane(factors, 3));
}

@inline
function rescaleRow(row: usize, size: usize, factor: f32): void {
  const x = f32x4.splat(factor);
  for (const end = row + size; row != end; row += 16) v128.store(row, f32x4.mul(x, v128.load(row)));
}

/** sums += weights . V for one panel of up to eight queries. */
function addValues(
  p: AttentionProblem, weights: usize, keys: i32, queries: i32, values: usize, firstKey: i32, sums: usize,
): void {
  const step = rightOperandStep(p.valueDepth, p.vRow);
  const stride = <usize>roundUp8(p.valueDepth) << 2;
  const rows = values + <usize>firstKey * step;
  const tiles = roundUp8(p.valueDepth) / TILE_COLUMNS;
  for (let i = 0; i < queries; i += TILE_ROWS, weights += 16, sums += <usize>TILE_ROWS * stride) {
    stripInterleaved(
      tiles, keys, weights, PANEL_STEP, 0, rows, step, PANEL_STEP, sums, stride, PANEL_STEP, sums, stride, PANEL_STEP,
    );
  }
}

/** out = sums / total; 0 for a row that saw no key. */
function finishRows(
  p: AttentionProblem, b: i32, h: i32, firstQuery: i32, rows: i32, maxima: usize, totals: usize, sums: usize,
): void {
  const zeros = f32x4.splat(0), ones = f32x4.splat(1);
  for (let i: usize = 0; i < <usize>rows << 2; i += 16) {
    const total = v128.load(totals + i);
    const dead = f32x4.eq(total, zeros);
    v128.store(maxima + i, v128.bitselect(f32x4.splat(Infinity), v128.load(maxima + i), dead));
    v128.store(totals + i, v128.andnot(f32x4.div(ones, total), dead));
  }
  copyRow(rowMaxima(p, b, h, firstQuery), maxima, <usize>rows << 2);
  copyRow(rowInverseTotals(p, b, h, firstQuery), totals, <usize>rows << 2);
  const width = <usize>p.valueDepth << 2;
  const stride = <usize>roundUp8(p.valueDepth) << 2;
  let out = headOf(p.out, b, p.outBatch, h, p.outHead) + ((<usize>firstQuery * p.outRow) << 2);
  for (let i = 0; i < rows; i++, out += p.outRow << 2, sums += stride) {
    const factor = load<f32>(totals + (<usize>i << 2));
    const factors = f32x4.splat(factor);
    let e: usize = 0;
    for (; e + 16 <= width; e += 16) v128.store(out + e, f32x4.mul(factors, v128.load(sums + e)));
    for (; e < width; e += 4) store<f32>(out + e, factor * load<f32>(sums + e));
  }
}
