// Pooling over windows, and its gradients. A maximum leaves NaN out and is -Infinity where nothing is left, as on tfjs's cpu;
// a mean is over the places of the window that lie in the input.

import { loadLanes, storeLanes } from '../simd/lanes';
import { zeroRow } from '../simd/copy';
import { stripBegin, stripSize, stripTasks } from '../threads/strips';
import { countTaps, endTap, firstTap, sampleBytes, WindowProblem } from './window';

// Names of the two kinds.
class Maximum {}
class Mean {}

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

/** Places of a window, of those in the input. */
@inline
function countPlaces(w: Window): i32 {
  return max(0, w.endDepth - w.firstDepth) * max(0, w.endRow - w.firstRow) * max(0, w.endColumn - w.firstColumn);
}

/** Byte of the place of a tap in a sample. */
@inline
function placeOf(p: WindowProblem, w: Window, a: i32, b: i32, c: i32): usize {
  const d = w.depth + a * p.depthSpacing, r = w.row + b * p.rowSpacing, column = w.column + c * p.columnSpacing;
  return (<usize>((d * p.rows + r) * p.columns + column) * <usize>p.channels) << 2;
}

/** Rows of the output. */
export function poolMaximumTasks(p: WindowProblem): i32 {
  return p.batch * p.outDepth * p.outRows;
}

export function poolMaximumScratch(_: WindowProblem): usize {
  return WINDOW_BYTES;
}

/** One row of y. */
export function poolMaximum(p: WindowProblem, task: i32, scratch: usize): void {
  poolRow<Maximum>(p, task, changetype<Window>(scratch));
}

export function poolMeanTasks(p: WindowProblem): i32 {
  return poolMaximumTasks(p);
}

export function poolMeanScratch(_: WindowProblem): usize {
  return WINDOW_BYTES;
}

/** One row of y. */
export function poolMean(p: WindowProblem, task: i32, scratch: usize): void {
  poolRow<Mean>(p, task, changetype<Window>(scratch));
}

function poolRow<Kind>(p: WindowProblem, task: i32, w: Window): void {
  const size = <usize>p.channels << 2, columnBytes = <usize>p.columnSpacing * size;
  const rowBytes = <usize>(p.rowSpacing * p.columns) * size;
  const depthBytes = <usize>(p.depthSpacing * p.rows * p.columns) * size;
  const outRow = task % p.outRows, outDepth = task / p.outRows % p.outDepth;
  const sample = task / p.outRows / p.outDepth;
  const x = p.x + <usize>sample * sampleBytes(p);
  let y = p.y + <usize>task * <usize>p.outColumns * size;
  for (let column = 0; column < p.outColumns; column++, y += size) {
    setWindow(w, p, outDepth, outRow, column);
    const places = countPlaces(w);
    const depths = places == 0 ? 0 : w.endDepth - w.firstDepth;
    const rows = w.endRow - w.firstRow, columns = w.endColumn - w.firstColumn;
    const at = x + placeOf(p, w, w.firstDepth, w.firstRow, w.firstColumn);
    const count = f32x4.splat(idof<Kind>() == idof<Mean>() ? <f32>max(1, places) : 1);
    let i: usize = 0;
    for (; i + 64 <= size; i += 64) {
      poolFour<Kind>(y + i, at + i, depths, rows, columns, depthBytes, rowBytes, columnBytes, count);
    }
    for (; i + 16 <= size; i += 16) {
      poolLanes<Kind, v128>(y + i, at + i, depths, rows, columns, depthBytes, rowBytes, columnBytes, count);
    }
    for (; i < size; i += 4) {
      poolLanes<Kind, f32>(y + i, at + i, depths, rows, columns, depthBytes, rowBytes, columnBytes, count);
    }
  }
}

/** What a window of no places gives: a mean of 0. */
@inline
function initial<Kind>(): v128 {
  return f32x4.splat(idof<Kind>() == idof<Maximum>() ? -Infinity : 0);
}

/** In this order pmax leaves NaN out. */
@inline
function join<Kind>(value: v128, next: v128): v128 {
  return idof<Kind>() == idof<Maximum>() ? f32x4.pmax(value, next) : f32x4.add(value, next);
}

