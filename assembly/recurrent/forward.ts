// The states of a recurrent layer, step by step. See problem.ts.

import { copyRow, zeroRow } from '../simd/copy';
import { writeTable } from '../simd/table';
import { loadLanes, storeLanes } from '../simd/lanes';
import { flush, SMALLEST_NORMAL, times } from '../simd/subnormal';
import { tanh } from '../simd/tanh';
import { gate, mix } from './activations';
import {
  blockBytes, Cell, CONSTANTS_BYTES, gatesOf, LEAST_STATE, multiply, packKernel, packedRowsBytes, packRows, panelsBytes,
  RecurrentProblem, recurrentTasks, rowBytes, taskBegin, taskRows, ZEROS,
} from './problem';

export function recurrentForwardTasks(p: RecurrentProblem): i32 {
  return recurrentTasks(p);
}

/** Columns of R that h' multiplies: GRU's last gate has the dampened states. */
@inline
function plainColumns(p: RecurrentProblem): i32 {
  return p.cell == Cell.GRU ? 2 * p.units : gatesOf(p) * p.units;
}

// Scratch after the constants: packed rows, what they give, dampened states, R in panels.
@inline
function productsBytes(p: RecurrentProblem): usize {
  return blockBytes(plainColumns(p)) + blockBytes(p.units);
}

export function recurrentForwardScratch(p: RecurrentProblem): usize {
  const rows = packedRowsBytes(p.units) + productsBytes(p) + blockBytes(p.units);
  return CONSTANTS_BYTES + rows + panelsBytes(plainColumns(p), p.units) + panelsBytes(p.units, p.units);
}

/** Some sequences, through all steps. */
export function recurrentForward(p: RecurrentProblem, task: i32, scratch: usize): void {
  const columns = plainColumns(p), size = <usize>p.units << 2;
  const first = taskBegin(task), rows = taskRows(p, task);
  const packed = scratch + CONSTANTS_BYTES;
  const products = packed + packedRowsBytes(p.units);
  const last = products + blockBytes(columns);
  const dampened = last + blockBytes(p.units);
  const panels = dampened + blockBytes(p.units);
  const lastPanels = panels + panelsBytes(columns, p.units);
  writeTable(scratch);
  zeroRow(scratch + ZEROS, 64);
  const shift = packKernel(panels, p, 0, columns);
  const lastShift = p.cell == Cell.GRU ? packKernel(lastPanels, p, columns, p.units) : 0;
  const stateStep = <usize>p.steps * size, zSize = <usize>gatesOf(p) * size, zStep = <usize>p.steps * zSize;
  const h = p.h + <usize>first * stateStep, c = p.c + <usize>first * stateStep, z = p.z + <usize>first * zStep;
  const mask = p.mask + <usize>(first * p.steps);
  for (let t = 0; t < p.steps; t++) {
    const at = <usize>t * size;
    const h1 = t ? h + at - size : p.h0 + <usize>first * size;
    const c1 = t ? c + at - size : p.c0 + <usize>first * size;
    const step1 = t ? stateStep : size;
    packRows(packed, h1, rows, p.units, step1, LEAST_STATE);
    multiply(products, packed, panels, scratch + ZEROS, rows, columns, p.units, shift, SMALLEST_NORMAL);
    if (p.cell == Cell.GRU) {
      for (let r = 0; r < rows; r++) {
        const row = <usize>r;
        dampenRow(p, dampened + row * size, z + row * zStep + <usize>t * zSize, products + row * rowBytes(columns), h1 + row * step1, scratch);
      }
      packRows(packed, dampened, rows, p.units, size, LEAST_STATE);
      multiply(last, packed, lastPanels, scratch + ZEROS, rows, p.units, p.units, lastShift, SMALLEST_NORMAL);
    }
    for (let r = 0; r < rows; r++) {
      const row = <usize>r;
      const hRow = h + row * stateStep + at, cRow = c + row * stateStep + at;
      const h1Row = h1 + row * step1, c1Row = c1 + row * step1;
      const zRow = z + row * zStep + <usize>t * zSize;
      if (p.mask && !load<u8>(mask + row * <usize>p.steps + <usize>t)) {
        copyRow(hRow, h1Row, size);
        if (p.cell == Cell.LSTM) copyRow(cRow, c1Row, size);
        continue;
      }
      const products1 = products + row * rowBytes(columns);
      let i: usize = 0;
      if (p.cell == Cell.LSTM) {
        for (; i + 16 <= size; i += 16) lstmLanes<v128>(p, zRow + i, products1 + i, size, c1Row + i, cRow + i, hRow + i, scratch);
        for (; i < size; i += 4) lstmLanes<f32>(p, zRow + i, products1 + i, size, c1Row + i, cRow + i, hRow + i, scratch);
      } else if (p.cell == Cell.GRU) {
        const last1 = last + row * rowBytes(p.units);
        for (; i + 16 <= size; i += 16) gruLanes<v128>(zRow + i, last1 + i, size, h1Row + i, hRow + i, scratch);
        for (; i < size; i += 4) gruLanes<f32>(zRow + i, last1 + i, size, h1Row + i, hRow + i, scratch);
      } else {
        for (; i + 16 <= size; i += 16) simpleLanes<v128>(zRow + i, products1 + i, hRow + i, scratch);
        for (; i < size; i += 4) simpleLanes<f32>(zRow + i, products1 + i, hRow + i, scratch);
      }
    }
  }
}

