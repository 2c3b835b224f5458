// GELU and its derivative, element by element.
//
//   gelu(x) = x Phi(x),   Phi the normal distribution function:   gelu'(x) = Phi(x) + x phi(x)
//
// The upper tail Q(a) = 1 - Phi(a), a = |x|, is e^(-a^2 / 2) times a smooth function, so that its relative error is small
// however small it is. From a = 12.65 on, where it is 6e-37, it is 0: e^-80 is. Then
// gelu(x) = max(x, 0) - a Q(a).

import { exp, EXP2_TABLE_BYTES, writeExp2Table } from '../simd/exp2';
import { loadLanes, storeLanes } from '../simd/lanes';
import { flush, flushBelow, NORMAL_HALF, times } from '../simd/subnormal';
import { tanh } from '../simd/tanh';
import { madd } from '../simd/vector';
import { spanBegin, spanEnd, spanTasks } from '../threads/spans';

/** t = 1 / (1 + P a) maps [0, 14] to [0.21, 1], where Q e^(a^2 / 2) is a polynomial. */
const P: f32 = 0.27;

// Q(a) e^(a^2 / 2) = t (Q1 + t (Q2 + ...)), minimax in the relative error (2.4e-8) for a in [0, 14].
const Q1: f32 = 0.10772018134593964;
const Q2: f32 = 0.10755050927400589;
const Q3: f32 = 0.1017591580748558;
const Q4: f32 = 0.07224030792713165;
const Q5: f32 = 0.10739939659833908;
const Q6: f32 = -0.06862093508243561;
const Q7: f32 = 0.16929137706756592;
const Q8: f32 = -0.12625524401664734;
const Q9: f32 = 0.028915271162986755;

/** Beyond the end of the tail. */
const END: f32 = 12.7;
/** 2^-30: a smaller x changes neither Q nor its gradient, and its powers might be subnormal. */
const TINY: f32 = 9.313225746154785e-10;
/** 1 / sqrt(2 pi) */
const DENSITY: f32 = 0.3989422804014327;

// The tanh form: gelu(x) = x / 2 (1 + tanh(A (x + B x^3))), A = sqrt(2 / pi).
const A: f32 = 0.7978845608028654;
const B: f32 = 0.044715;

/** a, TINY at least; NaN stays NaN. */
@inline
function limit(a: v128): v128 {
  return f32x4.pmax(a, f32x4.splat(TINY));
}

/** e^(-a^2 / 2), a within the limits. */
@inline
function bell(a: v128, table: usize): v128 {
  return exp(f32x4.mul(f32x4.mul(a, a), f32x4.splat(-0.5)), table);
}

/** Q(a), a within the limits, from e^(-a^2 / 2). */
@inline
function upperTail(a: v128, bell: v128): v128 {
  const t = f32x4.div(f32x4.splat(1), madd(a, f32x4.splat(P), f32x4.splat(1)));
  let q = madd(f32x4.splat(Q9), t, f32x4.splat(Q8));
  q = madd(q, t, f32x4.splat(Q7));
  q = madd(q, t, f32x4.splat(Q6));
  q = madd(q, t, f32x4.splat(Q5));
  q = madd(q, t, f32x4.splat(Q4));
  q = madd(q, t, f32x4.splat(Q3));
  q = madd(q, t, f32x4.splat(Q2));
  q = madd(q, t, f32x4.splat(Q1));
  return f32x4.mul(f32x4.mul(q, t), bell);
}

/** gelu of four numbers, 0 or at least 2^-125 in size; `table` is that of `writeExp2Table`. */
@inline
export function geluLanes(x: v128, table: usize): v128 {
  // No larger than END, beyond which the tail is 0: Infinity times 0 is NaN.
  const size = f32x4.pmin(f32x4.abs(x), f32x4.splat(END)), a = limit(size);
  return f32x4.sub(f32x4.pmax(x, f32x4.splat(0)), f32x4.mul(size, upperTail(a, bell(a, table))));
}

@inline
function geluSlope(x: v128, table: usize): v128 {
  const a = limit(f32x4.pmin(f32x4.abs(x), f32x4.splat(END))), density = bell(a, table);
  const tail = upperTail(a, density);
  const isBelow = f32x4.lt(x, f32x4.splat(0));
  const share = v128.bitselect(tail, f32x4.sub(f32x4.splat(1), tail), isBelow);
  // x phi(x), with the sign of x.
  const bend = f32x4.mul(f32x4.mul(a, f32x4.splat(DENSITY)), density);
  return f32x4.add(v128.bitselect(f32x4.neg(bend), bend, isBelow), share);
}

