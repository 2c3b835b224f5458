// Convolutions of images with few channels: what windows see is read where it lies, from padded copies of the input's lines.

import { blocks, LEAST_WORK, TASKS } from '../gemm/product';
import { zeroRow } from '../simd/copy';
import { loadLanes, storeLanes } from '../simd/lanes';
import { allOnes, greaterSize, joinSizes, lesserSize, NO_SIZES, Sizes, sizesOf } from '../simd/sizes';

/**
 * Input [batch, rows, columns, channels], output [batch, outRows, outColumns, outChannels]; filter
 * [kernelRows, kernelColumns, channels, outChannels].
 */
@unmanaged
export class ImageProblem {
  x: usize;
  /** The filter; of its gradient, float32 [imageGradientTasks, ...filter], parts of it. */
  filter: usize;
  /** The output, or its gradient. */
  y: usize;
  /** Room for the packed filter, `packFilterBytes` of it. @optional */
  packed: usize;
  batch: i32;
  rows: i32;
  columns: i32;
  channels: i32;
  outRows: i32;
  outColumns: i32;
  outChannels: i32;
  kernelRows: i32;
  kernelColumns: i32;
  rowStep: i32;
  columnStep: i32;
  rowSpacing: i32;
  columnSpacing: i32;
  top: i32;
  left: i32;
  /** float32 [outChannels], or 0 for none. @optional */
  bias: usize;
  /** What follows the sums, as in gemm/problem.ts. @optional */
  activation: i32;
  /** float32 [outChannels] for PReLU. @optional */
  slopes: usize;
  /** @optional */
  alpha: f32;
}

/** Positions of a block at most and at least: lines stay in the second-level cache, panels of the filter are used often. */
const MOST_POSITIONS: i32 = 240;
const LEAST_POSITIONS: i32 = 48;
@inline
export function countTerms(p: ImageProblem): i32 {
  return p.kernelRows * p.kernelColumns * p.channels;
}

/** Positions of a block: whole tiles. */
@inline
function blockPositions(p: ImageProblem): i32 {
  const positions = <f64>p.batch * <f64>p.outRows * <f64>p.outColumns;
  const work = positions * <f64>countTerms(p) * <f64>p.outChannels;
  const wanted = <i32>(positions / max(1.0, min(<f64>TASKS, work / LEAST_WORK)));
  return min(MOST_POSITIONS, max(LEAST_POSITIONS, blocks(wanted, 12) * 12));
}

/** Columns of the output in a block. */
@inline
export function blockColumns(p: ImageProblem): i32 {
  return min(max(p.outColumns, 1), blockPositions(p));
}

/** Rows of the output in a block. */
@inline
export function blockRows(p: ImageProblem): i32 {
  return min(max(p.outRows, 1), max(1, blockPositions(p) / blockColumns(p)));
}

/** Blocks of the batch. */
@inline
export function countBlocks(p: ImageProblem): i32 {
  return p.batch * blocks(p.outRows, blockRows(p)) * blocks(p.outColumns, blockColumns(p));
}

/** Bytes of a line: what the windows of a block's row see, along it. */
@inline
export function lineBytes(p: ImageProblem): usize {
  const places = (blockColumns(p) - 1) * p.columnStep + (p.kernelColumns - 1) * p.columnSpacing + 1;
  return (<usize>places * <usize>p.channels) << 2;
}

/** Lines that the windows of `rows` rows see. */
@inline
export function countLines(p: ImageProblem, rows: i32): i32 {
  return (rows - 1) * p.rowStep + (p.kernelRows - 1) * p.rowSpacing + 1;
}

/** Bytes of a block's lines, with what tiles may read behind the last one. */
@inline
export function linesBytes(p: ImageProblem): usize {
  const behind = <usize>(TILE_ROWS * p.columnStep * p.channels) << 2;
  return <usize>countLines(p, blockRows(p)) * lineBytes(p) + behind + 64;
}

/** u32 [terms]: bytes from where a window begins in the lines to each number that it sees. */
export function writePlaces(out: usize, p: ImageProblem): void {
  for (let b = 0; b < p.kernelRows; b++) {
    for (let c = 0; c < p.kernelColumns; c++) {
      let place = <usize>(b * p.rowSpacing) * lineBytes(p) + (<usize>(c * p.columnSpacing * p.channels) << 2);
      for (let channel = 0; channel < p.channels; channel++, out += 4, place += 4) store<u32>(out, <u32>place);
    }
  }
}

/** Lines of the input from `row` on, `lineBytes` bytes from `column` on, zeros where there is no input. */
export function copyLines(out: usize, p: ImageProblem, sample: i32, row: i32, lines: i32, column: i32): Sizes {
  const place = <isize>p.channels << 2, step = <usize>p.columns * <usize>place, bytes = lineBytes(p);
  const before = <usize>max(0, <isize>(-column) * place);
  const first = min(before, bytes);
  const end = <usize>max(<isize>first, min(<isize>bytes, <isize>(p.columns - column) * place));
  const x = p.x + <usize>sample * <usize>p.rows * step;
  let sizes = NO_SIZES;
  for (const last = row + lines; row < last; row++, out += bytes) {
    if (row < 0 || row >= p.rows) {
      zeroRow(out, bytes);
      continue;
    }
    zeroRow(out, first);
    const from = x + <usize>row * step + <usize>(<isize>column * place + <isize>first);
    sizes = joinSizes(sizes, copySized(out + first, from, end - first));
    zeroRow(out + end, bytes - end);
  }
  return sizes;
}

function copySized(out: usize, src: usize, bytes: usize): Sizes {
  const ones = allOnes(out != 0), whole = bytes & ~15;
  let least = ones, most = i32x4.splat(0), x: usize = 0;
  for (; x < whole; x += 16) {
    const numbers = v128.load(src + x);
    least = lesserSize(least, numbers, ones);
    most = greaterSize(most, numbers);
    v128.store(out + x, numbers);
  }
  for (; x < bytes; x += 4) {
    const number = loadLanes<f32>(src + x);
    least = lesserSize(least, number, ones);
    most = greaterSize(most, number);
    storeLanes<f32>(out + x, number);
  }
  return sizesOf(least, most);
}