@inline
function lstmLanes<T>(
  p: RecurrentProblem, z: usize, products: usize, size: usize, c1: usize, c: usize, h: usize, table: usize,
): void {
  const i = gate(f32x4.add(loadLanes<T>(z), loadLanes<T>(products)), p.hard, table);
  const f = gate(f32x4.add(loadLanes<T>(z + size), loadLanes<T>(products + size)), p.hard, table);
  const g = tanh(f32x4.add(loadLanes<T>(z + 2 * size), loadLanes<T>(products + 2 * size)), table);
  const o = gate(f32x4.add(loadLanes<T>(z + 3 * size), loadLanes<T>(products + 3 * size)), p.hard, table);
  storeLanes<T>(z, i);
  storeLanes<T>(z + size, f);
  storeLanes<T>(z + 2 * size, g);
  storeLanes<T>(z + 3 * size, o);
  const carried = flush(mix(f, loadLanes<T>(c1), i, g));
  storeLanes<T>(c, carried);
  storeLanes<T>(h, times(o, tanh(carried, table)));
}

/** The gates u and r of a row, and r h'. */
function dampenRow(p: RecurrentProblem, out: usize, z: usize, products: usize, h1: usize, table: usize): void {
  const size = <usize>p.units << 2;
  let i: usize = 0;
  for (; i + 16 <= size; i += 16) dampenLanes<v128>(p, out + i, z + i, products + i, size, h1 + i, table);
  for (; i < size; i += 4) dampenLanes<f32>(p, out + i, z + i, products + i, size, h1 + i, table);
}

@inline
function dampenLanes<T>(
  p: RecurrentProblem, out: usize, z: usize, products: usize, size: usize, h1: usize, table: usize,
): void {
  const u = gate(f32x4.add(loadLanes<T>(z), loadLanes<T>(products)), p.hard, table);
  const r = gate(f32x4.add(loadLanes<T>(z + size), loadLanes<T>(products + size)), p.hard, table);
  storeLanes<T>(z, u);
  storeLanes<T>(z + size, r);
  storeLanes<T>(out, times(r, flush(loadLanes<T>(h1))));
}

@inline
function gruLanes<T>(z: usize, last: usize, size: usize, h1: usize, h: usize, table: usize): void {
  const u = loadLanes<T>(z);
  const n = tanh(f32x4.add(loadLanes<T>(z + 2 * size), loadLanes<T>(last)), table);
  storeLanes<T>(z + 2 * size, n);
  storeLanes<T>(h, flush(mix(u, loadLanes<T>(h1), f32x4.sub(f32x4.splat(1), u), n)));
}

@inline
function simpleLanes<T>(z: usize, products: usize, h: usize, table: usize): void {
  const value = tanh(f32x4.add(loadLanes<T>(z), loadLanes<T>(products)), table);
  storeLanes<T>(h, value);
}
