// Numbers as bytes, for products of bytes; byteTile.ts says how they lie.

import { INFINITY } from '../simd/sizes';
import { flush, SMALLEST_NORMAL } from '../simd/subnormal';
import { blockRows } from '../threads/rowBlocks';
import { leftTileBytes, LEFT_HEAD, NUMBER_BYTES, RIGHT_HEAD, rightPanelBytes, WORD_TERMS, wordsOf } from './byteTile';
import { ROWS_STEP, roundUpRows, TILE_STEP } from './tile';

/** The largest whole number. */
const MOST: f32 = 127;
/** 2^-63, the least step from one whole number to the next: products of two are still normal. */
const LEAST_STEP: f32 = 1.0842021724855044e-19;
/** 2^-100: a smaller bias is 0. */
const LEAST_BIAS: f32 = 7.888609052210118e-31;
/** 1.5 x 2^23: added to a small number, it leaves the nearest whole one in the lowest bits. */
const ROUND: f32 = 12582912;

/** Rows of A to be quantised. */
@unmanaged
export class QuantizeProblem {
  /** float32 [rows, depth], each row contiguous. */
  x: usize;
  /** Room for `quantizedBytes`. */
  out: usize;
  rows: i32;
  depth: i32;
  /** Elements from row to row of x. */
  xRow: usize;
}

/** Bytes of the quantised rows. */
export function quantizedBytes(p: QuantizeProblem): usize {
  return <usize>(roundUpRows(p.rows) / TILE_ROWS) * leftTileBytes(p.depth);
}

/** Rows of a task, whole tiles. */
@inline
function taskRows(p: QuantizeProblem): i32 {
  return roundUpRows(blockRows(p.rows, p.depth));
}

export function quantizeRowsTasks(p: QuantizeProblem): i32 {
  return (p.rows + taskRows(p) - 1) / taskRows(p);
}

/** Some rows; those that are missing in the last tile are 0. Every row has a scale and a zero point of its own. */
export function quantizeRows(p: QuantizeProblem, task: i32, _: usize): void {
  const first = task * taskRows(p), end = min(first + taskRows(p), p.rows);
  const size = <usize>p.depth << 2, step = p.xRow << 2;
  const tileBytes = leftTileBytes(p.depth);
  let x = p.x + <usize>first * step, tile = p.out + <usize>(first / TILE_ROWS) * tileBytes;
  for (let row = first; row < end; row += TILE_ROWS, tile += tileBytes) {
    for (let r = 0; r < TILE_ROWS; r++, x += step) {
      if (row + r < end) quantizeRow(tile + (<usize>r << 2), x, size);
      else clearRow(tile + (<usize>r << 2), wordsOf(p.depth));
    }
  }
}

/** A row of a tile, all 0. */
function clearRow(out: usize, words: i32): void {
  store<f32>(out, 0);
  store<i32>(out + ROWS_STEP, 0);
  out += LEFT_HEAD;
  for (let word = 0; word < words; word++, out += ROWS_STEP) store<i32>(out, 0);
}

/**
 * x = scale (whole number - zero point), from the smallest to the largest of the row and 0, within half a scale. A row with a
 * number that is not finite has the scale NaN.
 */
function quantizeRow(out: usize, x: usize, size: usize): void {
  let least = f32x4.splat(0), most = f32x4.splat(0), sizes = i32x4.splat(0);
  const whole = size & ~15;
  for (let i: usize = 0; i < whole; i += 16) {
    const numbers = flush(v128.load(x + i));
    least = f32x4.pmin(least, numbers);
    most = f32x4.pmax(most, numbers);
    sizes = i32x4.max_s(sizes, f32x4.abs(numbers));
  }
  for (let i = whole; i < size; i += 4) {
    const numbers = flush(v128.load32_splat(x + i));
    least = f32x4.pmin(least, numbers);
    most = f32x4.pmax(most, numbers);
    sizes = i32x4.max_s(sizes, f32x4.abs(numbers));
  }
  const finite = !v128.any_true(i32x4.ge_s(sizes, i32x4.splat(INFINITY)));
  const bottom = leastLane(least), top = -leastLane(f32x4.neg(most));
  const scale = max<f32>(top / MOST - bottom / MOST, LEAST_STEP), inverse: f32 = <f32>1 / scale;
  const zero = finite ? <i32>nearest(-bottom * inverse) : 0;
  store<f32>(out, finite ? scale : NaN);
  store<i32>(out + ROWS_STEP, -zero);
  writeWords(out + LEFT_HEAD, x, size, inverse, zero);
}

@inline
function leastLane(x: v128): f32 {
  const half = f32x4.pmin(x, v128.shuffle<f32>(x, x, 2, 3, 0, 1));
  return min(f32x4.extract_lane(half, 0), f32x4.extract_lane(half, 1));
}