@inline
function finish<Kind>(value: v128, count: v128): v128 {
  return idof<Kind>() == idof<Maximum>() ? value : f32x4.div(value, count);
}

/** Sixteen channels: the places of the window, the first of them at x, are gone through once. */
@inline
function poolFour<Kind>(
  y: usize, x: usize, depths: i32, rows: i32, columns: i32, depthBytes: usize, rowBytes: usize, columnBytes: usize,
  count: v128,
): void {
  let value0 = initial<Kind>(), value1 = value0, value2 = value0, value3 = value0;
  for (; depths > 0; depths--, x += depthBytes) {
    for (let row = x, endRow = x + <usize>rows * rowBytes; row != endRow; row += rowBytes) {
      for (let at = row, end = row + <usize>columns * columnBytes; at != end; at += columnBytes) {
        value0 = join<Kind>(value0, v128.load(at));
        value1 = join<Kind>(value1, v128.load(at, 16));
        value2 = join<Kind>(value2, v128.load(at, 32));
        value3 = join<Kind>(value3, v128.load(at, 48));
      }
    }
  }
  v128.store(y, finish<Kind>(value0, count));
  v128.store(y, finish<Kind>(value1, count), 16);
  v128.store(y, finish<Kind>(value2, count), 32);
  v128.store(y, finish<Kind>(value3, count), 48);
}

@inline
function poolLanes<Kind, T>(
  y: usize, x: usize, depths: i32, rows: i32, columns: i32, depthBytes: usize, rowBytes: usize, columnBytes: usize,
  count: v128,
): void {
  let value = initial<Kind>();
  for (; depths > 0; depths--, x += depthBytes) {
    for (let row = x, endRow = x + <usize>rows * rowBytes; row != endRow; row += rowBytes) {
      for (let at = row, end = row + <usize>columns * columnBytes; at != end; at += columnBytes) {
        value = join<Kind>(value, loadLanes<T>(at));
      }
    }
  }
  storeLanes<T>(y, finish<Kind>(value, count));
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
  poolStripBackward<Maximum>(p, task, changetype<Window>(scratch));
}

export function poolMeanBackwardTasks(p: WindowProblem): i32 {
  return poolMaximumBackwardTasks(p);
}

export function poolMeanBackwardScratch(_: WindowProblem): usize {
  return WINDOW_BYTES;
}

/** One strip of dX. */
export function poolMeanBackward(p: WindowProblem, task: i32, scratch: usize): void {
  poolStripBackward<Mean>(p, task, changetype<Window>(scratch));
}

function poolStripBackward<Kind>(p: WindowProblem, task: i32, w: Window): void {
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
        for (; i + 16 <= size; i += 16) differentiateLanes<Kind, v128>(p, w, dX + i, x + i, dY + i);
        for (; i < size; i += 4) differentiateLanes<Kind, f32>(p, w, dX + i, x + i, dY + i);
      }
    }
  }
}

@inline
function differentiateLanes<Kind, T>(p: WindowProblem, w: Window, dX: usize, x: usize, dY: usize): void {
  let gradient = loadLanes<T>(dY);
  let chosen = i32x4.splat(-1);
  if (idof<Kind>() == idof<Mean>()) {
    const places = p.wholeWindows ? countTaps(p) : max(1, countPlaces(w));
    gradient = f32x4.div(gradient, f32x4.splat(<f32>places));
  } else {
    let greatest = f32x4.splat(-Infinity);
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
  }
  for (let a = w.firstDepth, tap = 0; a < w.endDepth; a++) {
    for (let b = w.firstRow; b < w.endRow; b++) {
      for (let c = w.firstColumn; c < w.endColumn; c++, tap++) {
        const at = dX + placeOf(p, w, a, b, c);
        const own = idof<Kind>() == idof<Mean>() ? gradient : v128.and(gradient, i32x4.eq(chosen, i32x4.splat(tap)));
        storeLanes<T>(at, f32x4.add(loadLanes<T>(at), own));
      }
    }
  }
}
