// Gradients of a depthwise convolution: each channel of the input has `multiplier` filters of its own.
//
//   y[position, c M + m] = sum over taps of x[place, c] filter[tap, c, m],   M = multiplier

import { zeroRow } from '../simd/copy';
import { addProduct, addRow } from '../simd/rows';
import { STRIP_BYTES, stripBegin, stripSize, stripTasks } from '../threads/strips';
import { endTap, firstTap } from './window';

/** Input [batch, rows, columns, channels], output [batch, outRows, outColumns, channels multiplier]. */
@unmanaged
export class DepthwiseProblem {
  /** The input, or its gradient. */
  x: usize;
  /** The filter [kernelRows, kernelColumns, channels, multiplier], or its gradient. */
  filter: usize;
  /** The gradient of the output. */
  dY: usize;
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
    const line = p.dY + <usize>((sample * p.outRows + place / p.rowStep) * p.outColumns) * outSize;
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
  let dY = p.dY + begin;
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
