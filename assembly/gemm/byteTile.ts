// Tiles of products of bytes: C = scale of the row x scale of the column x (A B, whole numbers) + bias.
//
// Numbers of A are from 0 to 127, after a zero point of the row was added; those of B from -127 to 127. So every sum of two
// products fits into 16 bits, and all ways of multiplying, on every processor, give the same whole numbers: relaxed SIMD
// leaves open what happens to others. Terms go by words, 4 bytes or, where they are multiplied as pairs, 2 x 16 bits:
//
//   A, a tile of rows after the other:   [row] scale, float32;  [row] zero point, negative, int32;  [word][row] word
//   B, a panel of columns after another: [column] scale;  [column] sum of the numbers, int32;  [column] bias;  [word][column] word

import { direct6x8 } from './generated/direct6x8';
import { halves6x8 } from './generated/halves6x8';
import { pairs4x8 } from './generated/pairs4x8';
import { ROWS_STEP, TILE_STEP } from './tile';

/** How words are multiplied and added up. */
export const enum ByteDots {
  /** i32x4.dot_i16x8_s, of pairs of 16 bits. */
  PAIRS,
  /** i16x8.relaxed_dot_i8x16_i7x16_s, of pairs of bytes, and i32x4.dot_i16x8_s with ones. */
  HALVES,
  /** i32x4.relaxed_dot_i8x16_i7x16_add_s, of all bytes of a word at once. */
  DIRECT,
}

/** Terms of a word. */
export const WORD_TERMS: i32 = ASC_FEATURE_RELAXED_SIMD ? 4 : 2;
/** Bytes of a number. */
export const NUMBER_BYTES: usize = ASC_FEATURE_RELAXED_SIMD ? 1 : 2;
/** Bytes before the words of a tile of A, and of a panel of B. */
export const LEFT_HEAD: usize = 2 * ROWS_STEP;
export const RIGHT_HEAD: usize = 3 * TILE_STEP;

/** Words of `depth` terms. */
@inline
export function wordsOf(depth: i32): i32 {
  return (depth + WORD_TERMS - 1) / WORD_TERMS;
}

/** Bytes of a tile of A. */
@inline
export function leftTileBytes(depth: i32): usize {
  return LEFT_HEAD + <usize>wordsOf(depth) * ROWS_STEP;
}

/** Bytes of a panel of B. */
@inline
export function rightPanelBytes(depth: i32): usize {
  return RIGHT_HEAD + <usize>wordsOf(depth) * TILE_STEP;
}

/**
 * The fastest of the ways here. Where the processor adds up four products of bytes in one instruction, it does so exactly, be
 * the bytes of the second operand signed (ARM, AVX-VNNI-INT8) or not (AVX-VNNI). Other x86 goes by way of sums of two in 16
 * bits, which overflow here and stay at the largest number: that costs more instructions than HALVES. All of a runtime's code
 * does the same, by the specification of relaxed SIMD. V8 11 (Node 20) also computes it wrongly on x86, until it has
 * optimised the code: it overwrites what is to be added to. So nothing but the two right results will do.
 *
 * @param x not 0: what is computed from it, no compiler can know
 */
export function fastestDots(x: usize): ByteDots {
  if (!ASC_FEATURE_RELAXED_SIMD) return ByteDots.PAIRS;
  const large = i8x16.splat(x ? 127 : 0), above = i8x16.splat(x ? -1 : 0);
  const sum = i32x4.extract_lane(i32x4.relaxed_dot_i8x16_i7x16_add_s(large, above, i32x4.splat(0)), 0);
  return sum == 4 * 127 * 255 || sum == 4 * 127 * -1 ? ByteDots.DIRECT : ByteDots.HALVES;
}

/** Tiles of A, one below the other, times a panel of B; c: the first tile's place, rows `cStride` bytes apart. */
export function stripOfBytes(
  dots: i32, tiles: i32, depth: i32, a: usize, b: usize, c: usize, cStride: usize,
): void {
  const words = wordsOf(depth);
  if (!ASC_FEATURE_RELAXED_SIMD) pairs4x8(tiles, words, a, b, c, cStride);
  else if (dots == ByteDots.DIRECT) direct6x8(tiles, words, a, b, c, cStride);
  else halves6x8(tiles, words, a, b, c, cStride);
}
