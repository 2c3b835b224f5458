// One step of Adam's descendants over all variables of a model (I. Loshchilov, F. Hutter, "Decoupled Weight Decay
// Regularization"; L. Liu et al., "On the Variance of the Adaptive Learning Rate and Beyond").

import { loadLanes, storeLanes } from '../simd/lanes';
import { flushBelow } from '../simd/subnormal';
import { madd, nmadd } from '../simd/vector';
import { spanBegin, spanEnd, spanTasks } from '../threads/spans';

/** Bits of 2^-100: a smaller gradient or mean of gradients counts as 0, since what it is multiplied by makes it smaller. */
const LEAST_FIRST: i32 = 0x0d800000;
/** Bits of 2^-62, whose square is normal: a smaller gradient counts as 0 in the mean of squares. */
const LEAST_ROOT: i32 = 0x20800000;
/** Bits of 2^-120: a smaller mean of squares is 0. */
const LEAST_SECOND: i32 = 0x03800000;

/** One variable: addresses of float32 [count], and how it steps. New values may go where the old ones are. @shared */
@unmanaged
export class MomentSlot {
  parameter: usize;
  gradient: usize;
  /** Means of the gradient and of its square. */
  first: usize;
  second: usize;
  /** The largest mean of squares so far, which the step is divided by in place of the present one. @optional */
  most: usize;
  newParameter: usize;
  newFirst: usize;
  newSecond: usize;
  /** @optional */
  newMost: usize;
  count: i32;
  /** Gradients are multiplied by it: less than 1 where they are clipped. */
  factor: f32;
  /** What decay leaves of a variable. */
  decay: f32;
  stepSize: f32;
  epsilon: f32;
  /** 1 divides by sqrt(second) + epsilon. */
  adaptive: i32;
}

@unmanaged
export class MomentProblem {
  /** MomentSlot [count] */
  slots: usize;
  count: i32;
  /** float64, one for each task: the sums of `squaredNorm`. @optional */
  sums: usize;
  /** No gradient is larger, after its factor. */
  largest: f32;
  beta1: f32;
  /** 1 - beta1, rounded from the exact difference. */
  oneMinusBeta1: f32;
  beta2: f32;
  oneMinusBeta2: f32;
}

@inline
function nextSlot(slot: MomentSlot): MomentSlot {
  return changetype<MomentSlot>(changetype<usize>(slot) + offsetof<MomentSlot>());
}

/** Tasks are spans of the variables, one variable after the other. */
function countSpans(p: MomentProblem): i32 {
  let tasks = 0;
  let slot = changetype<MomentSlot>(p.slots);
  for (let i = 0; i < p.count; i++, slot = nextSlot(slot)) tasks += spanTasks(slot.count);
  return tasks;
}

export function squaredNormTasks(p: MomentProblem): i32 {
  return countSpans(p);
}

/** Sum of the squares of one span of the gradients, in float64: squares of float32 neither overflow nor vanish there. */
export function squaredNorm(p: MomentProblem, task: i32, _: usize): void {
  let slot = changetype<MomentSlot>(p.slots);
  let span = task;
  for (let spans: i32; span >= (spans = spanTasks(slot.count)); slot = nextSlot(slot)) span -= spans;
  const g = slot.gradient;
  const end = spanEnd(slot.count, span), whole = end & ~15;
  let low = f64x2.splat(0), high = f64x2.splat(0);
  let i = spanBegin(span);
  for (; i < whole; i += 16) {
    const x = v128.load(g + i);
    low = f64x2.add(low, lowSquares(x));
    high = f64x2.add(high, lowSquares(v128.shuffle<i32>(x, x, 2, 3, 2, 3)));
  }
  low = f64x2.add(low, high);
  let sum = f64x2.extract_lane(low, 0) + f64x2.extract_lane(low, 1);
  for (; i < end; i += 4) sum += f64x2.extract_lane(lowSquares(loadLanes<f32>(g + i)), 0);
  store<f64>(p.sums + (<usize>task << 3), sum);
}

/** The squares of the numbers in lanes 0 and 1. */
@inline
function lowSquares(x: v128): v128 {
  const wide = f64x2.promote_low_f32x4(x);
  return f64x2.mul(wide, wide);
}

export function momentStepTasks(p: MomentProblem): i32 {
  return countSpans(p);
}

/**
 * One span of: g = factor gradient, from -largest to largest, first = beta1 first + oneMinusBeta1 g,
 * second = beta2 second + oneMinusBeta2 g^2, parameter = decay parameter - stepSize first / (sqrt(second) + epsilon).
 * Means end as 0, not as subnormal numbers, where there are no gradients any more.
 */
export function momentStep(p: MomentProblem, task: i32, _: usize): void {
  let slot = changetype<MomentSlot>(p.slots);
  let span = task;
  for (let spans: i32; span >= (spans = spanTasks(slot.count)); slot = nextSlot(slot)) span -= spans;
  const end = spanEnd(slot.count, span), whole = end & ~15;
  let i = spanBegin(span);
  for (; i < whole; i += 16) stepLanes<v128>(p, slot, i);
  for (; i < end; i += 4) stepLanes<f32>(p, slot, i);
}

@inline
function stepLanes<T>(p: MomentProblem, slot: MomentSlot, i: usize): void {
  const scaled = f32x4.mul(flushBelow(loadLanes<T>(slot.gradient + i), LEAST_FIRST), f32x4.splat(slot.factor));
  const g = f32x4.pmin(f32x4.pmax(scaled, f32x4.splat(-p.largest)), f32x4.splat(p.largest));
  const root = flushBelow(g, LEAST_ROOT);
  const oldFirst = f32x4.mul(loadLanes<T>(slot.first + i), f32x4.splat(p.beta1));
  const oldSecond = f32x4.mul(loadLanes<T>(slot.second + i), f32x4.splat(p.beta2));
  const kept = f32x4.mul(loadLanes<T>(slot.parameter + i), f32x4.splat(slot.decay));
  const first = flushBelow(madd(g, f32x4.splat(p.oneMinusBeta1), oldFirst), LEAST_FIRST);
  const second = flushBelow(madd(f32x4.mul(root, root), f32x4.splat(p.oneMinusBeta2), oldSecond), LEAST_SECOND);
  let squares = second;
  if (slot.most) {
    squares = f32x4.pmax(loadLanes<T>(slot.most + i), second);
    storeLanes<T>(slot.newMost + i, squares);
  }
  const direction = slot.adaptive ? f32x4.div(first, f32x4.add(f32x4.sqrt(squares), f32x4.splat(slot.epsilon))) : first;
  storeLanes<T>(slot.newFirst + i, first);
  storeLanes<T>(slot.newSecond + i, second);
  storeLanes<T>(slot.newParameter + i, nmadd(direction, f32x4.splat(slot.stepSize), kept));
}
