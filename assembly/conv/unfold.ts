// What windows see, written out row by row (im2col), so that a convolution is a product of matrices; and its transpose.
//
//   unfold  unfolded[position, tap] = x[place of the tap], 0 in the padding
//   fold    x[place] = sum of unfolded[position, tap] over all taps there

import { copyRow, zeroRow } from '../simd/copy';
import { addRow } from '../simd/rows';
import { countTaps, WindowProblem } from './window';

/** Bytes of a task's part of `unfolded`. */
const TASK_BYTES: usize = 1 << 17;

@inline
function rowBytes(p: WindowProblem): usize {
  return (<usize>countTaps(p) * <usize>p.channels) << 2;
}

@inline
function taskPositions(p: WindowProblem): i32 {
  return <i32>max<usize>(1, TASK_BYTES / max<usize>(4, rowBytes(p)));
}

export function unfoldTasks(p: WindowProblem): i32 {
  return (p.positions + taskPositions(p) - 1) / taskPositions(p);
}

/** One block of positions. */
export function unfold(p: WindowProblem, task: i32, _: usize): void {
  const first = task * taskPositions(p), end = min(p.positions, first + taskPositions(p));
  const size = <usize>p.channels << 2;
  const width = p.kernelColumns;
  let out = p.unfolded + <usize>first * rowBytes(p);
  for (let i = first; i < end; i++) {
    let place = p.firstPosition + i;
    const column = place % p.outColumns * p.columnStep - p.left;
    place /= p.outColumns;
    const row = place % p.outRows * p.rowStep - p.top;
    place /= p.outRows;
    const depth = place % p.outDepth * p.depthStep - p.front;
    const sample = place / p.outDepth;
    const whole = p.columnSpacing == 1 && column >= 0 && column + width <= p.columns;
    for (let a = 0; a < p.kernelDepth; a++) {
      const d = depth + a * p.depthSpacing;
      for (let b = 0; b < p.kernelRows; b++) {
        const r = row + b * p.rowSpacing;
        if (d < 0 || d >= p.depth || r < 0 || r >= p.rows) {
          zeroRow(out, size * <usize>width);
          out += size * <usize>width;
          continue;
        }
        const line = p.x + <usize>((sample * p.depth + d) * p.rows + r) * <usize>p.columns * size;
        if (whole) {
          copyRow(out, line + <usize>column * size, size * <usize>width);
          out += size * <usize>width;
          continue;
        }
        for (let c = 0; c < width; c++, out += size) {
          const at = column + c * p.columnSpacing;
          if (at >= 0 && at < p.columns) copyRow(out, line + <usize>at * size, size);
          else zeroRow(out, size);
        }
      }
    }
  }
}

/** Rows of the input. */
export function foldTasks(p: WindowProblem): i32 {
  return p.batch * p.depth * p.rows;
}

/** Where the window is whose tap lies at `place` of an axis; -1 if none is. */
@inline
function windowAt(place: i32, step: i32, windows: i32): i32 {
  if (place < 0 || place % step != 0) return -1;
  return place / step < windows ? place / step : -1;
}

/** One row of x; `unfolded` holds all positions of the batch. */
export function fold(p: WindowProblem, task: i32, _: usize): void {
  const size = <usize>p.channels << 2;
  const r = task % p.rows, d = task / p.rows % p.depth, sample = task / p.rows / p.depth;
  const x = p.x + <usize>task * <usize>p.columns * size;
  zeroRow(x, <usize>p.columns * size);
  for (let a = 0; a < p.kernelDepth; a++) {
    const outDepth = windowAt(d + p.front - a * p.depthSpacing, p.depthStep, p.outDepth);
    if (outDepth < 0) continue;
    for (let b = 0; b < p.kernelRows; b++) {
      const outRow = windowAt(r + p.top - b * p.rowSpacing, p.rowStep, p.outRows);
      if (outRow < 0) continue;
      const line = ((sample * p.outDepth + outDepth) * p.outRows + outRow) * p.outColumns;
      const tap = (a * p.kernelRows + b) * p.kernelColumns;
      for (let outColumn = 0; outColumn < p.outColumns; outColumn++) {
        const from = p.unfolded + <usize>(line + outColumn) * rowBytes(p) + <usize>tap * size;
        const column = outColumn * p.columnStep - p.left;
        if (p.columnSpacing == 1 && column >= 0 && column + p.kernelColumns <= p.columns) {
          addRow(x + <usize>column * size, from, <usize>p.kernelColumns * size);
          continue;
        }
        for (let c = 0; c < p.kernelColumns; c++) {
          const at = column + c * p.columnSpacing;
          if (at >= 0 && at < p.columns) addRow(x + <usize>at * size, from + <usize>c * size, size);
        }
      }
    }
  }
}
