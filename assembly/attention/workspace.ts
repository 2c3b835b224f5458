// What a task works with, by name: the keys and values of one head, prepared; the sums of their gradients; a block of
// queries. The parts lie in the task's own scratch, or, where several tasks share a head, the first two in shared room.

import { roundUpRows } from '../gemm/tile';
import { AttentionProblem, entry, isMapped, Kernel, valueColumns } from './problem';
import {
  BLOCK_KEYS, BLOCK_QUERIES, bytes, CONSTANTS_BYTES, keyPanelsBytes, paddedBytes, PANEL, PANEL_STEP,
  panelsBytes, roundUpTile, stripBytes, writeConstants,
} from './tiles';

/** Keys of a block, forward: a panel's scores are 8 KB, and the rescaling of sums is a small part of the work. */
export const FORWARD_KEYS: i32 = 4 * BLOCK_KEYS;
/**
 * Bytes of one panel of P or dP in the backward pass, [key][PANEL queries], whole tiles: those of all panels, 16 KB each,
 * stay in the first-level cache with their rows. Written out, since a call would make it a variable.
 */
export const BACKWARD_PANEL: usize = <usize>((BLOCK_KEYS + TILE_ROWS - 1) / TILE_ROWS * TILE_ROWS) * PANEL_STEP;

@unmanaged
export class Workspace {
  constants: usize;

  // The key/value head. Rows as the products see them: pooled, normalised, mapped; steps are bytes from row to row.
  /** Valid positions. */
  length: i32;
  /** Positions averaged into one key, 1 or more. */
  headScale: i32;
  /** Keys after the averaging: ceil(length / headScale). */
  count: i32;
  /** Valid rows of k and v, and how many of them are still to be averaged into one. */
  rows: i32;
  rowScale: i32;
  keyRows: usize;
  keyStep: usize;
  valueRows: usize;
  valueStep: usize;
  /** Left operands, packed block by block. The values' only in the backward pass. */
  keysPacked: usize;
  valuesPacked: usize;
  /** int32 [6], of keys and of values each: whether they are calm (sizes.ts), whether they are copies, their shifts. */
  calm: usize;
  /** Where copies are made, if the rows themselves do not serve. */
  keyCopy: usize;
  featureCopy: usize;
  valueCopy: usize;
  // Attention-BN, [D] each: mean, beta mean, 1 / deviation.
  mean: usize;
  shift: usize;
  factor: usize;

  // Sums over the head's queries, backward only; what the gradient of the statistics sums up, float64 [D] each.
  dKey: usize;
  dValue: usize;
  gradientSum: usize;
  gradientProduct: usize;

  // The block of queries.
  /** Not 0: some operand is not calm, so that the pass selects what is seen. */
  selects: i32;
  queriesCalm: i32;
  gradientsCalm: i32;
  /** Backward: shifts of queries and of gradients of outputs, in the sums so far; NO_SHIFT before there are any. */
  queryShift: i32;
  gradientShift: i32;
  /** Where the pass selects: the keys that queries see, as `weights`. */
  seen: usize;
  /** Where the forward pass selects: queries that see a key. */
  saw: usize;
  queryRows: usize;
  queryStep: usize;
  queryCopy: usize;
  queriesPacked: usize;
  maxima: usize;
  totals: usize;
  /** Forward: one panel's new maxima, then factors. */
  fresh: usize;
  /** Forward: one panel of scores. Backward: the tile of weights, panel by panel. */
  weights: usize;
  /** Forward: sums of weights times values, [panel of queries][E][PANEL queries]. */
  sums: usize;

  // Backward only.
  dOutRows: usize;
  dOutStep: usize;
  dOutCopy: usize;
  dOutPacked: usize;
  delta: usize;
  dScores: usize;
  slopes: usize;
  /** Sums of dQ, [panel of queries][D][PANEL queries]. */
  dQuerySums: usize;
  /** Their rows, where more is done with them. */
  dQuery: usize;

  // Linear attention, primal side: the state [D][E + 1] of the first `stateKeys` keys, and its gradient.
  state: usize;
  stateKeys: i32;
  dState: usize;
  /** Either of them as [E + 1][D]. */
  stateTransposed: usize;
}

/** Sums of nothing have any shift. */
export const NO_SHIFT: i32 = -1;

/** Bytes at the beginning of a task's scratch that hold its workspace. */
const WORKSPACE_BYTES: usize = (offsetof<Workspace>() + 63) & ~63;

/** Bytes of the room at `sizing`. */
export function attentionWorkspaceBytes(_: AttentionProblem): usize {
  return WORKSPACE_BYTES;
}

/** The most keys that a head has after averaging. */
function mostKeys(p: AttentionProblem): i32 {
  if (p.pooled) return p.keys;
  let most = 0;
  for (let g = 0; g < p.keyHeads; g++) {
    const scale = entry(p.headScales, g);
    most = max(most, (p.keys + scale - 1) / scale);
  }
  return most;
}

/** Whether keys of some head are still to be averaged. */
function hasScales(p: AttentionProblem): bool {
  for (let g = 0; g < p.keyHeads; g++) if (!p.pooled && entry(p.headScales, g) > 1) return true;
  return false;
}

