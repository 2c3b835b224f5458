// Which keys a query sees. Padding, causal and window limits leave one interval of keys for each query; blocks and the
// mask tensor hide more inside it. Where keys are averages of a window of positions (Attention-SH), key j stands for
// positions j r .. min((j + 1) r, length) - 1: `causal` wants all of them in the past, `window` any of them inside.

import { AttentionProblem, Block, entry, MaskKind, UNBOUNDED } from './problem';
import { PAIR, PAIR_STEP, PANEL, PANEL_STEP } from './tiles';
import { Workspace } from './workspace';

/** First key that a query at `position` may see; 0 to count. */
@inline
export function firstVisible(p: AttentionProblem, w: Workspace, position: i32): i32 {
  if (p.left == UNBOUNDED || position <= p.left) return 0;
  return position - p.left >= w.length ? w.count : (position - p.left) / w.headScale;
}

/** One past the last key that a query at `position` may see; 0 to count. */
@inline
export function endVisible(p: AttentionProblem, w: Workspace, position: i32): i32 {
  let end = w.count;
  if (p.causal && position < w.length - 1) end = position < 0 ? 0 : (position + 1) / w.headScale;
  if (p.right != UNBOUNDED) end = position + p.right < 0 ? 0 : min(end, (position + p.right) / w.headScale + 1);
  return end;
}

/** Vector of four integers. */
@inline
function lanes(a: i32, b: i32, c: i32, d: i32): v128 {
  return i32x4.replace_lane(i32x4.replace_lane(i32x4.replace_lane(i32x4.splat(a), 1, b), 2, c), 3, d);
}

/**
 * Sets to `hidden`, in one panel of scores [key][query], what the limits hide. The panel's queries start at `position`, its
 * keys at `firstKey`.
 */
export function hideOutside(
  p: AttentionProblem, w: Workspace, scores: usize, firstKey: i32, keys: i32, position: i32, hidden: f32,
): void {
  for (let i = 0; i < PANEL; i += 4, scores += 16) {
    hideFourOutside(p, w, scores, firstKey, keys, position + i, hidden);
  }
}

/** `hideOutside` for four queries. */
function hideFourOutside(
  p: AttentionProblem, w: Workspace, scores: usize, firstKey: i32, keys: i32, position: i32, hidden: f32,
): void {
  const fill = f32x4.splat(hidden);
  const low = lanes(
    firstVisible(p, w, position), firstVisible(p, w, position + 1),
    firstVisible(p, w, position + 2), firstVisible(p, w, position + 3),
  );
  const end = lanes(
    endVisible(p, w, position), endVisible(p, w, position + 1),
    endVisible(p, w, position + 2), endVisible(p, w, position + 3),
  );
  for (let j = firstKey; j < firstKey + keys; j++, scores += PANEL_STEP) {
    const key = i32x4.splat(j);
    const seen = v128.and(i32x4.ge_s(key, low), i32x4.lt_s(key, end));
    v128.store(scores, v128.bitselect(v128.load(scores), fill, seen));
  }
}

/**
 * Applies the mask tensor to one panel of scores [key][query] of sample b, head h: bytes hide, numbers are added to
 * `scale` times the score.
 */
export function applyMask(
  p: AttentionProblem, scores: usize, b: i32, h: i32, firstQuery: i32, queries: i32, firstKey: i32, keys: i32,
  scale: f32,
): void {
  const origin =
    <usize>b * p.maskBatch + <usize>h * p.maskHead + <usize>firstQuery * p.maskRow + <usize>firstKey * p.maskColumn;
  for (let i: usize = 0; i < <usize>queries; i++) {
    let at = origin + i * p.maskRow;
    let score = scores + (i << 2);
    for (let j = 0; j < keys; j++, at += p.maskColumn, score += PANEL_STEP) {
      if (p.maskKind == MaskKind.BOOL) {
        if (!load<u8>(p.mask + at)) store<f32>(score, -Infinity);
      } else {
        store<f32>(score, scale * load<f32>(score) + load<f32>(p.mask + (at << 2)));
      }
    }
  }
}