/** A row's words, ROWS_STEP from one to the next. */
function writeWords(out: usize, x: usize, size: usize, inverse: f32, zero: i32): void {
  const factor = f32x4.splat(inverse), shift = f32x4.splat(ROUND + <f32>zero), base = i32x4.splat(reinterpret<i32>(ROUND));
  const step: usize = 16 * NUMBER_BYTES;
  const vectors: usize = 4 / NUMBER_BYTES;
  const whole = size & ~(16 * vectors - 1);
  let i: usize = 0;
  for (; i < whole; i += 16 * vectors, out += 4 * ROWS_STEP) {
    let words: v128;
    const low = i16x8.narrow_i32x4_s(wholeNumbers(x + i, factor, shift, base), wholeNumbers(x + i + 16, factor, shift, base));
    if (NUMBER_BYTES == 1) {
      const high = i16x8.narrow_i32x4_s(
        wholeNumbers(x + i + 32, factor, shift, base), wholeNumbers(x + i + 48, factor, shift, base),
      );
      words = i8x16.narrow_i16x8_s(low, high);
    } else {
      words = i16x8.min_s(low, i16x8.splat(127));
    }
    v128.store32_lane(out, words, 0);
    v128.store32_lane(out + ROWS_STEP, words, 1);
    v128.store32_lane(out + 2 * ROWS_STEP, words, 2);
    v128.store32_lane(out + 3 * ROWS_STEP, words, 3);
  }
  for (let n = 0; i < size; i += 4, n++) {
    if (n % WORD_TERMS == 0) {
      if (n > 0) out += ROWS_STEP;
      store<i32>(out, 0);
    }
    const number = min(127, i32x4.extract_lane(wholeNumber(v128.load32_splat(x + i), factor, shift, base), 0));
    if (NUMBER_BYTES == 1) store<i8>(out + <usize>(n % WORD_TERMS), <i8>number);
    else store<i16>(out + (<usize>(n % WORD_TERMS) << 1), <i16>number);
  }
}

@inline
function wholeNumbers(x: usize, factor: v128, shift: v128, base: v128): v128 {
  return wholeNumber(v128.load(x), factor, shift, base);
}

/** Of finite numbers, from 0 to 128. */
@inline
function wholeNumber(x: v128, factor: v128, shift: v128, base: v128): v128 {
  return i32x4.sub(f32x4.add(f32x4.mul(flush(x), factor), shift), base);
}

/** A matrix B to be quantised, by blocks of terms: first measureColumns of all, then quantizeColumns of all. */
@unmanaged
export class QuantizeColumnsProblem {
  /** float32 [terms, columns], the block. */
  b: usize;
  /** float32 [columns], or 0 for none. @optional */
  bias: usize;
  /** Room for `quantizedColumnsBytes`, 0 before the first block. */
  out: usize;
  columns: i32;
  depth: i32;
  /** Where the block begins, and its terms; blocks but the last have whole words. */
  first: i32;
  terms: i32;
}

/** Bytes of the quantised matrix. */
export function quantizedColumnsBytes(p: QuantizeColumnsProblem): usize {
  return <usize>measureColumnsTasks(p) * rightPanelBytes(p.depth);
}

export function measureColumnsTasks(p: QuantizeColumnsProblem): i32 {
  return (p.columns + TILE_COLUMNS - 1) / TILE_COLUMNS;
}

/** Puts the bits of the largest size of each column of a panel where its scale will be. */
export function measureColumns(p: QuantizeColumnsProblem, task: i32, _: usize): void {
  const panel = p.out + <usize>task * rightPanelBytes(p.depth), size = panelWidth(p, task) << 2;
  let b = p.b + <usize>task * TILE_STEP;
  for (let t = 0; t < p.terms; t++, b += <usize>p.columns << 2) {
    for (let x: usize = 0; x < size; x += 4) store<i32>(panel + x, max(load<i32>(panel + x), load<i32>(b + x) & 0x7fffffff));
  }
}

/** Columns of a panel. */
@inline
function panelWidth(p: QuantizeColumnsProblem, task: i32): usize {
  return <usize>min(TILE_COLUMNS, p.columns - task * TILE_COLUMNS);
}

export function quantizeColumnsTasks(p: QuantizeColumnsProblem): i32 {
  return measureColumnsTasks(p);
}

/**
 * A panel's block: each column has a scale of its own, and 0 is 0. A column with a number that is not finite has the scale
 * NaN. With the last block, the panel's head is made, too.
 */
export function quantizeColumns(p: QuantizeColumnsProblem, task: i32, _: usize): void {
  const panel = p.out + <usize>task * rightPanelBytes(p.depth), size = panelWidth(p, task) << 2;
  // Where the bias will be are, for now, the steps of a unit.
  const sums = panel + TILE_STEP, steps = sums + TILE_STEP;
  for (let x: usize = 0; x < size; x += 4) store<f32>(steps + x, inverseOf(scaleOf(load<i32>(panel + x))));
  let b = p.b + <usize>task * TILE_STEP;
  for (let t = p.first; t < p.first + p.terms; t++, b += <usize>p.columns << 2) {
    const words = panel + RIGHT_HEAD + <usize>(t / WORD_TERMS) * TILE_STEP, place = <usize>(t % WORD_TERMS) * NUMBER_BYTES;
    for (let x: usize = 0; x < size; x += 4) {
      const kept = f32x4.extract_lane(flush(v128.load32_splat(b + x)), 0);
      // NaN becomes 0.
      const number = <i32>nearest(kept * load<f32>(steps + x));
      if (NUMBER_BYTES == 1) store<i8>(words + x + place, <i8>number);
      else store<i16>(words + x + place, <i16>number);
      store<i32>(sums + x, load<i32>(sums + x) + number);
    }
  }
  if (p.first + p.terms < p.depth) return;
  for (let x: usize = 0; x < size; x += 4) {
    store<f32>(panel + x, scaleOf(load<i32>(panel + x)));
    const bias = p.bias ? load<i32>(p.bias + <usize>task * TILE_STEP + x) : 0;
    store<i32>(steps + x, (bias & 0x7fffffff) < reinterpret<i32>(LEAST_BIAS) ? 0 : bias);
  }
}

/** The scale of numbers whose largest size has these bits. */
@inline
function scaleOf(most: i32): f32 {
  if (most >= INFINITY) return NaN;
  return max<f32>(reinterpret<f32>(max(most, SMALLEST_NORMAL)) / MOST, LEAST_STEP);
}

/** 0 for NaN. */
@inline
function inverseOf(scale: f32): f32 {
  return scale == scale ? <f32>1 / scale : 0;
}
