// Dropout on attention weights. Whether weight (b, h, i, j) is kept is a hash of the seed and its place, so the backward
// pass finds the forward pass's choice again, in any order of tiles.

import { mix, mixLanes } from '../simd/hash';
import { AttentionProblem } from './problem';
import { PAIR, PAIR_STEP, PANEL, PANEL_STEP } from './tiles';

/** The key of one head's choices. */
function headKey(seed: i32, head: i32): u32 {
  return mix(<u32>seed + mix(<u32>head + 0x9e3779b9));
}

/** Kept weights have a hash, as a signed number, of at least this. */
function keepFrom(rate: f32): i32 {
  return <i32>(-2147483648.0 + Math.floor(4294967296.0 * <f64>rate));
}

/** Hash of four neighbouring queries, the lanes. */
@inline
function queryHash(key: u32, query: i32): v128 {
  return mixLanes(i32x4.add(i32x4.splat(<i32>(key + <u32>query)), i32x4(0, 1, 2, 3)));
}

/** One panel [key][query] of sample b, head h: dropped elements become 0 (NaN and Infinity NaN), kept ones times 1 / (1 - rate). */
export function dropPanel(
  p: AttentionProblem, panel: usize, b: i32, h: i32, firstQuery: i32, firstKey: i32, keys: i32,
): void {
  const key = headKey(p.seed, b * p.heads + h);
  const from = i32x4.splat(keepFrom(p.dropout));
  const kept = f32x4.splat(<f32>1 / (<f32>1 - p.dropout));
  for (let i = 0; i < PANEL; i += PAIR, panel += PAIR_STEP) {
    const queries0 = queryHash(key, firstQuery + i), queries1 = queryHash(key, firstQuery + i + 4);
    let at = panel;
    for (let j = firstKey; j < firstKey + keys; j++, at += PANEL_STEP) {
      const keyHash = i32x4.splat(<i32>mix(<u32>j));
      const keep0 = i32x4.ge_s(mixLanes(i32x4.add(queries0, keyHash)), from);
      const keep1 = i32x4.ge_s(mixLanes(i32x4.add(queries1, keyHash)), from);
      v128.store(at, f32x4.mul(v128.and(kept, keep0), v128.load(at)));
      v128.store(at, f32x4.mul(v128.and(kept, keep1), v128.load(at, 16)), 16);
    }
  }
}