/** Lays out the keys' part from `base`; returns its end. */
function layOutKeys(p: AttentionProblem, w: Workspace, base: usize): usize {
  const keys = mostKeys(p);
  const width = valueColumns(p);
  const scaled = hasScales(p);
  const linear = p.kernel == Kernel.LINEAR;
  const features = bytes(<usize>roundUpTile(p.headWidth));
  let at = base;
  w.keysPacked = at;
  at += keyPanelsBytes(keys, p.headWidth);
  w.keyCopy = at;
  if (isMapped(p) || scaled || p.backward) at += stripBytes(keys, p.headWidth);
  w.featureCopy = at;
  if (linear && p.batchNorm && p.backward) at += stripBytes(keys, p.headWidth);
  // Forward, nothing reads rows of keys once they are packed, but the state of linear attention.
  w.valueCopy = linear || p.backward ? at : w.keyCopy;
  if (linear || scaled || !p.backward) at = max(at, w.valueCopy + stripBytes(keys, width));
  w.valuesPacked = at;
  if (p.backward) at += keyPanelsBytes(keys, width);
  w.calm = at;
  at += bytes(6);
  w.mean = at;
  w.shift = w.mean + features;
  w.factor = w.shift + features;
  return p.batchNorm ? w.factor + features : at;
}

/** Lays out the sums of the backward pass from `base`; returns their end. */
function layOutSums(p: AttentionProblem, w: Workspace, base: usize): usize {
  // The last tile of a block, which may begin anywhere, may reach beyond the last key.
  const keys = mostKeys(p) + TILE_ROWS;
  const features = bytes(<usize>roundUpTile(p.headWidth));
  w.dKey = base;
  w.dValue = w.dKey + paddedBytes(keys, p.headWidth);
  w.gradientSum = w.dValue + paddedBytes(keys, valueColumns(p));
  w.gradientProduct = w.gradientSum + 2 * features;
  return w.gradientProduct + 2 * features;
}

/** Lays out the block of queries from `base`; returns its end. */
function layOutBlock(p: AttentionProblem, w: Workspace, base: usize): usize {
  const width = valueColumns(p);
  const linear = p.kernel == Kernel.LINEAR;
  const stateBytes = linear ? stripBytes(roundUpTile(roundUpRows(p.headWidth)), roundUpRows(width)) : 0;
  let at = base;
  w.constants = at;
  at += CONSTANTS_BYTES;
  w.queryCopy = at;
  if (isMapped(p) || p.backward) at += stripBytes(BLOCK_QUERIES, p.headWidth);
  w.queriesPacked = at;
  at += bytes(<usize>(p.headWidth * BLOCK_QUERIES));
  w.maxima = at;
  at += bytes(BLOCK_QUERIES);
  w.totals = at;
  at += bytes(BLOCK_QUERIES);
  w.fresh = at;
  at += bytes(PANEL);
  w.state = at;
  at += stateBytes;
  w.weights = at;
  if (!p.backward) {
    // The last tile may reach beyond the last key.
    at += <usize>(FORWARD_KEYS + TILE_ROWS) * PANEL_STEP;
    w.seen = at;
    at += <usize>FORWARD_KEYS * PANEL_STEP;
    w.saw = at;
    at += bytes(BLOCK_QUERIES);
    w.sums = at;
    return at + panelsBytes(BLOCK_QUERIES, width);
  }
  const tile = BACKWARD_PANEL * <usize>(BLOCK_QUERIES / PANEL);
  at += tile;
  w.dScores = at;
  at += tile;
  w.seen = at;
  at += tile;
  w.slopes = at;
  if (p.softcap > 0) at += BACKWARD_PANEL;
  w.dOutCopy = at;
  at += paddedBytes(BLOCK_QUERIES, width);
  w.dOutPacked = at;
  at += bytes(<usize>(width * BLOCK_QUERIES));
  w.delta = at;
  at += bytes(BLOCK_QUERIES);
  w.dQuerySums = at;
  at += panelsBytes(BLOCK_QUERIES, p.headWidth);
  w.dQuery = at;
  if (isMapped(p)) at += paddedBytes(BLOCK_QUERIES, p.headWidth);
  w.dState = at;
  w.stateTransposed = w.dState + stateBytes;
  return w.stateTransposed + stateBytes;
}

/** Bytes of the sums of one chunk. Like all functions that only give sizes, it overwrites places in w. */
function sumsBytes(p: AttentionProblem, w: Workspace): usize {
  return p.backward ? layOutSums(p, w, 0) : 0;
}

/** Bytes of one head's shared room. */
function headBytes(p: AttentionProblem, w: Workspace): usize {
  return layOutKeys(p, w, 0) + <usize>p.chunks * sumsBytes(p, w);
}

/** Bytes of the room that all tasks share; 0 where each has all it needs. */
export function attentionSharedBytes(p: AttentionProblem): usize {
  if (p.chunks == 1) return 0;
  const bytes = <u64>(p.batch * p.keyHeads) * <u64>headBytes(p, changetype<Workspace>(p.sizing));
  return <usize>min<u64>(bytes, u32.MAX_VALUE); // which no heap has
}

/** Bytes of a task's own scratch. */
export function scratchBytes(p: AttentionProblem): usize {
  const w = changetype<Workspace>(p.sizing);
  return WORKSPACE_BYTES + layOutBlock(p, w, p.chunks == 1 ? headBytes(p, w) : 0);
}

/** The workspace of a task, laid out in its scratch, for chunk `chunk` of head `index` = b G + g. */
export function workspaceOf(p: AttentionProblem, index: i32, chunk: i32, scratch: usize): Workspace {
  const w = changetype<Workspace>(scratch);
  const own = scratch + WORKSPACE_BYTES;
  const head = p.chunks == 1 ? own : p.shared + <usize>index * headBytes(p, w);
  const sums = <usize>chunk * sumsBytes(p, w);
  let end = layOutKeys(p, w, head);
  if (p.backward) end = layOutSums(p, w, end + sums);
  end = layOutBlock(p, w, p.chunks == 1 ? end : own);
  writeConstants(w.constants);
  return w;
}
