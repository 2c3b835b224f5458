// GELU and its gradient, element by element.

import { Activation, activateRow } from '../gemm/activation';
import { geluSlope, geluTanhSlope } from '../simd/gelu';
import { loadLanes, storeLanes } from '../simd/lanes';
import { flush, flushBelow, NORMAL_HALF, times } from '../simd/subnormal';
import { TABLE_BYTES, writeTable } from '../simd/table';
import { spanBegin, spanEnd, spanTasks } from '../threads/spans';

/** y = gelu(x), or dX = dY gelu'(x). */
@unmanaged
export class GeluProblem {
  x: usize;
  /** Not used by the forward pass. @optional */
  dY: usize;
  /** y, or dX. */
  out: usize;
  count: i32;
  /** 1 takes the tanh form. */
  approximate: i32;
}

export function geluTasks(p: GeluProblem): i32 {
  return spanTasks(p.count);
}

export function geluScratch(_: GeluProblem): usize {
  return TABLE_BYTES;
}

/** y = gelu(x) */
export function gelu(p: GeluProblem, task: i32, table: usize): void {
  writeTable(table);
  const begin = spanBegin(task), size = spanEnd(p.count, task) - begin;
  activateRow(p.approximate ? Activation.GELU_TANH : Activation.GELU, p.out + begin, p.x + begin, size, 0, 0, table);
}

export function geluBackwardTasks(p: GeluProblem): i32 {
  return spanTasks(p.count);
}

export function geluBackwardScratch(_: GeluProblem): usize {
  return TABLE_BYTES;
}

/** dX = dY gelu'(x) */
export function geluBackward(p: GeluProblem, task: i32, table: usize): void {
  writeTable(table);
  const begin = spanBegin(task), size = spanEnd(p.count, task) - begin;
  const dX = p.out + begin, x = p.x + begin, dY = p.dY + begin;
  if (p.approximate) differentiateTanh(dX, dY, x, size, table);
  else differentiateExact(dX, dY, x, size, table);
}

function differentiateExact(dX: usize, dY: usize, x: usize, size: usize, table: usize): void {
  differentiate(dX, dY, x, size, false, table);
}

function differentiateTanh(dX: usize, dY: usize, x: usize, size: usize, table: usize): void {
  differentiate(dX, dY, x, size, true, table);
}

@inline
function differentiate(dX: usize, dY: usize, x: usize, size: usize, approximate: bool, table: usize): void {
  let i: usize = 0;
  for (; i + 32 <= size; i += 32) {
    const first = gradient(v128.load(dY + i), v128.load(x + i), approximate, table);
    const second = gradient(v128.load(dY + i, 16), v128.load(x + i, 16), approximate, table);
    v128.store(dX + i, first);
    v128.store(dX + i, second, 16);
  }
  for (; i < size; i += 4) storeLanes<f32>(dX + i, gradient(loadLanes<f32>(dY + i), loadLanes<f32>(x + i), approximate, table));
}

@inline
function gradient(dY: v128, x: v128, approximate: bool, table: usize): v128 {
  const normal = flushBelow(x, NORMAL_HALF);
  return times(flush(dY), approximate ? geluTanhSlope(normal, table) : geluSlope(normal, table));
}
