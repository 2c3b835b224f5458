// A depthwise convolution and its gradients: each channel of the input has `multiplier` filters of its own.
//
//   y[position, c M + m] = sum over taps of x[place, c] filter[tap, c, m],   M = multiplier

import { activate, Activation } from '../gemm/activation';
import { copyRow, zeroRow } from '../simd/copy';
import { EXP2_TABLE_BYTES, writeExp2Table } from '../simd/exp2';
import { loadLanes, storeLanes } from '../simd/lanes';
import { addProduct, addRow } from '../simd/rows';
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

/** The table of exp2. */
export function depthwiseConvolveScratch(_: DepthwiseProblem): usize {
  return EXP2_TABLE_BYTES;
}

/** One row of y. */
export function depthwiseConvolve(p: DepthwiseProblem, task: i32, table: usize): void {
  const size = <usize>p.channels << 2, outSize = size * <usize>p.multiplier;
  const row = task % p.outRows * p.rowStep - p.top, sample = task / p.outRows;
  const firstRow = firstTap(row, p.rowSpacing), endRow = endTap(row, p.rowSpacing, p.kernelRows, p.rows);
  const line = p.x + <usize>((sample * p.rows + row + firstRow * p.rowSpacing) * p.columns) * size;
  let y = p.y + <usize>task * <usize>p.outColumns * outSize;
  for (let outColumn = 0; outColumn < p.outColumns; outColumn++, y += outSize) {
    const column = outColumn * p.columnStep - p.left;
    const firstColumn = firstTap(column, p.columnSpacing);
    const columns = max(0, endTap(column, p.columnSpacing, p.kernelColumns, p.columns) - firstColumn);
    const x = line + <usize>(column + firstColumn * p.columnSpacing) * size;
    const filter = p.filter + <usize>(firstRow * p.kernelColumns + firstColumn) * outSize;
    if (p.multiplier == 1) convolvePlace(p, y, x, filter, endRow - firstRow, columns);
    else spreadPlace(p, y, x, filter, endRow - firstRow, columns);
  }
  if (p.activation == Activation.IDENTITY) return;
  writeExp2Table(table);
  y -= <usize>p.outColumns * outSize;
  const count = p.channels * p.multiplier;
  activate(p.activation, y, y, outSize, p.outColumns, count, p.slopes, p.alpha, table);
}

/** The bias of some channels, or 0. */
@inline
function biasLanes<T>(p: DepthwiseProblem, at: usize): v128 {
  return p.bias ? loadLanes<T>(p.bias + at) : f32x4.splat(0);
}

/** One place of y, whose taps in the input, `rows` x `columns` of them, begin at x and `filter`; one filter a channel. */
@inline
function convolvePlace(p: DepthwiseProblem, y: usize, x: usize, filter: usize, rows: i32, columns: i32): void {
  const size = <usize>p.channels << 2;
  const rowBytes = <usize>(p.rowSpacing * p.columns) * size, filterBytes = <usize>p.kernelColumns * size;
  const columnBytes = <usize>p.columnSpacing * size, ends = <usize>columns * columnBytes;
  let i: usize = 0;
  for (; i + 64 <= size; i += 64) {
    let sum0 = biasLanes<v128>(p, i), sum1 = biasLanes<v128>(p, i + 16);
    let sum2 = biasLanes<v128>(p, i + 32), sum3 = biasLanes<v128>(p, i + 48);
    let from = x + i, taps = filter + i;
    for (let b = 0; b < rows; b++, from += rowBytes, taps += filterBytes) {
      for (let at = from, tap = taps, end = from + ends; at != end; at += columnBytes, tap += size) {
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
    const bias = biasLanes<v128>(p, i);
    sumTaps<v128>(y + i, bias, x + i, filter + i, rows, ends, rowBytes, columnBytes, filterBytes, size);
  }
  for (; i < size; i += 4) {
    const bias = biasLanes<f32>(p, i);
    sumTaps<f32>(y + i, bias, x + i, filter + i, rows, ends, rowBytes, columnBytes, filterBytes, size);
  }
}

@inline
function sumTaps<T>(
  y: usize, sum: v128, x: usize, filter: usize, rows: i32, ends: usize, rowBytes: usize, columnBytes: usize,
  filterBytes: usize, size: usize,
): void {
  for (let b = 0; b < rows; b++, x += rowBytes, filter += filterBytes) {
    for (let at = x, tap = filter, end = x + ends; at != end; at += columnBytes, tap += size) {
      sum = madd(loadLanes<T>(at), loadLanes<T>(tap), sum);
    }
  }
  storeLanes<T>(y, sum);
}

/** As convolvePlace, for several filters a channel. */
function spreadPlace(p: DepthwiseProblem, y: usize, x: usize, filter: usize, rows: i32, columns: i32): void {
  const size = <usize>p.channels << 2, count = p.channels * p.multiplier;
  if (p.bias) copyRow(y, p.bias, <usize>count << 2);
  else zeroRow(y, <usize>count << 2);
  for (let b = 0; b < rows; b++) {
    for (let c = 0; c < columns; c++) {
      const at = x + <usize>(b * p.rowSpacing * p.columns + c * p.columnSpacing) * size;
      addSpread(y, at, filter + (<usize>((b * p.kernelColumns + c) * count) << 2), 0, count, p.multiplier);
    }
  }
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

/** The part of a row of the output. */
export function depthwiseFilterGradientScratch(p: DepthwiseProblem): usize {
  return <usize>(p.kernelRows * p.kernelColumns) * STRIP_BYTES;
}

/** One strip of the gradient of the filter: sums over a row of the output are added up. */
export function depthwiseFilterGradient(p: DepthwiseProblem, task: i32, part: usize): void {
  const outChannels = p.channels * p.multiplier;
  const begin = stripBegin(task), size = stripSize(outChannels, task);
  const step = <usize>outChannels << 2;
  const taps = p.kernelRows * p.kernelColumns;
  for (let tap = 0; tap < taps; tap++) zeroRow(p.filter + <usize>tap * step + begin, size);
  let dY = p.y + begin;
  for (let row = 0; row < p.batch * p.outRows; row++, dY += step * <usize>p.outColumns) {
    zeroRow(part, <usize>taps * STRIP_BYTES);
    addOutputRow(p, row, part, dY, begin, size);
    for (let tap = 0; tap < taps; tap++) {
      addRow(p.filter + <usize>tap * step + begin, part + <usize>tap * STRIP_BYTES, size);
    }
  }
}

/** sums[tap] += what a row of the output, counted over the batch, gives to a strip of the filter. */
function addOutputRow(p: DepthwiseProblem, outRow: i32, sums: usize, dY: usize, begin: usize, size: usize): void {
  const step = <usize>(p.channels * p.multiplier) << 2;
  const row = outRow % p.outRows * p.rowStep - p.top;
  const sample = outRow / p.outRows;
  const endRow = endTap(row, p.rowSpacing, p.kernelRows, p.rows);
  for (let outColumn = 0; outColumn < p.outColumns; outColumn++, dY += step) {
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
