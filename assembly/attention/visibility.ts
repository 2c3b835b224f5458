// Which keys a query sees: padding, causal and window limits, as one interval of keys a query.

import { AttentionProblem, UNBOUNDED } from './problem';

/** Number of valid keys of sample b. */
@inline
export function keyLength(p: AttentionProblem, b: i32): i32 {
  return load<i32>(p.keyLengths + (<usize>b << 2));
}

/** Position of query 0 of sample b among the keys. */
@inline
export function queryOffset(p: AttentionProblem, b: i32): i32 {
  return load<i32>(p.queryOffsets + (<usize>b << 2));
}

/** First key that a query at `position` may see; 0 or more. */
@inline
export function firstVisible(p: AttentionProblem, position: i32): i32 {
  return p.left == UNBOUNDED ? 0 : max(0, position - p.left);
}

/** One past the last key that a query at `position` may see; `length` at most, 0 at least. */
@inline
export function endVisible(p: AttentionProblem, position: i32, length: i32): i32 {
  return p.right == UNBOUNDED ? length : max(0, min(length, position + p.right + 1));
}

/**
 * Hides, in one panel of scores [key][8 queries], what the limits hide. The panel's queries start at `position`, its
 * keys at `firstKey`.
 */
export function hideOutside(
  p: AttentionProblem, scores: usize, firstKey: i32, keys: i32, position: i32, length: i32,
): void {
  const hidden = f32x4.splat(-Infinity);
  const step = i32x4(0, 1, 2, 3);
  const left = i32x4.splat(p.left);
  const right = i32x4.splat(p.right);
  const last = i32x4.splat(length - 1);
  const p0 = i32x4.add(i32x4.splat(position), step);
  const p1 = i32x4.add(p0, i32x4.splat(4));
  const low0 = i32x4.sub(p0, left), low1 = i32x4.sub(p1, left);
  const high0 = i32x4.min_s(i32x4.add(p0, right), last), high1 = i32x4.min_s(i32x4.add(p1, right), last);
  for (let j = firstKey; j < firstKey + keys; j++, scores += 32) {
    const key = i32x4.splat(j);
    const seen0 = v128.and(i32x4.ge_s(key, low0), i32x4.le_s(key, high0));
    const seen1 = v128.and(i32x4.ge_s(key, low1), i32x4.le_s(key, high1));
    v128.store(scores, v128.bitselect(v128.load(scores), hidden, seen0));
    v128.store(scores, v128.bitselect(v128.load(scores, 16), hidden, seen1), 16);
  }
}

/**
 * Applies the mask tensor to one panel of scores [key][8 queries] of sample b, head h: bytes hide, numbers are added to
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
    for (let j = 0; j < keys; j++, at += p.maskColumn, score += 32) {
      if (p.maskKind == 1) {
        if (!load<u8>(p.mask + at)) store<f32>(score, -Infinity);
      } else {
        store<f32>(score, scale * load<f32>(score) + load<f32>(p.mask + (at << 2)));
      }
    }
  }
}
