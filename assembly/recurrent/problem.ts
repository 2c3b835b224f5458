// Recurrent layers over a batch of sequences: what their passes share.
//
// Sequences do not touch each other, so a task takes some through all steps. Rows are [batch][step].
//
//   simple  h = tanh(z + h' R)
//   LSTM    i, f, g, o = s, s, tanh, s (z + h' R);   c = f c' + i g;   h = o tanh(c)
//   GRU     u, r = s (z + h' R);   n = tanh(z + (r h') R);   h = u h' + (1 - u) n
//
// with h', c' those of the step before and s the sigmoid, or its hard form, 0.2 x + 0.5 between 0 and 1.

import { leftPanelsCount, packLeftPanels, packRightPanels, rightPanelsCount } from '../gemm/pack';
import { ROWS_STEP, stripInterleaved, stripRows, TILE_STEP } from '../gemm/tile';
import { TABLE_BYTES } from '../simd/table';
import { leastSize, scaleAbove, Sizes } from '../simd/sizes';
import { SMALLEST_NORMAL } from '../simd/subnormal';

export enum Cell {
  SIMPLE,
  LSTM,
  GRU,
}

@unmanaged
export class RecurrentProblem {
  /** float32 [batch, steps, gates units]: the part of the input. Forward, the gates' values take its place. */
  z: usize;
  /** float32 [units, gates units]: R. */
  kernel: usize;
  /** float32 [batch, steps, units]: states. */
  h: usize;
  /** LSTM's carried ones. @optional */
  c: usize;
  /** float32 [batch, units]: states before the first step. */
  h0: usize;
  /** @optional */
  c0: usize;
  /** One byte for each step [batch, steps]; where it is 0 the states stay. 0: no mask. @optional */
  mask: usize;
  /** Gradients: of z, of the states, and of those before the first step. @optional */
  dZ: usize;
  /** @optional */
  dH: usize;
  /** @optional */
  dC: usize;
  /** @optional */
  dH0: usize;
  /** @optional */
  dC0: usize;
  /** float32 [batch, steps, units]: what R multiplied in each step; for GRU's last gate `dampened`. @optional */
  previous: usize;
  /** @optional */
  dampened: usize;
  batch: i32;
  steps: i32;
  units: i32;
  /** One of Cell. */
  cell: i32;
  /** 1: the hard sigmoid. */
  hard: i32;
}

/** Sequences of a task. */
const TASK_ROWS: i32 = 16;

@inline
export function recurrentTasks(p: RecurrentProblem): i32 {
  return (p.batch + TASK_ROWS - 1) / TASK_ROWS;
}

@inline
export function taskBegin(task: i32): i32 {
  return task * TASK_ROWS;
}

@inline
export function taskRows(p: RecurrentProblem, task: i32): i32 {
  return min(TASK_ROWS, p.batch - task * TASK_ROWS);
}

@inline
export function gatesOf(p: RecurrentProblem): i32 {
  return p.cell == Cell.LSTM ? 4 : p.cell == Cell.GRU ? 3 : 1;
}

@inline
function roundUpColumns(x: i32): i32 {
  return (x + TILE_COLUMNS - 1) / TILE_COLUMNS * TILE_COLUMNS;
}

/** Bytes of a row of a product with as many columns: whole tiles. */
@inline
export function rowBytes(columns: i32): usize {
  return <usize>roundUpColumns(columns) << 2;
}

/** Bytes of as many rows as a task's strips touch, of a product with `columns` columns. */
@inline
export function blockBytes(columns: i32): usize {
  return <usize>stripRows(TASK_ROWS) * rowBytes(columns);
}

/** Bytes of packed rows of a left operand, with the room that packing needs behind them. */
@inline
export function packedRowsBytes(depth: i32): usize {
  return <usize>(TASK_ROWS + TILE_ROWS) * (<usize>depth << 2) + 64;
}

/** Bytes of a right operand in panels. */
@inline
export function panelsBytes(columns: i32, depth: i32): usize {
  return <usize>roundUpColumns(columns) * (<usize>depth << 2);
}

/** Bits of 2^8, the most that R becomes where it is multiplied by a power of two. */
const MOST_KERNEL: i32 = 0x43800000;

/** Packed numbers of R times a power of two, whose exponent is returned; then 0 below the size with the bits `least`. */
function fitKernel(panels: usize, count: usize, sizes: Sizes, least: i32): i32 {
  if (leastSize(sizes) >= least) return 0;
  const shift = max(0, (MOST_KERNEL - <i32>(sizes >> 32)) >> 23);
  scaleAbove(panels, count, max(least - (shift << 23), SMALLEST_NORMAL), shift);
  return shift;
}

/** Rows of a left operand, `rowStep` bytes apart, 0 below the size with the bits `least`. */
export function packRows(out: usize, rowsAt: usize, rows: i32, depth: i32, rowStep: usize, least: i32): void {
  const sizes = packLeftPanels(out, rowsAt, rows, depth, rowStep, 4);
  if (leastSize(sizes) < least) scaleAbove(out, leftPanelsCount(rows, depth), least, 0);
}

/** Bits of 2^-62: the product of a state and a number of R that are as large is normal. */
export const LEAST_STATE: i32 = 0x20800000;

/** Columns `first` to `first + columns` of R as a right operand; returns the exponent of its power of two. */
export function packKernel(out: usize, p: RecurrentProblem, first: i32, columns: i32): i32 {
  const step = <usize>(gatesOf(p) * p.units) << 2;
  const sizes = packRightPanels(out, p.kernel + (<usize>first << 2), columns, p.units, 4, step);
  return fitKernel(out, rightPanelsCount(columns, p.units), sizes, LEAST_STATE);
}

/** Bits of 2^-100: smaller gradients of a step are 0, as they would soon make subnormal numbers. */
export const LEAST_GRADIENT: i32 = 0x0d800000;
/** Bits of 2^-26, whose product with such a gradient is normal. */
const LEAST_BACK: i32 = 0x32800000;

/** The same columns of R, transposed. */
export function packTransposed(out: usize, p: RecurrentProblem, first: i32, columns: i32): i32 {
  const step = <usize>(gatesOf(p) * p.units) << 2;
  const sizes = packRightPanels(out, p.kernel + (<usize>first << 2), p.units, columns, step, 4);
  return fitKernel(out, rightPanelsCount(p.units, columns), sizes, LEAST_BACK);
}

/**
 * out [rows, columns] = a b 2^-shift, a and b packed, 0 below the size with the bits `least`; a row of `out` has `rowBytes`.
 * `zeros`: TILE_STEP bytes of them.
 */
export function multiply(
  out: usize, a: usize, b: usize, zeros: usize, rows: i32, columns: i32, depth: i32, shift: i32, least: i32,
): void {
  const step = rowBytes(columns), panel = <usize>depth * TILE_STEP;
  for (let column: usize = 0; column < step; column += TILE_STEP, b += panel) {
    stripInterleaved(
      rows, depth, a, ROWS_STEP, <usize>depth * ROWS_STEP, b, TILE_STEP, zeros, 0, out + column, step,
    );
  }
  if (shift != 0) scaleAbove(out, (<usize>rows * step) >> 2, least + (shift << 23), -shift);
}

/** Constants at the start of a task's scratch: the table of formulas, and zeros. */
export const ZEROS: usize = TABLE_BYTES;
export const CONSTANTS_BYTES: usize = TABLE_BYTES + 16 + 64;
