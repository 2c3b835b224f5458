// Dropout on attention weights. Whether weight (b, h, i, j) is kept is a hash of the seed and its place, so the backward
// pass finds the forward pass's choice again, in any order of tiles.

/** MurmurHash3's 32-bit finaliser (A. Appleby): every input bit changes every output bit with probability near 1/2. */
@inline
function mix(x: u32): u32 {
  x = (x ^ (x >> 16)) * 0x85ebca6b;
  x = (x ^ (x >> 13)) * 0xc2b2ae35;
  return x ^ (x >> 16);
}

@inline
function mixLanes(x: v128): v128 {
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 16)), i32x4.splat(<i32>0x85ebca6b));
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 13)), i32x4.splat(<i32>0xc2b2ae35));
  return v128.xor(x, i32x4.shr_u(x, 16));
}

/** The key of one head's choices. */
export function headKey(seed: i32, head: i32): u32 {
  return mix(<u32>seed + mix(<u32>head + 0x9e3779b9));
}

/** Kept weights have a hash, as a signed number, of at least this. */
export function keepFrom(rate: f32): i32 {
  return <i32>(-2147483648.0 + Math.floor(4294967296.0 * <f64>rate));
}

/** Hash of four neighbouring queries, the lanes, for `keepLanes`. */
@inline
export function queryHash(key: u32, query: i32): v128 {
  return mixLanes(i32x4.add(i32x4.splat(<i32>(key + <u32>query)), i32x4(0, 1, 2, 3)));
}

/** All ones in the lanes (queries) whose weight on key j is kept. */
@inline
export function keepLanes(queries: v128, j: i32, from: v128): v128 {
  return i32x4.ge_s(mixLanes(i32x4.add(queries, i32x4.splat(<i32>mix(<u32>j)))), from);
}
