// One step of Adam's descendants over all variables of a model (I. Loshchilov, F. Hutter, "Decoupled Weight Decay
// Regularization"; L. Liu et al., "On the Variance of the Adaptive Learning Rate and Beyond").

import { loadLanes, storeLanes } from '../simd/lanes';
import { above, ONE, SMALLEST_NORMAL } from '../simd/subnormal';
import { madd, nmadd } from '../simd/vector';
import { spanBegin, spanEnd, spanTasks } from '../threads/spans';

/** Bits of 2^-100: a smaller gradient or mean of gradients counts as 0, since what it is multiplied by makes it smaller. */
const LEAST_FIRST: i32 = 0x0d800000;

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
  const subnormal = i32x4.splat(end > 0 ? SMALLEST_NORMAL - 1 : 0);
  let low = f64x2.splat(0), high = f64x2.splat(0);
  let i = spanBegin(span);
  for (; i < whole; i += 16) {
    const x = above(v128.load(g + i), subnormal);
    low = f64x2.add(low, lowSquares(x));
    high = f64x2.add(high, lowSquares(v128.shuffle<i32>(x, x, 2, 3, 2, 3)));
  }
  low = f64x2.add(low, high);
  let sum = f64x2.extract_lane(low, 0) + f64x2.extract_lane(low, 1);
  for (; i < end; i += 4) sum += f64x2.extract_lane(lowSquares(above(loadLanes<f32>(g + i), subnormal)), 0);
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
  const factor = f32x4.splat(slot.factor), largest = f32x4.splat(p.largest), least = f32x4.splat(-p.largest);
  const beta1 = f32x4.splat(p.beta1), oneMinusBeta1 = f32x4.splat(p.oneMinusBeta1);
  const beta2 = f32x4.splat(p.beta2), oneMinusBeta2 = f32x4.splat(p.oneMinusBeta2);
  const decay = f32x4.splat(slot.decay), stepSize = f32x4.splat(slot.stepSize), epsilon = f32x4.splat(slot.epsilon);
  // Bits of the largest numbers that are 0, since their products would be too small.
  const noGradient = i32x4.splat(tooSmall(slot.factor, LEAST_FIRST)), noFirst = i32x4.splat(tooSmall(p.beta1, LEAST_FIRST));
  const noRoot = i32x4.splat((SMALLEST_NORMAL + 2 * ONE - reinterpret<i32>(p.oneMinusBeta2)) >>> 1);
  const noSecond = i32x4.splat(tooSmall(p.beta2, SMALLEST_NORMAL));
  const noParameter = i32x4.splat(tooSmall(slot.decay, SMALLEST_NORMAL));
  const noStep = i32x4.splat(tooSmall(abs(slot.stepSize), SMALLEST_NORMAL));
  let i = spanBegin(span);
  for (; i < whole; i += 16) {
    stepLanes<v128>(
      slot, i, factor, largest, least, beta1, oneMinusBeta1, beta2, oneMinusBeta2, decay, stepSize, epsilon,
      noGradient, noFirst, noRoot, noSecond, noParameter, noStep,
    );
  }
  for (; i < end; i += 4) {
    stepLanes<f32>(
      slot, i, factor, largest, least, beta1, oneMinusBeta1, beta2, oneMinusBeta2, decay, stepSize, epsilon,
      noGradient, noFirst, noRoot, noSecond, noParameter, noStep,
    );
  }
}

/** Bits below which a number, or its product with a factor that is not negative, is below the number with the bits `least`. */
@inline
function tooSmall(factor: f32, least: i32): i32 {
  return least - 1 + max(0, ONE - reinterpret<i32>(factor));
}

@inline
function stepLanes<T>(
  slot: MomentSlot, i: usize, factor: v128, largest: v128, least: v128,
  beta1: v128, oneMinusBeta1: v128, beta2: v128, oneMinusBeta2: v128, decay: v128, stepSize: v128, epsilon: v128,
  noGradient: v128, noFirst: v128, noRoot: v128, noSecond: v128, noParameter: v128, noStep: v128,
): void {
  const scaled = f32x4.mul(above(loadLanes<T>(slot.gradient + i), noGradient), factor);
  const g = f32x4.pmin(f32x4.pmax(scaled, least), largest);
  const root = above(g, noRoot);
  const oldFirst = f32x4.mul(above(loadLanes<T>(slot.first + i), noFirst), beta1);
  const oldSecond = f32x4.mul(above(loadLanes<T>(slot.second + i), noSecond), beta2);
  const kept = f32x4.mul(above(loadLanes<T>(slot.parameter + i), noParameter), decay);
  const first = madd(g, oneMinusBeta1, oldFirst);
  const second = madd(f32x4.mul(root, root), oneMinusBeta2, oldSecond);
  let squares = second;
  if (slot.most) {
    // As integers: neither is negative.
    squares = i32x4.max_u(loadLanes<T>(slot.most + i), second);
    storeLanes<T>(slot.newMost + i, squares);
  }
  const direction = slot.adaptive ? f32x4.div(first, f32x4.add(f32x4.sqrt(squares), epsilon)) : first;
  storeLanes<T>(slot.newFirst + i, first);
  storeLanes<T>(slot.newSecond + i, second);
  storeLanes<T>(slot.newParameter + i, nmadd(above(direction, noStep), stepSize, kept));
}
