// Rows whose length is not a multiple of four. A kernel's formula is one inlined function of vectors, generic in how much
// it takes at a time: T = v128 takes four numbers, T = f32 one, in a vector too. Nothing outside a row is read or written,
// and the last numbers of a row are rounded as the others are. A sum over lanes counts only lane 0 of the latter.
//
//   for (; i < whole; i += 16) formula<v128>(out + i, x + i);
//   for (; i < size; i += 4) formula<f32>(out + i, x + i);

/** Four numbers, or one in every lane. */
@inline
export function loadLanes<T>(address: usize): v128 {
  return isVector<T>() ? v128.load(address) : v128.load32_splat(address);
}

/** Stores four numbers, or the one of lane 0. */
@inline
export function storeLanes<T>(address: usize, x: v128): void {
  if (isVector<T>()) v128.store(address, x);
  else v128.store_lane<f32>(address, x, 0);
}
