// The register tiles alone: strips whose operands lie in the first-level cache.

import { interleaved4x16, transposed4x16 } from '../../assembly/gemm/generated/tile4x16';
import { interleaved4x8, transposed4x8 } from '../../assembly/gemm/generated/tile4x8';
import { interleaved6x16, transposed6x16 } from '../../assembly/gemm/generated/tile6x16';
import { interleaved6x8, transposed6x8 } from '../../assembly/gemm/generated/tile6x8';

/** Rows of a strip: whole tiles of either height. */
const ROWS: i32 = 24;
/** Most bytes of A, and of B after it: 24 rows, or 16 columns, of 256 terms. */
const OPERAND: usize = 24 * 256 * 4;

/** Multiply-adds, two operations each, of a call with the same arguments. */
export function flops(columns: i32, terms: i32, count: i32): f64 {
  return 2.0 * <f64>ROWS * <f64>columns * <f64>terms * <f64>count;
}

/** `count` strips of `rows` x `columns` tiles, A interleaved; operands from `at` on. */
export function interleaved(rows: i32, columns: i32, terms: i32, count: i32, at: usize): void {
  const tiles = ROWS / rows, aStep = <usize>rows << 2, aNext = <usize>terms * aStep, step = <usize>columns << 2;
  const b = at + OPERAND, c = b + OPERAND;
  for (; count > 0; count--) {
    if (rows == 4 && columns == 8) interleaved4x8(tiles, terms, at, aStep, aNext, b, step, c, step, c, step);
    if (rows == 6 && columns == 8) interleaved6x8(tiles, terms, at, aStep, aNext, b, step, c, step, c, step);
    if (rows == 4 && columns == 16) interleaved4x16(tiles, terms, at, aStep, aNext, b, step, c, step, c, step);
    if (rows == 6 && columns == 16) interleaved6x16(tiles, terms, at, aStep, aNext, b, step, c, step, c, step);
  }
}

/** The same with A in panels of `columns` terms. */
export function transposed(rows: i32, columns: i32, terms: i32, count: i32, at: usize): void {
  const tiles = ROWS / rows, step = <usize>columns << 2, aPanel = <usize>ROWS * step;
  const b = at + OPERAND, c = b + OPERAND;
  for (; count > 0; count--) {
    if (rows == 4 && columns == 8) transposed4x8(tiles, terms, at, aPanel, b, step, c, step);
    if (rows == 6 && columns == 8) transposed6x8(tiles, terms, at, aPanel, b, step, c, step);
    if (rows == 4 && columns == 16) transposed4x16(tiles, terms, at, aPanel, b, step, c, step);
    if (rows == 6 && columns == 16) transposed6x16(tiles, terms, at, aPanel, b, step, c, step);
  }
}
