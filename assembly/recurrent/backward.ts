// Gradients of recurrent layers, from the last step to the first. See problem.ts. The gradient of R is a product over all
// steps, of `previous` (for GRU's last gate, `dampened`) and dZ.

import { copyRow, zeroRow } from '../simd/copy';
import { writeTable } from '../simd/table';
import { loadLanes, storeLanes } from '../simd/lanes';
import { flushBelow, times } from '../simd/subnormal';
import { tanh } from '../simd/tanh';
import { madd } from '../simd/vector';
import { gateDerivative, mix, tanhDerivative } from './activations';
import {
  blockBytes, Cell, CONSTANTS_BYTES, gatesOf, LEAST_GRADIENT, multiply, packTransposed, packedRowsBytes, packRows, panelsBytes,
  RecurrentProblem, recurrentTasks, rowBytes, taskBegin, taskRows, ZEROS,
} from './problem';

export function recurrentBackwardTasks(p: RecurrentProblem): i32 {
  return recurrentTasks(p);
}

/** Gates whose gradients R takes back at once: all but GRU's last. */
@inline
function plainGates(p: RecurrentProblem): i32 {
  return p.cell == Cell.GRU ? 2 : gatesOf(p);
}

// Scratch after the constants: packed rows, gradients of states and carried states, what comes back through R (for GRU
// twice), R in panels.
export function recurrentBackwardScratch(p: RecurrentProblem): usize {
  const depth = plainGates(p) * p.units;
  const rows = packedRowsBytes(depth) + 4 * blockBytes(p.units);
  return CONSTANTS_BYTES + rows + panelsBytes(p.units, depth) + panelsBytes(p.units, p.units);
}

/** Some sequences, through all steps. */
export function recurrentBackward(p: RecurrentProblem, task: i32, scratch: usize): void {
  const depth = plainGates(p) * p.units, size = <usize>p.units << 2;
  const first = taskBegin(task), rows = taskRows(p, task);
  const block = blockBytes(p.units), step = rowBytes(p.units);
  const packed = scratch + CONSTANTS_BYTES;
  const dState = packed + packedRowsBytes(depth);
  const dCarried = dState + block;
  const back = dCarried + block;
  const lastBack = back + block;
  const panels = lastBack + block;
  const lastPanels = panels + panelsBytes(p.units, depth);
  writeTable(scratch);
  zeroRow(scratch + ZEROS, 64);
  zeroRow(dState, 2 * block);
  const shift = packTransposed(panels, p, 0, depth);
  const lastShift = p.cell == Cell.GRU ? packTransposed(lastPanels, p, depth, p.units) : 0;
  const zSize = <usize>gatesOf(p) * size;
  for (let t = p.steps - 1; t >= 0; t--) {
    for (let r = 0; r < rows; r++) {
      const place = (first + r) * p.steps + t;
      const at = <usize>place * size, row = <usize>r * step;
      const dZ = p.dZ + <usize>place * zSize;
      // The state before: of the step before, or the initial one.
      const before = t ? at - size : 0, initial = <usize>(first + r) * size;
      const h1 = t ? p.h + before : p.h0 + initial;
      const c1 = t ? p.c + before : p.c0 + initial;
      addGradient(dState + row, p.dH, at, size);
      if (p.cell == Cell.LSTM) addGradient(dCarried + row, p.dC, at, size);
      copyRow(p.previous + at, h1, size);
      if (p.mask && !load<u8>(p.mask + <usize>place)) {
        zeroRow(dZ, zSize);
        continue;
      }
      const z = p.z + <usize>place * zSize;
      let i: usize = 0;
      if (p.cell == Cell.LSTM) {
        const c = p.c + at;
        for (; i + 16 <= size; i += 16) lstmLanes<v128>(p, z + i, dZ + i, size, c1 + i, c + i, dState + row + i, dCarried + row + i, scratch);
        for (; i < size; i += 4) lstmLanes<f32>(p, z + i, dZ + i, size, c1 + i, c + i, dState + row + i, dCarried + row + i, scratch);
      } else if (p.cell == Cell.GRU) {
        for (; i + 16 <= size; i += 16) updateLanes<v128>(p, z + i, dZ + i, size, h1 + i, dState + row + i);
        for (; i < size; i += 4) updateLanes<f32>(p, z + i, dZ + i, size, h1 + i, dState + row + i);
      } else {
        const h = p.h + at;
        for (; i + 16 <= size; i += 16) simpleLanes<v128>(h + i, dZ + i, dState + row + i);
        for (; i < size; i += 4) simpleLanes<f32>(h + i, dZ + i, dState + row + i);
      }
    }
    const dZ = p.dZ + <usize>(first * p.steps + t) * zSize, dZStep = <usize>p.steps * zSize;
    if (p.cell == Cell.GRU) {
      packRows(packed, dZ + 2 * size, rows, p.units, dZStep, LEAST_GRADIENT);
      multiply(lastBack, packed, lastPanels, scratch + ZEROS, rows, p.units, p.units, lastShift, LEAST_GRADIENT);
      for (let r = 0; r < rows; r++) {
        const place = (first + r) * p.steps + t;
        const h1 = p.previous + <usize>place * size;
        const row = <usize>r * step;
        const z = p.z + <usize>place * zSize + size, dR = p.dZ + <usize>place * zSize + size;
        const dampened = p.dampened + <usize>place * size;
        if (p.mask && !load<u8>(p.mask + <usize>place)) {
          zeroRow(dampened, size);
          continue;
        }
        let i: usize = 0;
        for (; i + 16 <= size; i += 16) dampenLanes<v128>(p, z + i, dR + i, h1 + i, dampened + i, lastBack + row + i, dState + row + i);
        for (; i < size; i += 4) dampenLanes<f32>(p, z + i, dR + i, h1 + i, dampened + i, lastBack + row + i, dState + row + i);
      }
    }
    packRows(packed, dZ, rows, depth, dZStep, LEAST_GRADIENT);
    multiply(back, packed, panels, scratch + ZEROS, rows, p.units, depth, shift, LEAST_GRADIENT);
    for (let r = 0; r < rows; r++) addRowTo(dState + <usize>r * step, back + <usize>r * step, size);
  }
  for (let r = 0; r < rows; r++) {
    const row = <usize>r * step, initial = <usize>(first + r) * size;
    copyRow(p.dH0 + initial, dState + row, size);
    if (p.cell == Cell.LSTM) copyRow(p.dC0 + initial, dCarried + row, size);
  }
}

