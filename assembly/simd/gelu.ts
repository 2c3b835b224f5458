// GELU and its derivative.
//
//   gelu(x) = x Phi(x),   Phi the normal distribution function:   gelu'(x) = Phi(x) + x phi(x)
//
// The upper tail Q(a) = 1 - Phi(a), a = |x|, is e^(-a^2 / 2) times a smooth function, so that its relative error is small
// however small it is. From a = 12.65 on, where it is 6e-37, it is 0: e^-80 is. Then
// gelu(x) = max(x, 0) - a Q(a).

import { AT_ONE, exp } from './exp2';
import { tanh, TANH_END } from './tanh';
import { madd } from './vector';

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
/** From here on, the tanh is 1. */
const LARGEST: f32 = 20;

// Where the table holds them.
const AT_P: usize = TANH_END;
const AT_Q1: usize = TANH_END + 4;
const AT_Q2: usize = TANH_END + 8;
const AT_Q3: usize = TANH_END + 12;
const AT_Q4: usize = TANH_END + 16;
const AT_Q5: usize = TANH_END + 20;
const AT_Q6: usize = TANH_END + 24;
const AT_Q7: usize = TANH_END + 28;
const AT_Q8: usize = TANH_END + 32;
const AT_Q9: usize = TANH_END + 36;
const AT_END: usize = TANH_END + 40;
const AT_TINY: usize = TANH_END + 44;
const AT_DENSITY: usize = TANH_END + 48;
const AT_A: usize = TANH_END + 52;
const AT_B: usize = TANH_END + 56;
const AT_THREE_B: usize = TANH_END + 60;
const AT_LARGEST: usize = TANH_END + 64;
const AT_HALF: usize = TANH_END + 68;
const AT_MINUS_HALF: usize = TANH_END + 72;
export const GELU_END: usize = TANH_END + 76;

export function writeGelu(table: usize): void {
  store<f32>(table, P, AT_P);
  store<f32>(table, Q1, AT_Q1);
  store<f32>(table, Q2, AT_Q2);
  store<f32>(table, Q3, AT_Q3);
  store<f32>(table, Q4, AT_Q4);
  store<f32>(table, Q5, AT_Q5);
  store<f32>(table, Q6, AT_Q6);
  store<f32>(table, Q7, AT_Q7);
  store<f32>(table, Q8, AT_Q8);
  store<f32>(table, Q9, AT_Q9);
  store<f32>(table, END, AT_END);
  store<f32>(table, TINY, AT_TINY);
  store<f32>(table, DENSITY, AT_DENSITY);
  store<f32>(table, A, AT_A);
  store<f32>(table, B, AT_B);
  store<f32>(table, 3 * B, AT_THREE_B);
  store<f32>(table, LARGEST, AT_LARGEST);
  store<f32>(table, 0.5, AT_HALF);
  store<f32>(table, -0.5, AT_MINUS_HALF);
}

/** a, TINY at least; NaN stays NaN. */
@inline
function limit(a: v128, table: usize): v128 {
  return f32x4.pmax(a, v128.load32_splat(table, AT_TINY));
}

/** e^(-a^2 / 2), a within the limits. */
@inline
function bell(a: v128, table: usize): v128 {
  return exp(f32x4.mul(f32x4.mul(a, a), v128.load32_splat(table, AT_MINUS_HALF)), table);
}

/** Q(a), a within the limits, from e^(-a^2 / 2). */
@inline
function upperTail(a: v128, bell: v128, table: usize): v128 {
  const one = v128.load32_splat(table, AT_ONE);
  const t = f32x4.div(one, madd(a, v128.load32_splat(table, AT_P), one));
  let q = madd(v128.load32_splat(table, AT_Q9), t, v128.load32_splat(table, AT_Q8));
  q = madd(q, t, v128.load32_splat(table, AT_Q7));
  q = madd(q, t, v128.load32_splat(table, AT_Q6));
  q = madd(q, t, v128.load32_splat(table, AT_Q5));
  q = madd(q, t, v128.load32_splat(table, AT_Q4));
  q = madd(q, t, v128.load32_splat(table, AT_Q3));
  q = madd(q, t, v128.load32_splat(table, AT_Q2));
  q = madd(q, t, v128.load32_splat(table, AT_Q1));
  return f32x4.mul(f32x4.mul(q, t), bell);
}

/** gelu of four numbers, 0 or at least 2^-125 in size; `table` is that of table.ts. */
@inline
export function geluLanes(x: v128, table: usize): v128 {
  // No larger than END, beyond which the tail is 0: Infinity times 0 is NaN.
  const size = f32x4.pmin(f32x4.abs(x), v128.load32_splat(table, AT_END)), a = limit(size, table);
  return f32x4.sub(f32x4.pmax(x, f32x4.splat(0)), f32x4.mul(size, upperTail(a, bell(a, table), table)));
}

/** gelu' of four numbers. */
@inline
export function geluSlope(x: v128, table: usize): v128 {
  const a = limit(f32x4.pmin(f32x4.abs(x), v128.load32_splat(table, AT_END)), table), density = bell(a, table);
  const tail = upperTail(a, density, table);
  const isBelow = f32x4.lt(x, f32x4.splat(0));
  const share = v128.bitselect(tail, f32x4.sub(v128.load32_splat(table, AT_ONE), tail), isBelow);
  // x phi(x), with the sign of x.
  const bend = f32x4.mul(f32x4.mul(a, v128.load32_splat(table, AT_DENSITY)), density);
  return f32x4.add(v128.bitselect(f32x4.neg(bend), bend, isBelow), share);
}

/** x within the limits of the tanh form: 0 below TINY, and 20 at most; NaN stays NaN. */
@inline
function limitTanh(x: v128, table: usize): v128 {
  const largest = v128.load32_splat(table, AT_LARGEST);
  const limited = f32x4.pmax(f32x4.pmin(x, largest), f32x4.neg(largest));
  return v128.andnot(limited, f32x4.lt(f32x4.abs(x), v128.load32_splat(table, AT_TINY)));
}

/** tanh(A (x + B x^3)), x within the limits. */
@inline
function innerTanh(x: v128, table: usize): v128 {
  const cube = f32x4.mul(f32x4.mul(x, x), x);
  return tanh(f32x4.mul(v128.load32_splat(table, AT_A), madd(cube, v128.load32_splat(table, AT_B), x)), table);
}

/** Its tanh form. */
@inline
export function geluTanhLanes(x: v128, table: usize): v128 {
  // From -20 down, where the tanh is -1, as at -20: -Infinity and Infinity have no sum.
  const lowest = f32x4.neg(v128.load32_splat(table, AT_LARGEST));
  const half = f32x4.mul(f32x4.pmax(x, lowest), v128.load32_splat(table, AT_HALF));
  return madd(half, innerTanh(limitTanh(x, table), table), half);
}

/** That of the tanh form. */
@inline
export function geluTanhSlope(x: v128, table: usize): v128 {
  const half = v128.load32_splat(table, AT_HALF), one = v128.load32_splat(table, AT_ONE);
  x = limitTanh(x, table);
  const t = innerTanh(x, table);
  const inner = f32x4.mul(v128.load32_splat(table, AT_A), madd(f32x4.mul(x, x), v128.load32_splat(table, AT_THREE_B), one));
  const bend = f32x4.mul(f32x4.mul(x, f32x4.sub(one, f32x4.mul(t, t))), inner);
  return f32x4.mul(half, f32x4.add(f32x4.add(one, t), bend));
}