/** x within the limits of the tanh form: 0 below TINY, and 20 at most; NaN stays NaN. */
@inline
function limitTanh(x: v128): v128 {
  const limited = f32x4.pmax(f32x4.pmin(x, f32x4.splat(20)), f32x4.splat(-20));
  return v128.andnot(limited, f32x4.lt(f32x4.abs(x), f32x4.splat(TINY)));
}

/** tanh(A (x + B x^3)), x within the limits. */
@inline
function innerTanh(x: v128, table: usize): v128 {
  const cube = f32x4.mul(f32x4.mul(x, x), x);
  return tanh(f32x4.mul(f32x4.splat(A), madd(cube, f32x4.splat(B), x)), table);
}

/** Its tanh form. */
@inline
export function geluTanhLanes(x: v128, table: usize): v128 {
  // From -20 down, where the tanh is -1, as at -20: -Infinity and Infinity have no sum.
  const half = f32x4.mul(f32x4.pmax(x, f32x4.splat(-20)), f32x4.splat(0.5));
  return madd(half, innerTanh(limitTanh(x), table), half);
}

@inline
function geluTanhSlope(x: v128, table: usize): v128 {
  const half = f32x4.splat(0.5), one = f32x4.splat(1);
  x = limitTanh(x);
  const t = innerTanh(x, table);
  const inner = f32x4.mul(f32x4.splat(A), madd(f32x4.mul(x, x), f32x4.splat(3 * B), one));
  const bend = f32x4.mul(f32x4.mul(x, f32x4.sub(one, f32x4.mul(t, t))), inner);
  return f32x4.mul(half, f32x4.add(f32x4.add(one, t), bend));
}

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
  return EXP2_TABLE_BYTES;
}

/** y = gelu(x) */
export function gelu(p: GeluProblem, task: i32, table: usize): void {
  writeExp2Table(table);
  const y = p.out, x = p.x;
  const end = spanEnd(p.count, task), whole = end & ~15;
  let i = spanBegin(task);
  if (p.approximate) {
    for (; i < whole; i += 16) storeLanes<v128>(y + i, geluTanhLanes(flushBelow(loadLanes<v128>(x + i), NORMAL_HALF), table));
    for (; i < end; i += 4) storeLanes<f32>(y + i, geluTanhLanes(flushBelow(loadLanes<f32>(x + i), NORMAL_HALF), table));
  } else {
    for (; i < whole; i += 16) storeLanes<v128>(y + i, geluLanes(flushBelow(loadLanes<v128>(x + i), NORMAL_HALF), table));
    for (; i < end; i += 4) storeLanes<f32>(y + i, geluLanes(flushBelow(loadLanes<f32>(x + i), NORMAL_HALF), table));
  }
}

export function geluBackwardTasks(p: GeluProblem): i32 {
  return spanTasks(p.count);
}

export function geluBackwardScratch(_: GeluProblem): usize {
  return EXP2_TABLE_BYTES;
}

/** dX = dY gelu'(x) */
export function geluBackward(p: GeluProblem, task: i32, table: usize): void {
  writeExp2Table(table);
  const dX = p.out, x = p.x, dY = p.dY;
  const end = spanEnd(p.count, task), whole = end & ~15;
  let i = spanBegin(task);
  if (p.approximate) {
    for (; i < whole; i += 16) differentiateTanhLanes<v128>(dX + i, dY + i, x + i, table);
    for (; i < end; i += 4) differentiateTanhLanes<f32>(dX + i, dY + i, x + i, table);
  } else {
    for (; i < whole; i += 16) differentiateLanes<v128>(dX + i, dY + i, x + i, table);
    for (; i < end; i += 4) differentiateLanes<f32>(dX + i, dY + i, x + i, table);
  }
}

@inline
function differentiateLanes<T>(dX: usize, dY: usize, x: usize, table: usize): void {
  storeLanes<T>(dX, times(flush(loadLanes<T>(dY)), geluSlope(flushBelow(loadLanes<T>(x), NORMAL_HALF), table)));
}

@inline
function differentiateTanhLanes<T>(dX: usize, dY: usize, x: usize, table: usize): void {
  storeLanes<T>(dX, times(flush(loadLanes<T>(dY)), geluTanhSlope(flushBelow(loadLanes<T>(x), NORMAL_HALF), table)));
}
