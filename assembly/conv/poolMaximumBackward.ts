// The gradient of a maximum over windows.

import { zeroRow } from '../simd/copy';
import { loadLanes, storeLanes } from '../simd/lanes';
import { stripBegin, stripSize, stripTasks } from '../threads/strips';
import { endTap, firstTap, sampleBytes, WindowProblem } from './window';

/** The window of a position: its places in the input. */
@unmanaged
class Window {
  depth: i32;
  row: i32;
  column: i32;
  firstDepth: i32;
  endDepth: i32;
  firstRow: i32;
  endRow: i32;
  firstColumn: i32;
  endColumn: i32;
}

/** Bytes of a window in scratch. */
const WINDOW_BYTES: usize = 64;

@inline
function setWindow(w: Window, p: WindowProblem, outDepth: i32, outRow: i32, outColumn: i32): void {
  w.depth = outDepth * p.depthStep - p.front;
  w.row = outRow * p.rowStep - p.top;
  w.column = outColumn * p.columnStep - p.left;
  w.firstDepth = firstTap(w.depth, p.depthSpacing);
  w.endDepth = endTap(w.depth, p.depthSpacing, p.kernelDepth, p.depth);
  w.firstRow = firstTap(w.row, p.rowSpacing);
  w.endRow = endTap(w.row, p.rowSpacing, p.kernelRows, p.rows);
  w.firstColumn = firstTap(w.column, p.columnSpacing);
  w.endColumn = endTap(w.column, p.columnSpacing, p.kernelColumns, p.columns);
}

/** Byte of the place of a tap in a sample. */
@inline
function placeOf(p: WindowProblem, w: Window, a: i32, b: i32, c: i32): usize {
  const d = w.depth + a * p.depthSpacing, r = w.row + b * p.rowSpacing, column = w.column + c * p.columnSpacing;
  return (<usize>((d * p.rows + r) * p.columns + column) * <usize>p.channels) << 2;
}

/** A strip of channels of a sample. */
export function poolMaximumBackwardTasks(p: WindowProblem): i32 {
  return p.batch * stripTasks(p.channels);
}

export function poolMaximumBackwardScratch(_: WindowProblem): usize {
  return WINDOW_BYTES;
}

/** One strip of dX: the gradient goes to the first of the greatest numbers. */
export function poolMaximumBackward(p: WindowProblem, task: i32, scratch: usize): void {
  poolStripBackward(p, task, changetype<Window>(scratch));
}

function poolStripBackward(p: WindowProblem, task: i32, w: Window): void {
  const strips = stripTasks(p.channels);
  const begin = stripBegin(task % strips), size = stripSize(p.channels, task % strips);
  const sample = task / strips;
  const step = <usize>p.channels << 2;
  const x = p.x + <usize>sample * sampleBytes(p) + begin;
  const dX = p.dX + <usize>sample * sampleBytes(p) + begin;
  for (let place: usize = 0; place < sampleBytes(p); place += step) zeroRow(dX + place, size);
  let dY = p.dY + <usize>(sample * p.outDepth * p.outRows * p.outColumns) * step + begin;
  for (let d = 0; d < p.outDepth; d++) {
    for (let r = 0; r < p.outRows; r++) {
      for (let c = 0; c < p.outColumns; c++, dY += step) {
        setWindow(w, p, d, r, c);
        let i: usize = 0;
        for (; i + 16 <= size; i += 16) differentiateLanes<v128>(p, w, dX + i, x + i, dY + i);
        for (; i < size; i += 4) differentiateLanes<f32>(p, w, dX + i, x + i, dY + i);
      }
    }
  }
}

@inline
function differentiateLanes<T>(p: WindowProblem, w: Window, dX: usize, x: usize, dY: usize): void {
  const gradient = loadLanes<T>(dY);
  let chosen = i32x4.splat(-1), greatest = f32x4.splat(-Infinity);
  for (let a = w.firstDepth, tap = 0; a < w.endDepth; a++) {
    for (let b = w.firstRow; b < w.endRow; b++) {
      for (let c = w.firstColumn; c < w.endColumn; c++, tap++) {
        const next = loadLanes<T>(x + placeOf(p, w, a, b, c));
        const greater = f32x4.gt(next, greatest);
        greatest = v128.bitselect(next, greatest, greater);
        chosen = v128.bitselect(i32x4.splat(tap), chosen, greater);
      }
    }
  }
  for (let a = w.firstDepth, tap = 0; a < w.endDepth; a++) {
    for (let b = w.firstRow; b < w.endRow; b++) {
      for (let c = w.firstColumn; c < w.endColumn; c++, tap++) {
        const at = dX + placeOf(p, w, a, b, c);
        const own = v128.and(gradient, i32x4.eq(chosen, i32x4.splat(tap)));
        storeLanes<T>(at, f32x4.add(loadLanes<T>(at), own));
      }
    }
  }
}
