// The gradient of the filter of a convolution of images with few channels: for each block of rows of the output, a sum of
// products of what windows see with dY. Taps of a line are neighbours there, so that nothing is packed but dY.

import { packRightPanels, rightPanelsCount } from '../gemm/pack';
import { blocks } from '../gemm/product';
import { addUnscaled, fitLeft, fitRight, RightBlock } from '../gemm/range';
import { ROWS_STEP, stripInterleaved, stripRows, TILE_STEP } from '../gemm/tile';
import { zeroRow } from '../simd/copy';
import { joinSizes, NO_SIZES } from '../simd/sizes';
import {
  blockColumns, blockRows, copyLines, countBlocks, countLines, countTerms, ImageProblem, lineBytes, linesBytes,
} from './image';

/** Sums at most, which are added up afterwards. */
const MOST_PARTS: i32 = 24;

/** Parts of the sum. */
export function imageGradientTasks(p: ImageProblem): i32 {
  return min(countBlocks(p), MOST_PARTS);
}

/** Numbers that lie side by side in a line and in the filter: taps of a line, or, where there is space between them, one. */
@inline
function runTerms(p: ImageProblem): i32 {
  return p.columnSpacing == 1 ? p.kernelColumns * p.channels : p.channels;
}

/** Such runs in a line of the filter. */
@inline
function lineRuns(p: ImageProblem): i32 {
  return p.columnSpacing == 1 ? 1 : p.kernelColumns;
}

/** Bytes of a row of sums: whole tiles of channels. */
@inline
function sumStride(p: ImageProblem): usize {
  return rightPanelsCount(p.outChannels, 1) << 2;
}

/** Bytes of the sums of a run. */
@inline
function runBytes(p: ImageProblem): usize {
  return <usize>stripRows(runTerms(p)) * sumStride(p);
}

// Scratch: what is known of dY, zeros, sums of a block, dY in panels, the lines.
const ZEROS: usize = 64;
const SUMS: usize = ZEROS + TILE_STEP;

@inline
function sumsBytes(p: ImageProblem): usize {
  return <usize>(p.kernelRows * lineRuns(p)) * runBytes(p);
}

/** Bytes of a row of dY in panels. */
@inline
function rowPanelsBytes(p: ImageProblem): usize {
  return rightPanelsCount(p.outChannels, blockColumns(p)) << 2;
}

export function imageGradientScratch(p: ImageProblem): usize {
  return SUMS + sumsBytes(p) + <usize>blockRows(p) * rowPanelsBytes(p) + linesBytes(p);
}

/** One part of the sum. */
export function imageGradient(p: ImageProblem, task: i32, scratch: usize): void {
  const tasks = <i64>imageGradientTasks(p), blocks = <i64>countBlocks(p);
  const size = <usize>countTerms(p) * (<usize>p.outChannels << 2);
  const dFilter = p.filter + <usize>task * size;
  zeroRow(dFilter, size);
  zeroRow(scratch + ZEROS, TILE_STEP);
  const end = <i32>((<i64>task + 1) * blocks / tasks);
  for (let block = <i32>(<i64>task * blocks / tasks); block < end; block++) addBlock(p, block, dFilter, scratch);
}

/** dFilter += the sum over one block of the output. */
function addBlock(p: ImageProblem, block: i32, dFilter: usize, scratch: usize): void {
  const columnBlocks = blocks(p.outColumns, blockColumns(p)), rowBlocks = blocks(p.outRows, blockRows(p));
  const column = block % columnBlocks * blockColumns(p), row = block / columnBlocks % rowBlocks * blockRows(p);
  const sample = block / (columnBlocks * rowBlocks);
  const rows = min(blockRows(p), p.outRows - row), columns = min(blockColumns(p), p.outColumns - column);
  const stride = <usize>p.outChannels << 2;
  const panels = scratch + SUMS + sumsBytes(p), lines = panels + <usize>blockRows(p) * rowPanelsBytes(p);
  const lineCount = countLines(p, rows);
  const sizes = copyLines(lines, p, sample, row * p.rowStep - p.top, lineCount, column * p.columnStep - p.left);
  const panelsCount = rightPanelsCount(p.outChannels, columns);
  let dY = p.y + <usize>((sample * p.outRows + row) * p.outColumns + column) * stride, ownSizes = NO_SIZES;
  for (let r = 0; r < rows; r++, dY += <usize>p.outColumns * stride) {
    const own = packRightPanels(panels + (<usize>r * panelsCount << 2), dY, p.outChannels, columns, 4, stride);
    ownSizes = joinSizes(ownSizes, own);
  }
  const right = changetype<RightBlock>(scratch);
  fitRight(right, panels, <usize>rows * panelsCount, ownSizes);
  const numbers = <usize>lineCount * (lineBytes(p) >> 2);
  const shift = fitLeft(lines, numbers, sizes, right.least, right.most, right.shift != 0) + right.shift;
  sumRows(p, scratch, lines, panels, rows, columns);
  addSums(p, dFilter, scratch + SUMS, shift);
}

/** The sums of a block: `rows` rows of `columns` positions. */
function sumRows(p: ImageProblem, scratch: usize, lines: usize, panels: usize, rows: i32, columns: i32): void {
  const place = <usize>p.channels << 2, aStep = <usize>p.columnStep * place, stride = sumStride(p);
  const panelBytes = <usize>columns * TILE_STEP, terms = runTerms(p), runs = lineRuns(p);
  let panel = panels;
  for (let r = 0; r < rows; r++) {
    for (let j: usize = 0; j < stride; j += TILE_STEP, panel += panelBytes) {
      let sum = scratch + SUMS + j;
      for (let b = 0; b < p.kernelRows; b++) {
        let a = lines + <usize>(r * p.rowStep + b * p.rowSpacing) * lineBytes(p);
        for (let run = 0; run < runs; run++, sum += runBytes(p), a += <usize>p.columnSpacing * place) {
          stripInterleaved(
            terms, columns, a, aStep, ROWS_STEP, panel, TILE_STEP, r == 0 ? scratch + ZEROS : sum, r == 0 ? 0 : stride,
            sum, stride,
          );
        }
      }
    }
  }
}

/** dFilter += sums 2^-shift */
function addSums(p: ImageProblem, dFilter: usize, sums: usize, shift: i32): void {
  const size = <usize>p.outChannels << 2, terms = runTerms(p);
  for (let run = p.kernelRows * lineRuns(p); run > 0; run--, sums += runBytes(p), dFilter += <usize>terms * size) {
    addUnscaled(dFilter, size, dFilter, size, sums, sumStride(p), terms, size, shift);
  }
}
