// Pooling over windows. A maximum leaves NaN out and is -Infinity where nothing is left, as on tfjs's cpu; a mean is over the
// places of the window that lie in the input.

import { loadLanes, storeLanes } from '../simd/lanes';
import { endTap, firstTap, sampleBytes, WindowProblem } from './window';

// Names of the kinds; a total is a mean that is not divided yet.
class Maximum {}
class Mean {}
class Total {}

/** From so many channels on, vectors of a place's channels are enough to do; with fewer, lines are joined first. */
const MANY_CHANNELS: i32 = 16;

@inline
function joinsLines(p: WindowProblem): bool {
  return p.channels < MANY_CHANNELS;
}

/** Rows of the output. */
export function poolMaximumTasks(p: WindowProblem): i32 {
  return p.batch * p.outDepth * p.outRows;
}

/** A line of the input, and half a cache line that vectors may reach beyond it. */
export function poolMaximumScratch(p: WindowProblem): usize {
  return joinsLines(p) ? ((<usize>p.columns * <usize>p.channels) << 2) + 32 : 0;
}

/** One row of y. */
export function poolMaximum(p: WindowProblem, task: i32, scratch: usize): void {
  poolRow<Maximum, Maximum>(p, task, scratch);
}

export function poolMeanTasks(p: WindowProblem): i32 {
  return poolMaximumTasks(p);
}

export function poolMeanScratch(p: WindowProblem): usize {
  return poolMaximumScratch(p);
}

/** One row of y. */
export function poolMean(p: WindowProblem, task: i32, scratch: usize): void {
  poolRow<Mean, Total>(p, task, scratch);
}

/** One row of y: windows of whole places, or, `Part` by part, of what a line of the input is once its rows are joined. */
@inline
function poolRow<Kind, Part>(p: WindowProblem, task: i32, line: usize): void {
  const size = <usize>p.channels << 2, lineBytes = <usize>p.columns * size;
  const rowBytes = <usize>p.rowSpacing * lineBytes, depthBytes = <usize>(p.depthSpacing * p.rows) * lineBytes;
  const row = task % p.outRows * p.rowStep - p.top;
  const depth = task / p.outRows % p.outDepth * p.depthStep - p.front;
  const firstRow = firstTap(row, p.rowSpacing), firstDepth = firstTap(depth, p.depthSpacing);
  const rows = max(0, endTap(row, p.rowSpacing, p.kernelRows, p.rows) - firstRow);
  const depths = max(0, endTap(depth, p.depthSpacing, p.kernelDepth, p.depth) - firstDepth);
  const place = (depth + firstDepth * p.depthSpacing) * p.rows + row + firstRow * p.rowSpacing;
  const x = p.x + <usize>(task / p.outRows / p.outDepth) * sampleBytes(p) + <usize>place * lineBytes;
  const y = p.y + <usize>(task * p.outColumns) * size;
  if (joinsLines(p)) {
    poolPlaces<Part>(line, x, lineBytes, depths, rows, 1, depthBytes, rowBytes, 16, f32x4.splat(1));
    poolLine<Kind>(p, y, line, depths * rows);
  } else poolWindows<Kind>(p, y, x, depths, rows, depthBytes, rowBytes);
}

/** The windows of a row of y, over `depths` x `rows` lines from x on. */
@inline
function poolWindows<Kind>(
  p: WindowProblem, y: usize, x: usize, depths: i32, rows: i32, depthBytes: usize, rowBytes: usize,
): void {
  const size = <usize>p.channels << 2, end = y + <usize>p.outColumns * size;
  for (let column = -p.left; y != end; column += p.columnStep, y += size) {
    const first = firstTap(column, p.columnSpacing);
    const columns = max(0, endTap(column, p.columnSpacing, p.kernelColumns, p.columns) - first);
    const places = depths * rows * columns;
    const at = x + <usize>(column + first * p.columnSpacing) * size;
    poolPlaces<Kind>(
      y, at, size, places == 0 ? 0 : depths, rows, columns, depthBytes, rowBytes, <usize>p.columnSpacing * size,
      f32x4.splat(<f32>max(1, places)),
    );
  }
}

