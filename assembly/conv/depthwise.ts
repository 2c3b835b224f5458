// A depthwise convolution and its gradients: each channel of the input has `multiplier` filters of its own.
//
//   y[position, c M + m] = sum over taps of x[place, c] filter[tap, c, m],   M = multiplier

import { activate, Activation } from '../gemm/activation';
import { copyRow, zeroRow } from '../simd/copy';
import { TABLE_BYTES, writeTable } from '../simd/table';
import { loadLanes, storeLanes } from '../simd/lanes';
import { addProduct, moveToDoubles, roundDoubles, SUM_ROWS } from '../simd/rows';
import { madd } from '../simd/vector';
import { STRIP_BYTES, stripBegin, stripSize, stripTasks } from '../threads/strips';
import { endTap, firstTap } from './window';

/** Input [batch, rows, columns, channels], output [batch, outRows, outColumns, channels multiplier]. */
@unmanaged
export class DepthwiseProblem {
  /** The input, or its gradient. */
  x: usize;
  /** The filter [kernelRows, kernelColumns, channels, multiplier], or its gradient. */
  filter: usize;
  /** The output, or its gradient. */
  y: usize;
  batch: i32;
  rows: i32;
  columns: i32;
  channels: i32;
  multiplier: i32;
  outRows: i32;
  outColumns: i32;
  kernelRows: i32;
  kernelColumns: i32;
  rowStep: i32;
  columnStep: i32;
  rowSpacing: i32;
  columnSpacing: i32;
  top: i32;
  left: i32;
  /** float32 [channels multiplier], or 0 for none. @optional */
  bias: usize;
  /** What follows the sums, as in gemm/problem.ts. @optional */
  activation: i32;
  /** float32 [channels multiplier] for PReLU. @optional */
  slopes: usize;
  /** @optional */
  alpha: f32;
}

/** Rows of the output. */
export function depthwiseConvolveTasks(p: DepthwiseProblem): i32 {
  return p.batch * p.outRows;
}

/** Bytes of the output's channels, in one vector at least. */
@inline
function tapBytes(p: DepthwiseProblem): usize {
  return max<usize>(<usize>(p.channels * p.multiplier) << 2, 16);
}

/** Bytes of a line of the input with the channels of the output. */
@inline
function spreadBytes(p: DepthwiseProblem): usize {
  return (<usize>p.columns * <usize>(p.channels * p.multiplier)) << 2;
}

/** Bytes of the filter, where its taps have to be put into vectors of their own. */
@inline
function filterBytes(p: DepthwiseProblem): usize {
  return p.channels * p.multiplier < 4 ? <usize>(p.kernelRows * p.kernelColumns) << 4 : 0;
}

/** The table of an activation's constants; the bias, and the filter, in whole vectors; lines of the input, spread over the output's channels. */
export function depthwiseConvolveScratch(p: DepthwiseProblem): usize {
  const lines: usize = p.multiplier == 1 ? 0 : <usize>p.kernelRows * spreadBytes(p) + 16;
  return TABLE_BYTES + tapBytes(p) + filterBytes(p) + lines;
}

/** One row of y. */
export function depthwiseConvolve(p: DepthwiseProblem, task: i32, table: usize): void {
  const count = p.channels * p.multiplier;
  const size = <usize>count << 2;
  const row = task % p.outRows * p.rowStep - p.top, sample = task / p.outRows;
  const firstRow = firstTap(row, p.rowSpacing), rows = endTap(row, p.rowSpacing, p.kernelRows, p.rows) - firstRow;
  const xLine = <usize>(p.columns * p.channels) << 2;
  let x = p.x + <usize>(sample * p.rows + row + firstRow * p.rowSpacing) * xLine;
  let end = p.x + <usize>(p.batch * p.rows) * xLine, rowBytes = <usize>p.rowSpacing * xLine;
  const bias = table + TABLE_BYTES, ownFilter = bias + tapBytes(p);
  if (p.bias) copyRow(bias, p.bias, size);
  else zeroRow(bias, tapBytes(p));
  let filter = p.filter;
  if (filterBytes(p) > 0) {
    filter = ownFilter;
    for (let i: usize = 0; i < filterBytes(p); i += 16) copyRow(filter + i, p.filter + (i >> 4) * size, size);
  }
  if (p.multiplier > 1) {
    const lines = ownFilter + filterBytes(p);
    spreadLines(p, lines, x, rows, rowBytes);
    x = lines;
    rowBytes = spreadBytes(p);
    end = lines + <usize>p.kernelRows * rowBytes + 16;
  }
  const y = p.y + <usize>task * <usize>p.outColumns * size;
  convolveRow(p, y, x, end, filter + <usize>(firstRow * p.kernelColumns) * tapBytes(p), bias, rows, rowBytes);
  if (p.activation == Activation.IDENTITY) return;
  writeTable(table);
  activate(p.activation, y, y, size, p.outColumns, count, p.slopes, p.alpha, table);
}

