// What windows see, row by row (im2col), so that a convolution is a product of matrices; and its transpose.
//
//   unfoldBlock  out[position, tap x channel] = x[place of the tap], 0 in the padding: a block, as a product packs it
//   fold         x[place] = sum of unfolded[position, tap] over all taps there

import { copyRow, zeroRow } from '../simd/copy';
import { addRow } from '../simd/rows';
import { countTaps, sampleBytes, windowAt, WindowProblem } from './window';

@inline
function rowBytes(p: WindowProblem): usize {
  return (<usize>countTaps(p) * <usize>p.channels) << 2;
}

/** out [positions, terms]: for each position from `first` on, the numbers from `term` on of what its window sees. */
export function unfoldBlock(out: usize, p: WindowProblem, first: i32, positions: i32, term: i32, terms: i32): void {
  const lineTerms = p.kernelColumns * p.channels;
  const firstLine = term / lineTerms, from = <usize>(term % lineTerms) << 2;
  const bytes = <usize>terms << 2;
  let place = first;
  let outColumn = place % p.outColumns;
  place /= p.outColumns;
  let outRow = place % p.outRows;
  place /= p.outRows;
  let outDepth = place % p.outDepth;
  let x = p.x + <usize>(place / p.outDepth) * sampleBytes(p);
  for (let i = 0; i < positions; i++, out += bytes) {
    const depth = outDepth * p.depthStep - p.front, row = outRow * p.rowStep - p.top;
    const column = outColumn * p.columnStep - p.left;
    const inside = liesWithin(row, p.rowSpacing, p.kernelRows, p.rows)
      && liesWithin(depth, p.depthSpacing, p.kernelDepth, p.depth);
    const whole = p.columnSpacing == 1 && liesWithin(column, 1, p.kernelColumns, p.columns);
    if (inside && whole) unfoldInner(out, p, x, depth, row, column, firstLine, from, bytes);
    else unfoldEdge(out, p, x, depth, row, column, firstLine, from, bytes, whole);
    if (++outColumn < p.outColumns) continue;
    outColumn = 0;
    if (++outRow < p.outRows) continue;
    outRow = 0;
    if (++outDepth < p.outDepth) continue;
    outDepth = 0;
    x += sampleBytes(p);
  }
}

/** Whether all taps of an axis lie in the input. */
@inline
function liesWithin(start: i32, spacing: i32, taps: i32, size: i32): bool {
  return start >= 0 && start + (taps - 1) * spacing < size;
}

/** Byte of the input at which a line of a window's taps begins, the `line`th one. */
@inline
function lineAt(p: WindowProblem, depth: i32, row: i32, line: i32): isize {
  const d = depth + line / p.kernelRows * p.depthSpacing, r = row + line % p.kernelRows * p.rowSpacing;
  return <isize>(d * p.rows + r) * <isize>(p.columns * p.channels << 2);
}

/** A window that lies in the input: `bytes` bytes from byte `from` of its line `line` on. */
@inline
function unfoldInner(
  out: usize, p: WindowProblem, x: usize, depth: i32, row: i32, column: i32, line: i32, from: usize, bytes: usize,
): void {
  const lineBytes = <usize>(p.kernelColumns * p.channels) << 2;
  const step = <usize>(p.rowSpacing * p.columns * p.channels) << 2;
  let at = x + lineAt(p, depth, row, line) + (<usize>(column * p.channels) << 2);
  for (let left = p.kernelRows - line % p.kernelRows; ; left--) {
    if (left == 0) {
      left = p.kernelRows;
      at = x + lineAt(p, depth, row, line) + (<usize>(column * p.channels) << 2);
    }
    const own = min(lineBytes - from, bytes);
    copyRow(out, at + from, own);
    bytes -= own;
    if (bytes == 0) return;
    out += own;
    at += step;
    from = 0;
    line++;
  }
}

/** As unfoldInner, for a window that may reach beyond the input; along its lines it does not where it is `whole`. */
function unfoldEdge(
  out: usize, p: WindowProblem, x: usize, depth: i32, row: i32, column: i32, line: i32, from: usize, bytes: usize,
  whole: bool,
): void {
  const size = <usize>p.channels << 2, lineBytes = <usize>p.kernelColumns * size;
  for (; bytes > 0; line++, from = 0) {
    const own = min(lineBytes - from, bytes);
    const d = depth + line / p.kernelRows * p.depthSpacing, r = row + line % p.kernelRows * p.rowSpacing;
    const at = x + lineAt(p, depth, row, line);
    if (d < 0 || d >= p.depth || r < 0 || r >= p.rows) zeroRow(out, own);
    else if (whole) copyRow(out, at + <usize>column * size + from, own);
    else unfoldLine(out, p, at, column, from, own);
    out += own;
    bytes -= own;
  }
}

/** Of the taps along a line of the input whose first one lies at `column`, `bytes` bytes from byte `from` on. */
function unfoldLine(out: usize, p: WindowProblem, line: usize, column: i32, from: usize, bytes: usize): void {
  const size = <usize>p.channels << 2;
  for (let c = <i32>(from / size), skipped = from % size; bytes > 0; c++, skipped = 0) {
    const own = min(size - skipped, bytes);
    const at = column + c * p.columnSpacing;
    if (at >= 0 && at < p.columns) copyRow(out, line + <usize>at * size + skipped, own);
    else zeroRow(out, own);
    out += own;
    bytes -= own;
  }
}

/** Rows of the input. */
export function foldTasks(p: WindowProblem): i32 {
  return p.batch * p.depth * p.rows;
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
