// Windows that slide over a grid of up to three dimensions: the geometry that convolutions and pooling share. A grid of
// fewer dimensions has leading dimensions of one.

/** Input [batch, depth, rows, columns, channels]; a position is a place of the output [batch, outDepth, outRows, outColumns]. */
@unmanaged
export class WindowProblem {
  /** float32, the input; fold writes it. @optional */
  x: usize;
  /** float32 [batch, outDepth, outRows, outColumns, channels]: the output of pooling. @optional */
  y: usize;
  /** Gradients of both. @optional */
  dX: usize;
  /** @optional */
  dY: usize;
  /** float32 [positions, taps, channels], what `fold` adds up. @optional */
  unfolded: usize;
  batch: i32;
  depth: i32;
  rows: i32;
  columns: i32;
  channels: i32;
  outDepth: i32;
  outRows: i32;
  outColumns: i32;
  /** Taps of a window. */
  kernelDepth: i32;
  kernelRows: i32;
  kernelColumns: i32;
  /** Steps from one window to the next. */
  depthStep: i32;
  rowStep: i32;
  columnStep: i32;
  /** Steps from one tap to the next. */
  depthSpacing: i32;
  rowSpacing: i32;
  columnSpacing: i32;
  /** Positions of padding before the first one. */
  front: i32;
  top: i32;
  left: i32;
  /** 1 where the gradient of a mean counts the places in the padding too. @optional */
  wholeWindows: i32;
}

@inline
export function countTaps(p: WindowProblem): i32 {
  return p.kernelDepth * p.kernelRows * p.kernelColumns;
}

/** Bytes of a sample of the input. */
@inline
export function sampleBytes(p: WindowProblem): usize {
  return (<usize>(p.depth * p.rows * p.columns) * <usize>p.channels) << 2;
}

/** First tap of a window that begins at `start` which lies in the grid; `spacing` from tap to tap. */
@inline
export function firstTap(start: i32, spacing: i32): i32 {
  return start >= 0 ? 0 : (spacing - 1 - start) / spacing;
}

/** End of the taps that lie in a grid of `size`. */
@inline
export function endTap(start: i32, spacing: i32, taps: i32, size: i32): i32 {
  // Most windows end in the grid; a division costs as much as they do.
  if (start + (taps - 1) * spacing < size) return taps;
  return start >= size ? 0 : (size - start + spacing - 1) / spacing;
}

/** Where the window is whose tap lies at `place` of an axis; -1 if none is. */
@inline
export function windowAt(place: i32, step: i32, windows: i32): i32 {
  if (place < 0 || place % step != 0) return -1;
  return place / step < windows ? place / step : -1;
}
