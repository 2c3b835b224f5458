// The most that a core does with 128-bit vectors: multiply-adds in registers, and copies.

@inline
function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** 96 flop a round: twelve independent sums hide the latency of an addition. */
export function rounds(count: i32, factor: f32): f32 {
  const x = f32x4.splat(factor), y = f32x4.splat(factor * 0.5);
  let a = x, b = y, c = x, d = y, e = x, f = y, g = x, h = y, i = x, j = y, k = x, l = y;
  for (let n = 0; n < count; n++) {
    a = madd(x, y, a);
    b = madd(x, y, b);
    c = madd(x, y, c);
    d = madd(x, y, d);
    e = madd(x, y, e);
    f = madd(x, y, f);
    g = madd(x, y, g);
    h = madd(x, y, h);
    i = madd(x, y, i);
    j = madd(x, y, j);
    k = madd(x, y, k);
    l = madd(x, y, l);
  }
  a = f32x4.add(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)), f32x4.add(f32x4.add(e, f), f32x4.add(g, h)));
  a = f32x4.add(a, f32x4.add(f32x4.add(i, j), f32x4.add(k, l)));
  return f32x4.extract_lane(a, 0) + f32x4.extract_lane(a, 1) + f32x4.extract_lane(a, 2) + f32x4.extract_lane(a, 3);
}

/**
 * 192 flop a round, in twelve pairs of sums. Loads and stores of neighbours are where V8 begins to fuse pairs of
 * vectors into 256 bits. `at`: 27 vectors, the factors after the sums.
 */
export function roundsOfPairs(count: i32, at: usize): void {
  let a0 = v128.load(at, 0), a1 = v128.load(at, 16), b0 = v128.load(at, 32), b1 = v128.load(at, 48);
  let c0 = v128.load(at, 64), c1 = v128.load(at, 80), d0 = v128.load(at, 96), d1 = v128.load(at, 112);
  let e0 = v128.load(at, 128), e1 = v128.load(at, 144), f0 = v128.load(at, 160), f1 = v128.load(at, 176);
  let g0 = v128.load(at, 192), g1 = v128.load(at, 208), h0 = v128.load(at, 224), h1 = v128.load(at, 240);
  let i0 = v128.load(at, 256), i1 = v128.load(at, 272), j0 = v128.load(at, 288), j1 = v128.load(at, 304);
  let k0 = v128.load(at, 320), k1 = v128.load(at, 336), l0 = v128.load(at, 352), l1 = v128.load(at, 368);
  for (let n = 0; n < count; n++) {
    const x = v128.load(at, 384), y = v128.load(at, 400), z = v128.load32_splat(at, 416);
    a0 = madd(x, z, a0); a1 = madd(y, z, a1);
    b0 = madd(x, z, b0); b1 = madd(y, z, b1);
    c0 = madd(x, z, c0); c1 = madd(y, z, c1);
    d0 = madd(x, z, d0); d1 = madd(y, z, d1);
    e0 = madd(x, z, e0); e1 = madd(y, z, e1);
    f0 = madd(x, z, f0); f1 = madd(y, z, f1);
    g0 = madd(x, z, g0); g1 = madd(y, z, g1);
    h0 = madd(x, z, h0); h1 = madd(y, z, h1);
    i0 = madd(x, z, i0); i1 = madd(y, z, i1);
    j0 = madd(x, z, j0); j1 = madd(y, z, j1);
    k0 = madd(x, z, k0); k1 = madd(y, z, k1);
    l0 = madd(x, z, l0); l1 = madd(y, z, l1);
  }
  v128.store(at, a0, 0); v128.store(at, a1, 16); v128.store(at, b0, 32); v128.store(at, b1, 48);
  v128.store(at, c0, 64); v128.store(at, c1, 80); v128.store(at, d0, 96); v128.store(at, d1, 112);
  v128.store(at, e0, 128); v128.store(at, e1, 144); v128.store(at, f0, 160); v128.store(at, f1, 176);
  v128.store(at, g0, 192); v128.store(at, g1, 208); v128.store(at, h0, 224); v128.store(at, h1, 240);
  v128.store(at, i0, 256); v128.store(at, i1, 272); v128.store(at, j0, 288); v128.store(at, j1, 304);
  v128.store(at, k0, 320); v128.store(at, k1, 336); v128.store(at, l0, 352); v128.store(at, l1, 368);
}

/** Copies a multiple of 64 bytes. */
export function copy(out: usize, from: usize, bytes: usize): void {
  for (let end = from + bytes; from < end; from += 64, out += 64) {
    v128.store(out, v128.load(from), 0);
    v128.store(out, v128.load(from, 16), 16);
    v128.store(out, v128.load(from, 32), 32);
    v128.store(out, v128.load(from, 48), 48);
  }
}