/** Kind of the block of head h that holds a query and a key. */
@inline
function blockOf(p: AttentionProblem, h: i32, query: i32, key: i32): i32 {
  return entry(p.blocks, h * p.blockHead + (query / p.blockSize) * p.blockColumns + key / p.blockSize);
}

/** Whether the pattern of blocks hides a key from all queries of head h's panel that begins at `query`. */
export function isHidden(p: AttentionProblem, h: i32, query: i32, key: i32): bool {
  if (!p.blocks) return false;
  const end = min(query + PANEL, p.queries);
  for (let i = query; i < end; i += PAIR) if (blockOf(p, h, i, key) != Block.HIDDEN) return false;
  return true;
}

/**
 * End of the run of keys from `key` on, `end` at most, that are alike for a panel: all hidden, or all in blocks with
 * something to see.
 */
export function runEnd(p: AttentionProblem, h: i32, query: i32, key: i32, end: i32): i32 {
  const hidden = isHidden(p, h, query, key);
  do key = (key / p.blockSize + 1) * p.blockSize;
  while (key < end && isHidden(p, h, query, key) == hidden);
  return min(key, end);
}

/** Whether any block between these queries and keys has something to see. */
export function seesAny(p: AttentionProblem, h: i32, query: i32, endQuery: i32, key: i32, endKey: i32): bool {
  if (!p.blocks) return true;
  for (let i = query / p.blockSize * p.blockSize; i < endQuery; i += p.blockSize) {
    for (let j = key / p.blockSize * p.blockSize; j < endKey; j += p.blockSize) {
      if (blockOf(p, h, i, j) != Block.HIDDEN) return true;
    }
  }
  return false;
}

/** Hides, in one panel of scores [key][query] of head h, what the pattern of blocks hides. */
export function hideBlocks(
  p: AttentionProblem, scores: usize, h: i32, firstQuery: i32, firstKey: i32, keys: i32,
): void {
  const end = min(firstQuery + PANEL, p.queries);
  for (let i = firstQuery; i < end; i += PAIR, scores += PAIR_STEP) {
    hideBlocksOfPair(p, scores, h, i, firstKey, keys);
  }
}

/** `hideBlocks` for eight queries, which lie in one block. */
function hideBlocksOfPair(
  p: AttentionProblem, scores: usize, h: i32, firstQuery: i32, firstKey: i32, keys: i32,
): void {
  const hidden = f32x4.splat(-Infinity);
  const bits0 = i32x4(1, 2, 4, 8), bits1 = i32x4(16, 32, 64, 128);
  const size = p.blockSize;
  const rowBytes = size >> 3;
  for (let j = firstKey; j < firstKey + keys; ) {
    const kind = blockOf(p, h, firstQuery, j);
    const end = min(firstKey + keys, (j / size + 1) * size);
    let panel = scores + <usize>(j - firstKey) * PANEL_STEP;
    if (kind != Block.WHOLE) {
      let byte = p.bitmaps + <usize>(((kind - Block.FIRST_BITMAP) * size + j % size) * rowBytes + ((firstQuery % size) >> 3));
      for (; j < end; j++, panel += PANEL_STEP, byte += rowBytes) {
        const seen = i32x4.splat(kind == Block.HIDDEN ? 0 : <i32>load<u8>(byte));
        const seen0 = i32x4.eq(v128.and(seen, bits0), bits0), seen1 = i32x4.eq(v128.and(seen, bits1), bits1);
        v128.store(panel, v128.bitselect(v128.load(panel), hidden, seen0));
        v128.store(panel, v128.bitselect(v128.load(panel, 16), hidden, seen1), 16);
      }
    }
    j = end;
  }
}
