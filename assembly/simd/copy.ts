// Copies of short rows. V8 calls out of wasm for memory.copy and memory.fill, which costs as much as copying 1 KB.

/** `bytes` bytes, a multiple of 4, from src to out; they must not overlap. */
@inline
export function copyRow(out: usize, src: usize, bytes: usize): void {
  const whole = bytes & ~15;
  let x: usize = 0;
  for (; x < whole; x += 16) v128.store(out + x, v128.load(src + x));
  for (; x < bytes; x += 4) store<u32>(out + x, load<u32>(src + x));
}

/** `bytes` bytes of zeros, a multiple of 4. */
@inline
export function zeroRow(out: usize, bytes: usize): void {
  const whole = bytes & ~15;
  let x: usize = 0;
  for (; x < whole; x += 16) v128.store(out + x, f32x4.splat(0));
  for (; x < bytes; x += 4) store<u32>(out + x, 0);
}

/** Whether the floats in `bytes` bytes are all 0, of either sign. */
@inline
export function isZeroRow(x: usize, bytes: usize): bool {
  const whole = bytes & ~15;
  let i: usize = 0;
  for (; i < whole; i += 16) if (v128.any_true(f32x4.abs(v128.load(x + i)))) return false;
  for (; i < bytes; i += 4) if (load<u32>(x + i) << 1) return false;
  return true;
}
