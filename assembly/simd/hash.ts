// Hashes: random choices that depend only on a seed and a place, so that they can be repeated in any order.

/** MurmurHash3's 32-bit finaliser (A. Appleby): every input bit changes every output bit with probability near 1/2. */
@inline
export function mix(x: u32): u32 {
  x = (x ^ (x >> 16)) * 0x85ebca6b;
  x = (x ^ (x >> 13)) * 0xc2b2ae35;
  return x ^ (x >> 16);
}

/** `mix` of four numbers. */
@inline
export function mixLanes(x: v128): v128 {
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 16)), i32x4.splat(<i32>0x85ebca6b));
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 13)), i32x4.splat(<i32>0xc2b2ae35));
  return v128.xor(x, i32x4.shr_u(x, 16));
}
