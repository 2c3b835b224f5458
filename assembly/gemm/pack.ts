// Packing: matrices rewritten in the order in which the micro-kernels read them.
//
// A packed matrix is a row of panels; a panel holds W neighbouring rows of the operand interleaved term by term,
// panel[term][W], W = TILE_ROWS for the left operand, TILE_COLUMNS for the right one. Rows beyond the operand's are zero.
// The sizes of the operand's numbers are found on the way, and returned.

import { copyRow, zeroRow } from '../simd/copy';
import { loadLanes, storeLanes } from '../simd/lanes';
import { allOnes, greaterSize, joinSizes, leastSize, lesserSize, NO_SIZES, scaleAbove, Sizes, sizesOf } from '../simd/sizes';
import { flush, SMALLEST_NORMAL } from '../simd/subnormal';
import { ROWS_STEP, roundUpRows, TILE_STEP } from './tile';

/** A 4 x 4 block: four vectors, one a row, become four vectors, one a column; stored `step` bytes apart. */
@inline
function transposeBlock(out: usize, step: usize, r0: v128, r1: v128, r2: v128, r3: v128): void {
  const a = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
  const b = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
  const c = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
  const d = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  v128.store(out, v128.shuffle<f64>(a, b, 0, 2));
  v128.store(out + step, v128.shuffle<f64>(a, b, 1, 3));
  v128.store(out + 2 * step, v128.shuffle<f64>(c, d, 0, 2));
  v128.store(out + 3 * step, v128.shuffle<f64>(c, d, 1, 3));
}

/**
 * Four rows into one half or whole panel: out[term][0..3], `step` bytes from term to term; term t of row r is at
 * `src + r rowStride + t termStride`. Only the first `rows` (0 to 4) are read, the others are zero.
 */
function packFour(
  out: usize, step: usize, src: usize, rows: i32, depth: i32, rowStride: usize, termStride: usize,
): Sizes {
  const ones = allOnes(out != 0);
  let least = ones, most = i32x4.splat(0);
  if (rows > 0 && termStride == 4) {
    // A missing row is read as another one, and cleared.
    const src1 = rows > 1 ? src + rowStride : src;
    const src2 = rows > 2 ? src1 + rowStride : src;
    const src3 = rows > 3 ? src2 + rowStride : src;
    const mask1 = i32x4.splat(rows > 1 ? -1 : 0);
    const mask2 = i32x4.splat(rows > 2 ? -1 : 0);
    const mask3 = i32x4.splat(rows > 3 ? -1 : 0);
    const size = <usize>depth << 2;
    let x: usize = 0;
    for (; x + 16 <= size; x += 16, out += 4 * step) {
      const r0 = v128.load(src + x), r1 = v128.and(mask1, v128.load(src1 + x));
      const r2 = v128.and(mask2, v128.load(src2 + x)), r3 = v128.and(mask3, v128.load(src3 + x));
      least = lesserSize(lesserSize(lesserSize(lesserSize(least, r0, ones), r1, ones), r2, ones), r3, ones);
      most = greaterSize(greaterSize(greaterSize(greaterSize(most, r0), r1), r2), r3);
      transposeBlock(out, step, r0, r1, r2, r3);
    }
    for (; x < size; x += 4, out += step) {
      const r0 = loadLanes<f32>(src + x), r1 = v128.and(mask1, loadLanes<f32>(src1 + x));
      const r2 = v128.and(mask2, loadLanes<f32>(src2 + x)), r3 = v128.and(mask3, loadLanes<f32>(src3 + x));
      least = lesserSize(lesserSize(lesserSize(lesserSize(least, r0, ones), r1, ones), r2, ones), r3, ones);
      most = greaterSize(greaterSize(greaterSize(greaterSize(most, r0), r1), r2), r3);
      storeLanes<f32>(out, r0);
      storeLanes<f32>(out + 4, r1);
      storeLanes<f32>(out + 8, r2);
      storeLanes<f32>(out + 12, r3);
    }
    return sizesOf(least, most);
  }
  if (rows == 4 && rowStride == 4) {
    for (let t = 0; t < depth; t++, out += step, src += termStride) {
      const term = v128.load(src);
      least = lesserSize(least, term, ones);
      most = greaterSize(most, term);
      v128.store(out, term);
    }
    return sizesOf(least, most);
  }
  for (let t = 0; t < depth; t++, out += step, src += termStride) {
    v128.store(out, f32x4.splat(0));
    for (let r = 0; r < rows; r++) {
      const number = loadLanes<f32>(src + <usize>r * rowStride);
      least = lesserSize(least, number, ones);
      most = greaterSize(most, number);
      storeLanes<f32>(out + (<usize>r << 2), number);
    }
  }
  return sizesOf(least, most);
}

/** Bytes that packLeftPanels writes at most, in whole cache lines, with half a vector after the last panel. */
@inline
export function leftPanelsBytes(rows: i32, depth: i32): usize {
  return (((<usize>roundUpRows(rows) * <usize>depth) << 2) + 8 + 63) & ~63;
}