/**
 * The windows of a row of y along a line, whose places join `height` each: four windows at a time. Vectors read what is
 * behind the line, and write where the next place of y will be.
 */
@inline
function poolLine<Kind>(p: WindowProblem, y: usize, line: usize, height: i32): void {
  const size = <usize>p.channels << 2, end = y + <usize>p.outColumns * size;
  const all = p.columns, taps = p.kernelColumns, spacing = p.columnSpacing, step = p.columnStep;
  const bytes = max<usize>(size, 16), stepBytes = <usize>step * size, columnBytes = <usize>spacing * size;
  const fourReach = 3 * step + (taps - 1) * spacing, fourBytes: usize = 3 * size + bytes;
  const whole = f32x4.splat(<f32>max(1, height * taps));
  for (let column = -p.left; y != end; ) {
    if (height > 0 && column >= 0 && column + fourReach < all && y + fourBytes <= end) {
      const at = line + <usize>column * size;
      for (let i: usize = 0; i < bytes; i += 16) {
        const o = min(i, bytes - 16);
        joinFour<Kind>(y + o, size, at + o, stepBytes, <usize>taps * columnBytes, columnBytes, whole);
      }
      column += 4 * step;
      y += 4 * size;
      continue;
    }
    const first = firstTap(column, spacing);
    const columns = max(0, endTap(column, spacing, taps, all) - first);
    const at = line + <usize>(column + first * spacing) * size;
    const depths = height * columns == 0 ? 0 : 1;
    const count = f32x4.splat(<f32>max(1, height * columns));
    poolPlaces<Kind>(y, at, y + bytes <= end ? bytes : size, depths, 1, columns, 16, 16, columnBytes, count);
    column += step;
    y += size;
  }
}

/** A vector of four places of y, `size` bytes apart, of windows `step` bytes apart: `ends` bytes of places each. */
@inline
function joinFour<Kind>(y: usize, size: usize, x: usize, step: usize, ends: usize, columnBytes: usize, count: v128): void {
  const x1 = x + step, x2 = x1 + step, x3 = x2 + step;
  let value0 = v128.load(x), value1 = v128.load(x1), value2 = v128.load(x2), value3 = v128.load(x3);
  for (let at = columnBytes; at != ends; at += columnBytes) {
    value0 = join<Kind>(value0, v128.load(x + at));
    value1 = join<Kind>(value1, v128.load(x1 + at));
    value2 = join<Kind>(value2, v128.load(x2 + at));
    value3 = join<Kind>(value3, v128.load(x3 + at));
  }
  v128.store(y, finish<Kind>(value0, count));
  v128.store(y + size, finish<Kind>(value1, count));
  v128.store(y + 2 * size, finish<Kind>(value2, count));
  v128.store(y + 3 * size, finish<Kind>(value3, count));
}

/** y = the join of the places of a window, the first of them at x: `bytes` bytes. */
@inline
function poolPlaces<Kind>(
  y: usize, x: usize, bytes: usize, depths: i32, rows: i32, columns: i32, depthBytes: usize, rowBytes: usize,
  columnBytes: usize, count: v128,
): void {
  let i: usize = 0;
  for (; i + 64 <= bytes; i += 64) {
    poolFour<Kind>(y + i, x + i, depths, rows, columns, depthBytes, rowBytes, columnBytes, count);
  }
  for (; i + 16 <= bytes; i += 16) {
    poolLanes<Kind, v128>(y + i, x + i, depths, rows, columns, depthBytes, rowBytes, columnBytes, count);
  }
  for (; i < bytes; i += 4) {
    poolLanes<Kind, f32>(y + i, x + i, depths, rows, columns, depthBytes, rowBytes, columnBytes, count);
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
  return idof<Kind>() == idof<Mean>() ? f32x4.div(value, count) : value;
}

/** Sixteen numbers side by side: the places of the window, the first of them at x, are gone through once. */
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
