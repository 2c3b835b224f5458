// Packing: matrices rewritten in the order in which the micro-kernels read them.
//
// A packed matrix is a row of panels; a panel holds W neighbouring rows of the operand interleaved term by term,
// panel[term][W], W = TILE_ROWS for the left operand, TILE_COLUMNS for the right one. Rows beyond the operand's are zero, and
// so are its subnormal numbers.

import { copyRow, zeroRow } from '../simd/copy';
import { loadLanes } from '../simd/lanes';
import { flush } from '../simd/subnormal';
import { ROWS_STEP, roundUpRows, TILE_STEP } from './tile';

/** The number at `address`; 0 if it is subnormal. */
@inline
function normal(address: usize): f32 {
  return f32x4.extract_lane(flush(loadLanes<f32>(address)), 0);
}

/** A 4 x 4 block: four vectors, one a row, become four vectors, one a column; stored `step` bytes apart. */
@inline
function transposeBlock(out: usize, step: usize, r0: v128, r1: v128, r2: v128, r3: v128): void {
  const a = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
  const b = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
  const c = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
  const d = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  v128.store(out, flush(v128.shuffle<f64>(a, b, 0, 2)));
  v128.store(out + step, flush(v128.shuffle<f64>(a, b, 1, 3)));
  v128.store(out + 2 * step, flush(v128.shuffle<f64>(c, d, 0, 2)));
  v128.store(out + 3 * step, flush(v128.shuffle<f64>(c, d, 1, 3)));
}

/**
 * Four rows into one half or whole panel: out[term][0..3], `step` bytes from term to term; term t of row r is at
 * `src + r rowStride + t termStride`. Only the first `rows` (0 to 4) are read, the others are zero.
 */
function packFour(
  out: usize, step: usize, src: usize, rows: i32, depth: i32, rowStride: usize, termStride: usize,
): void {
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
      transposeBlock(
        out, step, v128.load(src + x), v128.and(mask1, v128.load(src1 + x)),
        v128.and(mask2, v128.load(src2 + x)), v128.and(mask3, v128.load(src3 + x)),
      );
    }
    for (; x < size; x += 4, out += step) {
      store<f32>(out, normal(src + x));
      store<f32>(out, rows > 1 ? normal(src1 + x) : 0, 4);
      store<f32>(out, rows > 2 ? normal(src2 + x) : 0, 8);
      store<f32>(out, rows > 3 ? normal(src3 + x) : 0, 12);
    }
    return;
  }
  if (rows == 4 && rowStride == 4) {
    for (let t = 0; t < depth; t++, out += step, src += termStride) v128.store(out, flush(v128.load(src)));
    return;
  }
  for (let t = 0; t < depth; t++, out += step, src += termStride) {
    v128.store(out, f32x4.splat(0));
    for (let r = 0; r < rows; r++) {
      store<f32>(out + (<usize>r << 2), normal(src + <usize>r * rowStride));
    }
  }
}

/** Bytes that packLeftPanels writes at most, in whole cache lines, with half a vector after the last panel. */
@inline
export function leftPanelsBytes(rows: i32, depth: i32): usize {
  return (((<usize>roundUpRows(rows) * <usize>depth) << 2) + 8 + 63) & ~63;
}

/** Panels of TILE_ROWS rows: out[ceil(rows / TILE_ROWS)][depth][TILE_ROWS]. */
export function packLeftPanels(
  out: usize, src: usize, rows: i32, depth: i32, rowStride: usize, termStride: usize,
): void {
  for (let r = 0; r < rows; r += TILE_ROWS) {
    // Backwards: the last four numbers of a term may run into the next term, whose first four are still to come.
    for (let four = (TILE_ROWS - 1) & -4; four >= 0; four -= 4) {
      packFour(
        out + (<usize>four << 2), ROWS_STEP, src + <usize>four * rowStride, max(0, min(4, rows - r - four)), depth,
        rowStride, termStride,
      );
    }
    out += <usize>depth * ROWS_STEP;
    src += <usize>TILE_ROWS * rowStride;
  }
}

/** Panels of TILE_COLUMNS rows: out[ceil(rows / TILE_COLUMNS)][depth][TILE_COLUMNS]. */
export function packRightPanels(
  out: usize, src: usize, rows: i32, depth: i32, rowStride: usize, termStride: usize,
): void {
  let r = 0;
  if (rowStride == 4) {
    r = rows & -TILE_COLUMNS;
    copyPanels(out, src, r, depth, termStride);
    out += <usize>r * <usize>depth << 2;
    src += <usize>r << 2;
  }
  const panelBytes = <usize>depth * TILE_STEP;
  for (; r < rows; r += TILE_COLUMNS, out += panelBytes, src += <usize>TILE_COLUMNS * rowStride) {
    for (let four = 0; four < TILE_COLUMNS; four += 4) {
      packFour(
        out + (<usize>four << 2), TILE_STEP, src + <usize>four * rowStride, max(0, min(4, rows - r - four)), depth,
        rowStride, termStride,
      );
    }
  }
}

/**
 * Whole panels where the rows of a term are neighbours already. Eight terms at a time run through all panels: that reads
 * whole cache lines, on eight pages, where one panel after the other would touch a page a term.
 */
function copyPanels(out: usize, src: usize, rows: i32, depth: i32, termStride: usize): void {
  const panelBytes = <usize>depth * TILE_STEP;
  for (let t = 0; t < depth; t += 8, out += 8 * TILE_STEP, src += 8 * termStride) {
    const terms = min(8, depth - t);
    let panel = out;
    for (let from = src, end = src + (<usize>rows << 2); from != end; from += TILE_STEP, panel += panelBytes) {
      let to = panel, term = from;
      for (let u = 0; u < terms; u++, to += TILE_STEP, term += termStride) copyTileRow(to, term);
    }
  }
}

@inline
function copyTileRow(to: usize, from: usize): void {
  v128.store(to, flush(v128.load(from)));
  v128.store(to, flush(v128.load(from, 16)), 16);
  if (TILE_COLUMNS == 8) return;
  v128.store(to, flush(v128.load(from, 32)), 32);
  v128.store(to, flush(v128.load(from, 48)), 48);
}

/** out[t][r] = src[r][t]: a transposed copy of `rows` x `columns` floats, packed as above. Steps from row to row, in bytes. */
export function transpose(out: usize, outStep: usize, src: usize, srcStep: usize, rows: i32, columns: i32): void {
  let r = 0;
  for (; r + 4 <= rows; r += 4, out += 16, src += 4 * srcStep) packFour(out, outStep, src, 4, columns, srcStep, 4);
  for (; r < rows; r++, out += 4, src += srcStep) {
    for (let t: usize = 0; t < <usize>columns; t++) store<f32>(out + t * outStep, normal(src + (t << 2)));
  }
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
