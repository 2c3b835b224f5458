// The scratch of one task, by name. A task is one key/value head with the query heads that share it.

import { AttentionProblem, entry, isMapped, LINEAR, valueWidth } from './problem';
import {
  BLOCK_QUERIES, bytes, CONSTANTS_BYTES, isWhole, PANEL_STEP, PANEL, paddedBytes, roundUp4, roundUp8,
} from './tiles';

/** Keys of a block, forward: a panel's scores are 8 KB, and the rescaling of sums is a small part of the work. */
export const FORWARD_KEYS: i32 = 256;
/** Keys of a block, backward: the tiles of P and dP, 16 KB each, stay in the first-level cache with their rows. */
export const BACKWARD_KEYS: i32 = 64;
/** Bytes of one panel of P or dP in the backward pass, [key][8 queries]. */
export const BACKWARD_PANEL: usize = <usize>BACKWARD_KEYS * PANEL_STEP;

@unmanaged
export class Workspace {
  constants: usize;

  // The key/value head. Rows as the products see them: pooled, normalised, mapped; `step` is bytes from row to row.
  /** Valid positions. */
  length: i32;
  /** Positions averaged into one key, 1 or more. */
  window: i32;
  /** Keys after the averaging: ceil(length / window). */
  count: i32;
  /** Valid rows of k and v, and how many of them are still to be averaged into one. */
  rows: i32;
  rowWindow: i32;
  keyRows: usize;
  keyStep: usize;
  valueRows: usize;
  valueStep: usize;
  /** Left operands: panels of four rows. The values' only in the backward pass. */
  keys4: usize;
  values4: usize;
  /** Where copies are made, if the rows themselves do not serve. */
  keyCopy: usize;
  featureCopy: usize;
  valueCopy: usize;

  // Attention-BN, [D] each: mean, beta mean, 1 / deviation, and what the gradient sums up.
  mean: usize;
  shift: usize;
  factor: usize;
  gradientSum: usize;
  gradientProduct: usize;

  // The block of queries.
  queryRows: usize;
  queryStep: usize;
  queryCopy: usize;
  queries8: usize;
  maxima: usize;
  totals: usize;
  /** Forward: one panel of scores. Backward: the tile of weights, panel by panel. */
  weights: usize;
  /** Forward: sums of weights times values, [64][E]. */
  sums: usize;

  // Backward only.
  dOutRows: usize;
  dOutStep: usize;
  dOutCopy: usize;
  dOut8: usize;
  delta: usize;
  dScores: usize;
  slopes: usize;
  dQuery: usize;
  dKey: usize;
  dValue: usize;

  // Linear attention, primal side: the state [D][E + 1] of the first `stateKeys` keys, and its gradient.
  state: usize;
  stateKeys: i32;
  dState: usize;
  /** Either of them as [E + 1][D]. */
  stateTransposed: usize;
}

/** The workspace stands behind the problem, in the same frame. */
@inline
export function workspaceOf(p: AttentionProblem): Workspace {
  return changetype<Workspace>(changetype<usize>(p) + offsetof<AttentionProblem>());
}

/** Bytes of the frame that holds an AttentionProblem. */
export function attentionFrameBytes(): usize {
  return offsetof<AttentionProblem>() + offsetof<Workspace>();
}

/** The most keys that a head has after averaging. */
function mostKeys(p: AttentionProblem): i32 {
  if (p.averaged) return p.keys;
  let most = 0;
  for (let g = 0; g < p.keyHeads; g++) {
    const window = entry(p.headScales, g);
    most = max(most, (p.keys + window - 1) / window);
  }
  return most;
}

/** Whether keys of some head are still to be averaged. */
function hasScales(p: AttentionProblem): bool {
  for (let g = 0; g < p.keyHeads; g++) if (!p.averaged && entry(p.headScales, g) > 1) return true;
  return false;
}

/** Lays the workspace out from `base`; returns its end. */
export function layOut(p: AttentionProblem, base: usize, backward: bool): usize {
  const w = workspaceOf(p);
  const keys = mostKeys(p);
  const width = valueWidth(p);
  const mapped = isMapped(p);
  const scaled = hasScales(p);
  const linear = p.kernel == LINEAR;
  const features = <usize>roundUp8(p.depth);
  const stateBytes = p.kernel == LINEAR ? bytes(features * <usize>roundUp8(width)) : 0;
  let at = base;
  w.constants = at;
  at += CONSTANTS_BYTES;
  w.keys4 = at;
  at += bytes(<usize>p.depth * <usize>roundUp4(keys));
  w.keyCopy = at;
  if (mapped || scaled || (backward && !isWhole(p.depth))) at += paddedBytes(keys, p.depth);
  w.featureCopy = at;
  if (linear && p.batchNorm) at += paddedBytes(keys, p.depth);
  w.valueCopy = at;
  if (linear || scaled || !isWhole(p.valueDepth)) at += paddedBytes(keys, width);
  w.mean = at;
  w.shift = w.mean + bytes(features);
  w.factor = w.shift + bytes(features);
  w.gradientSum = w.factor + bytes(features);
  w.gradientProduct = w.gradientSum + bytes(features);
  if (p.batchNorm) at = w.gradientProduct + bytes(features);
  w.queryCopy = at;
  if (mapped || (backward && !isWhole(p.depth))) at += paddedBytes(BLOCK_QUERIES, p.depth);
  w.queries8 = at;
  at += bytes(<usize>(p.depth * BLOCK_QUERIES));
  w.maxima = at;
  at += bytes(BLOCK_QUERIES);
  w.totals = at;
  at += bytes(BLOCK_QUERIES);
  w.state = at;
  at += stateBytes;
  w.weights = at;
  if (!backward) {
    at += <usize>FORWARD_KEYS * PANEL_STEP;
    w.sums = at;
    return at + paddedBytes(BLOCK_QUERIES, width);
  }
  const tile = BACKWARD_PANEL * <usize>(BLOCK_QUERIES / PANEL);
  at += tile;
  w.dScores = at;
  at += tile;
  w.slopes = at;
  if (p.softcap > 0) at += BACKWARD_PANEL;
  w.values4 = at;
  at += bytes(<usize>width * <usize>roundUp4(keys));
  w.dOutCopy = at;
  if (linear || !isWhole(p.valueDepth)) at += paddedBytes(BLOCK_QUERIES, width);
  w.dOut8 = at;
  at += bytes(<usize>(width * BLOCK_QUERIES));
  w.delta = at;
  at += bytes(BLOCK_QUERIES);
  w.dQuery = at;
  at += paddedBytes(BLOCK_QUERIES, p.depth);
  w.dKey = at;
  at += paddedBytes(roundUp4(keys), p.depth);
  w.dValue = at;
  at += paddedBytes(roundUp4(keys), width);
  w.dState = at;
  w.stateTransposed = w.dState + stateBytes;
  return w.stateTransposed + stateBytes;
}