/** out[row][column][c M + m] = x[row][column][c] */
function spreadLines(p: DepthwiseProblem, out: usize, x: usize, rows: i32, rowBytes: usize): void {
  const size = <usize>(p.columns * p.channels) << 2, step = <usize>p.multiplier << 2;
  for (let b = 0; b < rows; b++, x += rowBytes) {
    for (let i: usize = 0; i < size; i += 4) {
      const number = v128.load32_splat(x + i);
      let m: usize = 0;
      for (; m + 16 <= step; m += 16) v128.store(out + m, number);
      for (; m < step; m += 4) storeLanes<f32>(out + m, number);
      out += step;
    }
  }
}

/** One row of y, whose windows' lines begin at x; vectors may read up to `end`. Fewer than 16 channels: four places at a time. */
@inline
function convolveRow(
  p: DepthwiseProblem, y: usize, x: usize, end: usize, filter: usize, bias: usize, rows: i32, rowBytes: usize,
): void {
  const size = <usize>(p.channels * p.multiplier) << 2, tap = max<usize>(size, 16);
  const yEnd = y + <usize>p.outColumns * size;
  const all = p.columns, taps = p.kernelColumns, spacing = p.columnSpacing, step = p.columnStep;
  const columnBytes = <usize>spacing * size, filterBytes = <usize>taps * tap, stepBytes = <usize>step * size;
  const reach = (taps - 1) * spacing;
  const fourReach = size < 64 ? 3 * step + reach : all, fourBytes: usize = 3 * size + tap;
  // What vectors read from the first tap of a place on, beside its columns.
  const behind = <usize>max(0, rows - 1) * rowBytes + tap;
  for (let column = -p.left; y != yEnd; ) {
    if (column >= 0 && column + fourReach < all && y + fourBytes <= yEnd) {
      const at = x + <usize>column * size, ends = <usize>taps * columnBytes;
      if (at + 3 * stepBytes + <usize>reach * size + behind <= end) {
        for (let i: usize = 0; i < tap; i += 16) {
          const o = min(i, tap - 16);
          sumFour(y + o, size, at + o, stepBytes, filter + o, bias + o, rows, ends, rowBytes, columnBytes, filterBytes, tap);
        }
        column += 4 * step;
        y += 4 * size;
        continue;
      }
    }
    const first = firstTap(column, spacing);
    const columns = max(0, endTap(column, spacing, taps, all) - first);
    const at = x + <usize>(column + first * spacing) * size, ends = <usize>columns * columnBytes;
    convolvePlace(y, at, filter + <usize>first * tap, bias, size, rows, ends, rowBytes, columnBytes, filterBytes, tap);
    column += step;
    y += size;
  }
}

/**
 * A vector of four places of y, `size` bytes apart, of windows `step` bytes apart, as convolvePlace. It may hold more than a
 * place's channels, and is stored before that of the next place.
 */
@inline
function sumFour(
  y: usize, size: usize, x: usize, step: usize, filter: usize, bias: usize, rows: i32, ends: usize, rowBytes: usize,
  columnBytes: usize, filterBytes: usize, tapBytes: usize,
): void {
  let sum0 = v128.load(bias), sum1 = sum0, sum2 = sum0, sum3 = sum0;
  for (let b = 0; b < rows; b++, x += rowBytes, filter += filterBytes) {
    const x1 = x + step, x2 = x1 + step, x3 = x2 + step;
    for (let at: usize = 0, tap = filter; at != ends; at += columnBytes, tap += tapBytes) {
      const factors = v128.load(tap);
      sum0 = madd(v128.load(x + at), factors, sum0);
      sum1 = madd(v128.load(x1 + at), factors, sum1);
      sum2 = madd(v128.load(x2 + at), factors, sum2);
      sum3 = madd(v128.load(x3 + at), factors, sum3);
    }
  }
  v128.store(y, sum0);
  v128.store(y + size, sum1);
  v128.store(y + 2 * size, sum2);
  v128.store(y + 3 * size, sum3);
}

