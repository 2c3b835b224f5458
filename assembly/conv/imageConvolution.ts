// A convolution of images with few channels:
//
//   for each block of rows of the output: copy the lines that its windows see, and bring them into the range of the filter
//     for each panel of the filter, row of the block:   C tile = bias + windows along the row x panel

import { activate, Activation } from '../gemm/activation';
import { packRightPanels, rightPanelsCount } from '../gemm/pack';
import { blocks, copyTile } from '../gemm/product';
import { addUnscaled, fitLeft, fitRight, RightBlock } from '../gemm/range';
import { stripRows, stripScattered, TILE_BYTES, TILE_STEP } from '../gemm/tile';
import { zeroRow } from '../simd/copy';
import { TABLE_BYTES, writeTable } from '../simd/table';
import { flushRow } from '../simd/subnormal';
import {
  blockColumns, blockRows, copyLines, countBlocks, countLines, countTerms, ImageProblem, lineBytes, linesBytes,
  writePlaces,
} from './image';

@inline
function panelsBytes(p: ImageProblem): usize {
  return rightPanelsCount(p.outChannels, countTerms(p)) << 2;
}

/** Bytes of the filter in panels, and what is known of its numbers. */
export function packFilterBytes(p: ImageProblem): usize {
  return panelsBytes(p) + offsetof<RightBlock>();
}

@inline
function filterBlock(p: ImageProblem): RightBlock {
  return changetype<RightBlock>(p.packed + panelsBytes(p));
}

/** Packs the filter: [panel of output channels][term][channel of the panel]. */
export function packFilter(p: ImageProblem): void {
  const sizes = packRightPanels(p.packed, p.filter, p.outChannels, countTerms(p), 4, <usize>p.outChannels << 2);
  fitRight(filterBlock(p), p.packed, panelsBytes(p) >> 2, sizes);
}

/** Blocks of the output. */
export function imageConvolveTasks(p: ImageProblem): i32 {
  return countBlocks(p);
}

// Scratch, after the table of constants: a panel's bias, zeros, tiles on their way, places of the terms, the lines.
const BIAS: usize = TABLE_BYTES;
const ZEROS: usize = BIAS + TILE_STEP;
const STRIP: usize = ZEROS + TILE_STEP;

@inline
function stripBytes(p: ImageProblem): usize {
  return <usize>blockColumns(p) * TILE_STEP + TILE_BYTES;
}

export function imageConvolveScratch(p: ImageProblem): usize {
  return linesAt(p) + linesBytes(p);
}

/** Where the lines begin. */
@inline
function linesAt(p: ImageProblem): usize {
  return (STRIP + stripBytes(p) + (<usize>countTerms(p) << 2) + 15) & ~15;
}

/** One block of y. */
export function imageConvolve(p: ImageProblem, task: i32, scratch: usize): void {
  const columnBlocks = blocks(p.outColumns, blockColumns(p)), rowBlocks = blocks(p.outRows, blockRows(p));
  const column = task % columnBlocks * blockColumns(p), row = task / columnBlocks % rowBlocks * blockRows(p);
  const sample = task / (columnBlocks * rowBlocks);
  const rows = min(blockRows(p), p.outRows - row), columns = min(blockColumns(p), p.outColumns - column);
  const lines = scratch + linesAt(p), count = countLines(p, rows);
  const sizes = copyLines(lines, p, sample, row * p.rowStep - p.top, count, column * p.columnStep - p.left);
  const filter = filterBlock(p);
  const numbers = <usize>count * (lineBytes(p) >> 2);
  const shift = fitLeft(lines, numbers, sizes, filter.least, filter.most, filter.shift != 0) + filter.shift;
  const y = p.y + ((<usize>((sample * p.outRows + row) * p.outColumns + column) * <usize>p.outChannels) << 2);
  multiplyLines(p, y, scratch, lines, rows, columns, shift);
  if (p.activation == Activation.IDENTITY) return;
  const size = <usize>p.outChannels << 2;
  writeTable(scratch);
  let at = y;
  for (let r = 0; r < rows; r++, at += <usize>p.outColumns * size) {
    activate(p.activation, at, at, size, columns, p.outChannels, p.slopes, p.alpha, scratch);
  }
}

/** A block of y without its activation, from lines and a filter whose products are multiplied by 2^shift. */
function multiplyLines(
  p: ImageProblem, y: usize, scratch: usize, lines: usize, rows: i32, columns: i32, shift: i32,
): void {
  const stride = <usize>p.outChannels << 2, panelBytes = <usize>countTerms(p) * TILE_STEP;
  const aRow = <usize>(p.columnStep * p.channels) << 2, step = lineBytes(p);
  const terms = countTerms(p), places = scratch + STRIP + stripBytes(p);
  const bias = scratch + BIAS, zeros = scratch + ZEROS, strip = scratch + STRIP;
  writePlaces(places, p);
  zeroRow(zeros, TILE_STEP);
  let panel = p.packed;
  for (let j = 0; j < p.outChannels; j += TILE_COLUMNS, panel += panelBytes) {
    const size = <usize>min(TILE_COLUMNS, p.outChannels - j) << 2;
    let init = zeros;
    if (p.bias) {
      flushRow(bias, p.bias + (<usize>j << 2), size);
      zeroRow(bias + size, TILE_STEP - size);
      init = bias;
    }
    let tile = y + (<usize>j << 2), a = lines;
    for (let r = 0; r < rows; r++, tile += <usize>p.outColumns * stride, a += <usize>p.rowStep * step) {
      if (shift != 0) {
        stripScattered(columns, terms, places, a, aRow, panel, zeros, strip, TILE_STEP);
        addUnscaled(tile, stride, init, 0, strip, TILE_STEP, columns, size, shift);
        continue;
      }
      const whole = size < TILE_STEP ? 0 : stripRows(columns) == columns ? columns : columns - columns % TILE_ROWS;
      stripScattered(whole, terms, places, a, aRow, panel, init, tile, stride);
      // Ragged edges go by way of the strip.
      const rest = columns - whole;
      if (rest == 0) continue;
      const from = a + <usize>whole * aRow;
      stripScattered(rest, terms, places, from, aRow, panel, init, strip, TILE_STEP);
      copyTile(tile + <usize>whole * stride, stride, strip, TILE_STEP, rest, size);
    }
  }
}