/** Panels of TILE_ROWS rows: out[ceil(rows / TILE_ROWS)][depth][TILE_ROWS]. */
export function packLeftPanels(
  out: usize, src: usize, rows: i32, depth: i32, rowStride: usize, termStride: usize,
): Sizes {
  let sizes = NO_SIZES;
  for (let r = 0; r < rows; r += TILE_ROWS) {
    // Backwards: the last four numbers of a term may run into the next term, whose first four are still to come.
    for (let four = (TILE_ROWS - 1) & -4; four >= 0; four -= 4) {
      const found = packFour(
        out + (<usize>four << 2), ROWS_STEP, src + <usize>four * rowStride, max(0, min(4, rows - r - four)), depth,
        rowStride, termStride,
      );
      sizes = joinSizes(sizes, found);
    }
    out += <usize>depth * ROWS_STEP;
    src += <usize>TILE_ROWS * rowStride;
  }
  return sizes;
}

/** Numbers of the panels of packLeftPanels. */
@inline
export function leftPanelsCount(rows: i32, depth: i32): usize {
  return <usize>roundUpRows(rows) * <usize>depth;
}

/** Panels of TILE_COLUMNS rows: out[ceil(rows / TILE_COLUMNS)][depth][TILE_COLUMNS]. */
export function packRightPanels(
  out: usize, src: usize, rows: i32, depth: i32, rowStride: usize, termStride: usize,
): Sizes {
  let sizes = NO_SIZES;
  let r = 0;
  if (rowStride == 4) {
    r = rows & -TILE_COLUMNS;
    sizes = copyPanels(out, src, r, depth, termStride);
    out += <usize>r * <usize>depth << 2;
    src += <usize>r << 2;
  }
  const panelBytes = <usize>depth * TILE_STEP;
  for (; r < rows; r += TILE_COLUMNS, out += panelBytes, src += <usize>TILE_COLUMNS * rowStride) {
    for (let four = 0; four < TILE_COLUMNS; four += 4) {
      const found = packFour(
        out + (<usize>four << 2), TILE_STEP, src + <usize>four * rowStride, max(0, min(4, rows - r - four)), depth,
        rowStride, termStride,
      );
      sizes = joinSizes(sizes, found);
    }
  }
  return sizes;
}

/** Numbers of the panels of packRightPanels. */
@inline
export function rightPanelsCount(rows: i32, depth: i32): usize {
  return <usize>((rows + TILE_COLUMNS - 1) / TILE_COLUMNS * TILE_COLUMNS) * <usize>depth;
}

/**
 * Whole panels where the rows of a term are neighbours already. Eight terms at a time run through all panels: that reads
 * whole cache lines, on eight pages, where one panel after the other would touch a page a term.
 */
function copyPanels(out: usize, src: usize, rows: i32, depth: i32, termStride: usize): Sizes {
  const ones = allOnes(out != 0);
  let least = ones, most = i32x4.splat(0);
  const panelBytes = <usize>depth * TILE_STEP;
  for (let t = 0; t < depth; t += 8, out += 8 * TILE_STEP, src += 8 * termStride) {
    const terms = min(8, depth - t);
    let panel = out;
    for (let from = src, end = src + (<usize>rows << 2); from != end; from += TILE_STEP, panel += panelBytes) {
      let to = panel, term = from;
      for (let u = 0; u < terms; u++, to += TILE_STEP, term += termStride) {
        for (let x: usize = 0; x < TILE_STEP; x += 16) {
          const numbers = v128.load(term + x);
          least = lesserSize(least, numbers, ones);
          most = greaterSize(most, numbers);
          v128.store(to + x, numbers);
        }
      }
    }
  }
  return sizesOf(least, most);
}

/** out[t][r] = src[r][t]: a transposed copy of `rows` x `columns` floats, packed as above. Steps from row to row, in bytes. */
export function transpose(out: usize, outStep: usize, src: usize, srcStep: usize, rows: i32, columns: i32): void {
  const size = <usize>columns << 2, whole = size & ~15;
  let r = 0;
  for (; r + 4 <= rows; r += 4, out += 16, src += 4 * srcStep) {
    const src1 = src + srcStep, src2 = src1 + srcStep, src3 = src2 + srcStep;
    let to = out;
    for (let x: usize = 0; x < whole; x += 16, to += 4 * outStep) {
      transposeBlock(
        to, outStep, flush(v128.load(src + x)), flush(v128.load(src1 + x)), flush(v128.load(src2 + x)),
        flush(v128.load(src3 + x)),
      );
    }
    for (let i: usize = 0; i < 4; i++) transposeRest(out + (i << 2), outStep, src + i * srcStep, whole, size);
  }
  for (; r < rows; r++, out += 4, src += srcStep) transposeRest(out, outStep, src, 0, size);
}

/** One row as a column, from byte `begin` of the row on. */
function transposeRest(out: usize, outStep: usize, src: usize, begin: usize, size: usize): void {
  for (let x = begin; x < size; x += 4) storeLanes<f32>(out + (x >> 2) * outStep, flush(loadLanes<f32>(src + x)));
}

/** Rows of `width` floats copied to rows padded to whole tiles, the new columns zero. Strides in bytes. */
export function padRows(out: usize, src: usize, rows: i32, width: i32, rowStride: usize): void {
  const size = <usize>width << 2;
  const padded = (size + TILE_STEP - 1) & -TILE_STEP;
  for (let r = 0; r < rows; r++, out += padded, src += rowStride) {
    copyRow(out, src, size);
    zeroRow(out + size, padded - size);
  }
}
