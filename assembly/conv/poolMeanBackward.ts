// The gradient of a mean over windows: of a row of the input, a sum of rows of dY, and along that a sum of windows' gradients.
//
//   sums[outColumn] = sum over depths and rows of windows that see the row, dY / places of the window
//   dX[column]      = sum over windows that see the column, of sums

import { zeroRow } from '../simd/copy';
import { loadLanes, storeLanes } from '../simd/lanes';
import { madd } from '../simd/vector';
import { endTap, firstTap, windowAt, WindowProblem } from './window';

/** Rows of the input. */
export function poolMeanBackwardTasks(p: WindowProblem): i32 {
  return p.batch * p.depth * p.rows;
}

/** Bytes of a row of dY, with what vectors may reach beyond it. */
@inline
function sumsBytes(p: WindowProblem): usize {
  return ((<usize>p.outColumns * <usize>p.channels) << 2) + 16;
}

/** The sums, and 1 / places along the columns of each window. */
export function poolMeanBackwardScratch(p: WindowProblem): usize {
  return sumsBytes(p) + (<usize>p.outColumns << 2);
}

/** Taps of a window along an axis that count in its mean. */
@inline
function countAlong(p: WindowProblem, start: i32, spacing: i32, taps: i32, size: i32): i32 {
  return p.wholeWindows ? taps : max(1, endTap(start, spacing, taps, size) - firstTap(start, spacing));
}

/** One row of dX. */
export function poolMeanBackward(p: WindowProblem, task: i32, sums: usize): void {
  const shares = sums + sumsBytes(p), line = <usize>(p.outColumns * p.channels) << 2;
  const row = task % p.rows, depth = task / p.rows % p.depth, sample = task / p.rows / p.depth;
  zeroRow(sums, line);
  for (let a = 0; a < p.kernelDepth; a++) {
    const outDepth = windowAt(depth + p.front - a * p.depthSpacing, p.depthStep, p.outDepth);
    if (outDepth < 0) continue;
    const depths = countAlong(p, outDepth * p.depthStep - p.front, p.depthSpacing, p.kernelDepth, p.depth);
    for (let b = 0; b < p.kernelRows; b++) {
      const outRow = windowAt(row + p.top - b * p.rowSpacing, p.rowStep, p.outRows);
      if (outRow < 0) continue;
      const rows = countAlong(p, outRow * p.rowStep - p.top, p.rowSpacing, p.kernelRows, p.rows);
      const dY = p.dY + <usize>((sample * p.outDepth + outDepth) * p.outRows + outRow) * line;
      addShare(sums, dY, line, <f32>1 / <f32>(depths * rows));
    }
  }
  for (let column = 0; column < p.outColumns; column++) {
    const places = countAlong(p, column * p.columnStep - p.left, p.columnSpacing, p.kernelColumns, p.columns);
    store<f32>(shares + (<usize>column << 2), <f32>1 / <f32>places);
  }
  gatherWindows(p, p.dX + ((<usize>task * <usize>p.columns * <usize>p.channels) << 2), sums, shares);
}

/** sums += share dY */
@inline
function addShare(sums: usize, dY: usize, size: usize, share: f32): void {
  const shares = f32x4.splat(share);
  let i: usize = 0;
  for (; i + 16 <= size; i += 16) v128.store(sums + i, madd(shares, v128.load(dY + i), v128.load(sums + i)));
  for (; i < size; i += 4) storeLanes<f32>(sums + i, madd(shares, loadLanes<f32>(dY + i), loadLanes<f32>(sums + i)));
}

/** A row of dX. Windows that see a column are neighbours: from `first` to `end`. */
@inline
function gatherWindows(p: WindowProblem, dX: usize, sums: usize, shares: usize): void {
  const size = <usize>p.channels << 2, wide = (size + 15) & ~15;
  const ends = dX + <usize>p.columns * size;
  let first = 0, end = 0;
  for (let column = p.left; dX != ends; column++, dX += size) {
    while (first < p.outColumns && first * p.columnStep + p.kernelColumns <= column) first++;
    while (end < p.outColumns && end * p.columnStep <= column) end++;
    // Vectors may write where the next place will be.
    const bytes = dX + wide <= ends ? wide : size;
    let i: usize = 0;
    for (; i + 16 <= bytes; i += 16) sumWindows<v128>(dX + i, sums + i, shares, first, end, size);
    for (; i < bytes; i += 4) sumWindows<f32>(dX + i, sums + i, shares, first, end, size);
  }
}

@inline
function sumWindows<T>(dX: usize, sums: usize, shares: usize, first: i32, end: i32, size: usize): void {
  let sum = f32x4.splat(0);
  for (let window = first; window < end; window++) {
    const share = v128.load32_splat(shares + (<usize>window << 2));
    sum = madd(share, loadLanes<T>(sums + <usize>window * size), sum);
  }
  storeLanes<T>(dX, sum);
}