/** A place of y, whose taps in the input begin at x and `filter`: rows of `ends` bytes. */
@inline
function convolvePlace(
  y: usize, x: usize, filter: usize, bias: usize, size: usize, rows: i32, ends: usize, rowBytes: usize,
  columnBytes: usize, filterBytes: usize, tapBytes: usize,
): void {
  let i: usize = 0;
  for (; i + 64 <= size; i += 64) {
    let sum0 = v128.load(bias + i), sum1 = v128.load(bias + i, 16);
    let sum2 = v128.load(bias + i, 32), sum3 = v128.load(bias + i, 48);
    let from = x + i, taps = filter + i;
    for (let b = 0; b < rows; b++, from += rowBytes, taps += filterBytes) {
      for (let at = from, tap = taps, end = from + ends; at != end; at += columnBytes, tap += tapBytes) {
        sum0 = madd(v128.load(at), v128.load(tap), sum0);
        sum1 = madd(v128.load(at, 16), v128.load(tap, 16), sum1);
        sum2 = madd(v128.load(at, 32), v128.load(tap, 32), sum2);
        sum3 = madd(v128.load(at, 48), v128.load(tap, 48), sum3);
      }
    }
    v128.store(y + i, sum0);
    v128.store(y + i, sum1, 16);
    v128.store(y + i, sum2, 32);
    v128.store(y + i, sum3, 48);
  }
  for (; i + 16 <= size; i += 16) {
    sumTaps<v128>(y + i, bias + i, x + i, filter + i, rows, ends, rowBytes, columnBytes, filterBytes, tapBytes);
  }
  for (; i < size; i += 4) {
    sumTaps<f32>(y + i, bias + i, x + i, filter + i, rows, ends, rowBytes, columnBytes, filterBytes, tapBytes);
  }
}

@inline
function sumTaps<T>(
  y: usize, bias: usize, x: usize, filter: usize, rows: i32, ends: usize, rowBytes: usize, columnBytes: usize,
  filterBytes: usize, tapBytes: usize,
): void {
  let sum = loadLanes<T>(bias);
  for (let b = 0; b < rows; b++, x += rowBytes, filter += filterBytes) {
    for (let at = x, tap = filter, end = x + ends; at != end; at += columnBytes, tap += tapBytes) {
      sum = madd(loadLanes<T>(at), loadLanes<T>(tap), sum);
    }
  }
  storeLanes<T>(y, sum);
}

/** Rows of the input. */
export function depthwiseInputGradientTasks(p: DepthwiseProblem): i32 {
  return p.batch * p.rows;
}

/** One row of x, which is the gradient of the input. */
export function depthwiseInputGradient(p: DepthwiseProblem, task: i32, _: usize): void {
  const size = <usize>p.channels << 2, outSize = size * <usize>p.multiplier;
  const r = task % p.rows, sample = task / p.rows;
  const x = p.x + <usize>task * <usize>p.columns * size;
  zeroRow(x, <usize>p.columns * size);
  for (let b = 0; b < p.kernelRows; b++) {
    const place = r + p.top - b * p.rowSpacing;
    if (place < 0 || place % p.rowStep != 0 || place / p.rowStep >= p.outRows) continue;
    const line = p.y + <usize>((sample * p.outRows + place / p.rowStep) * p.outColumns) * outSize;
    for (let outColumn = 0; outColumn < p.outColumns; outColumn++) {
      const column = outColumn * p.columnStep - p.left;
      const dY = line + <usize>outColumn * outSize;
      const end = endTap(column, p.columnSpacing, p.kernelColumns, p.columns);
      for (let c = firstTap(column, p.columnSpacing); c < end; c++) {
        const at = x + <usize>(column + c * p.columnSpacing) * size;
        const filter = p.filter + <usize>(b * p.kernelColumns + c) * outSize;
        if (p.multiplier == 1) addProduct(at, filter, dY, size);
        else addGroups(at, filter, dY, p.channels, p.multiplier);
      }
    }
  }
}