/** sum += the gradient that comes from outside, if there is one. */
@inline
function addGradient(sum: usize, gradients: usize, at: usize, size: usize): void {
  if (gradients) addRowTo(sum, gradients + at, size);
}

function addRowTo(sum: usize, x: usize, size: usize): void {
  let i: usize = 0;
  for (; i + 16 <= size; i += 16) addLanes<v128>(sum + i, x + i);
  for (; i < size; i += 4) addLanes<f32>(sum + i, x + i);
}

@inline
function addLanes<T>(sum: usize, x: usize): void {
  storeLanes<T>(sum, flushBelow(f32x4.add(loadLanes<T>(sum), loadLanes<T>(x)), LEAST_GRADIENT));
}

/** From the gradients of h and c: those of the gates, and of what c' carries; R takes the rest of h' back. */
@inline
function lstmLanes<T>(
  p: RecurrentProblem, z: usize, dZ: usize, size: usize, c1: usize, c: usize, dState: usize, dCarried: usize, table: usize,
): void {
  const i = loadLanes<T>(z), f = loadLanes<T>(z + size), g = loadLanes<T>(z + 2 * size), o = loadLanes<T>(z + 3 * size);
  const dH = loadLanes<T>(dState);
  const value = tanh(loadLanes<T>(c), table);
  const dC = flushBelow(mix(times(dH, o), tanhDerivative(value), loadLanes<T>(dCarried), f32x4.splat(1)), LEAST_GRADIENT);
  const dI = times(times(dC, g), gateDerivative(i, p.hard));
  const dF = times(times(dC, loadLanes<T>(c1)), gateDerivative(f, p.hard));
  const dG = times(times(dC, i), tanhDerivative(g));
  const dO = times(times(dH, value), gateDerivative(o, p.hard));
  storeLanes<T>(dZ, flushBelow(dI, LEAST_GRADIENT));
  storeLanes<T>(dZ + size, flushBelow(dF, LEAST_GRADIENT));
  storeLanes<T>(dZ + 2 * size, flushBelow(dG, LEAST_GRADIENT));
  storeLanes<T>(dZ + 3 * size, flushBelow(dO, LEAST_GRADIENT));
  storeLanes<T>(dCarried, flushBelow(times(dC, f), LEAST_GRADIENT));
  storeLanes<T>(dState, f32x4.splat(0));
}

/** From the gradient of h: those of u and n, and what u carries to h'. */
@inline
function updateLanes<T>(p: RecurrentProblem, z: usize, dZ: usize, size: usize, h1: usize, dState: usize): void {
  const u = loadLanes<T>(z), n = loadLanes<T>(z + 2 * size);
  const dH = loadLanes<T>(dState);
  const dU = times(times(dH, f32x4.sub(loadLanes<T>(h1), n)), gateDerivative(u, p.hard));
  const dN = times(times(dH, f32x4.sub(f32x4.splat(1), u)), tanhDerivative(n));
  storeLanes<T>(dZ, flushBelow(dU, LEAST_GRADIENT));
  storeLanes<T>(dZ + 2 * size, flushBelow(dN, LEAST_GRADIENT));
  storeLanes<T>(dState, flushBelow(times(dH, u), LEAST_GRADIENT));
}

/** From the gradient of r h': that of r, and what r hands on to h'; z and dZ are r's. */
@inline
function dampenLanes<T>(
  p: RecurrentProblem, z: usize, dZ: usize, h1: usize, dampened: usize, gradient: usize, dState: usize,
): void {
  const r = loadLanes<T>(z), previous = loadLanes<T>(h1);
  const d = flushBelow(loadLanes<T>(gradient), LEAST_GRADIENT);
  storeLanes<T>(dampened, times(r, previous));
  const dR = times(times(d, previous), gateDerivative(r, p.hard));
  storeLanes<T>(dZ, flushBelow(dR, LEAST_GRADIENT));
  storeLanes<T>(dState, flushBelow(madd(d, r, loadLanes<T>(dState)), LEAST_GRADIENT));
}

@inline
function simpleLanes<T>(h: usize, dZ: usize, dState: usize): void {
  const d = times(loadLanes<T>(dState), tanhDerivative(loadLanes<T>(h)));
  storeLanes<T>(dZ, flushBelow(d, LEAST_GRADIENT));
  storeLanes<T>(dState, f32x4.splat(0));
}