/** out[c] += sum over m of filter[c M + m] dY[c M + m] */
function addGroups(out: usize, filter: usize, dY: usize, channels: i32, multiplier: i32): void {
  for (let c = 0; c < channels; c++, out += 4) {
    let sum = load<f32>(out);
    for (let m = 0; m < multiplier; m++, filter += 4, dY += 4) sum += load<f32>(filter) * load<f32>(dY);
    store<f32>(out, sum);
  }
}

/** Strips of the output's channels. */
export function depthwiseFilterGradientTasks(p: DepthwiseProblem): i32 {
  return stripTasks(p.channels * p.multiplier);
}

/** Parts of the sums, and all of them in float64. */
export function depthwiseFilterGradientScratch(p: DepthwiseProblem): usize {
  return 3 * <usize>(p.kernelRows * p.kernelColumns) * STRIP_BYTES;
}

/** One strip of the gradient of the filter. */
export function depthwiseFilterGradient(p: DepthwiseProblem, task: i32, part: usize): void {
  const outChannels = p.channels * p.multiplier;
  const begin = stripBegin(task), size = stripSize(outChannels, task);
  const step = <usize>outChannels << 2;
  const taps = p.kernelRows * p.kernelColumns;
  const bytes = <usize>taps * STRIP_BYTES, totals = part + bytes;
  zeroRow(part, 3 * bytes);
  let dY = p.y + begin, added = 0;
  for (let row = 0; row < p.batch * p.outRows; row++) {
    for (let column = 0, columns = 0; column < p.outColumns; column += columns, dY += step * <usize>columns) {
      columns = min(p.outColumns - column, SUM_ROWS - added);
      addOutputs(p, row, column, columns, part, dY, begin, size);
      added = (added + columns) % SUM_ROWS;
      if (added == 0) moveToDoubles(totals, part, bytes);
    }
  }
  moveToDoubles(totals, part, bytes);
  for (let tap: usize = 0; tap < <usize>taps; tap++) {
    roundDoubles(p.filter + tap * step + begin, totals + 2 * tap * STRIP_BYTES, size);
  }
}

/** sums[tap] += what some columns of a row of the output, counted over the batch, give to a strip of the filter. */
function addOutputs(
  p: DepthwiseProblem, outRow: i32, firstOutColumn: i32, outColumns: i32, sums: usize, dY: usize, begin: usize, size: usize,
): void {
  const step = <usize>(p.channels * p.multiplier) << 2;
  const row = outRow % p.outRows * p.rowStep - p.top;
  const sample = outRow / p.outRows;
  const endRow = endTap(row, p.rowSpacing, p.kernelRows, p.rows);
  for (let outColumn = firstOutColumn; outColumn < firstOutColumn + outColumns; outColumn++, dY += step) {
    const column = outColumn * p.columnStep - p.left;
    const endColumn = endTap(column, p.columnSpacing, p.kernelColumns, p.columns);
    for (let b = firstTap(row, p.rowSpacing); b < endRow; b++) {
      for (let c = firstTap(column, p.columnSpacing); c < endColumn; c++) {
        const place = (sample * p.rows + row + b * p.rowSpacing) * p.columns + column + c * p.columnSpacing;
        const x = p.x + ((<usize>place * <usize>p.channels) << 2);
        const out = sums + <usize>(b * p.kernelColumns + c) * STRIP_BYTES;
        if (p.multiplier == 1) addProduct(out, x + begin, dY, size);
        else addSpread(out, x, dY, <i32>(begin >> 2), <i32>(size >> 2), p.multiplier);
      }
    }
  }
}

/** out[j] += x[(first + j) / M] dY[j] */
function addSpread(out: usize, x: usize, dY: usize, first: i32, count: i32, multiplier: i32): void {
  for (let j = 0; j < count; j++, out += 4, dY += 4) {
    store<f32>(out, load<f32>(out) + load<f32>(x + (<usize>((first + j) / multiplier) << 2)) * load<f32>(dY));
  }
}
