// One step of Adam's descendants over all variables of a model (I. Loshchilov, F. Hutter, "Decoupled Weight Decay
// Regularization"; L. Liu et al., "On the Variance of the Adaptive Learning Rate and Beyond").

import { madd, nmadd } from '../simd/vector';
import { spanBegin, spanEnd, spanTasks } from '../threads/spans';

/** One variable: addresses of float32 [count]. New values may go where the old ones are. @shared */
@unmanaged
export class MomentSlot {
  parameter: usize;
  gradient: usize;
  /** Means of the gradient and of its square. */
  first: usize;
  second: usize;
  newParameter: usize;
  newFirst: usize;
  newSecond: usize;
  count: i32;
}

@unmanaged
export class MomentProblem {
  /** MomentSlot [count] */
  slots: usize;
  count: i32;
  /** float64, one for each task: the sums of `squaredNorm`. @optional */
  sums: usize;
  /** Gradients are multiplied by it: less than 1 where they are clipped. */
  factor: f32;
  beta1: f32;
  /** 1 - beta1, rounded from the exact difference. */
  oneMinusBeta1: f32;
  beta2: f32;
  oneMinusBeta2: f32;
  /** What decay leaves of a variable. */
  decay: f32;
  stepSize: f32;
  epsilon: f32;
  /** 1 divides by sqrt(second) + epsilon. */
  adaptive: i32;
}

@inline
function slotBehind(slot: MomentSlot): MomentSlot {
  return changetype<MomentSlot>(changetype<usize>(slot) + offsetof<MomentSlot>());
}

/** Tasks are spans of the variables, one variable after the other. */
function countSpans(p: MomentProblem): i32 {
  let tasks = 0;
  let slot = changetype<MomentSlot>(p.slots);
  for (let i = 0; i < p.count; i++, slot = slotBehind(slot)) tasks += spanTasks(slot.count);
  return tasks;
}

export function squaredNormTasks(p: MomentProblem): i32 {
  return countSpans(p);
}

/** Sum of the squares of one span of the gradients, in float64: squares of float32 neither overflow nor vanish there. */
export function squaredNorm(p: MomentProblem, task: i32, _: usize): void {
  let slot = changetype<MomentSlot>(p.slots);
  let span = task;
  for (let spans: i32; span >= (spans = spanTasks(slot.count)); slot = slotBehind(slot)) span -= spans;
  const g = slot.gradient;
  const end = spanEnd(slot.count, span), whole = end & ~15;
  let low = f64x2.splat(0), high = f64x2.splat(0);
  let i = spanBegin(span);
  for (; i < whole; i += 16) {
    const x = v128.load(g + i);
    const a = f64x2.promote_low_f32x4(x), b = f64x2.promote_low_f32x4(v128.shuffle<i32>(x, x, 2, 3, 2, 3));
    low = f64x2.add(low, f64x2.mul(a, a));
    high = f64x2.add(high, f64x2.mul(b, b));
  }
  low = f64x2.add(low, high);
  let sum = f64x2.extract_lane(low, 0) + f64x2.extract_lane(low, 1);
  for (; i < end; i += 4) {
    const x = <f64>load<f32>(g + i);
    sum += x * x;
  }
  store<f64>(p.sums + (<usize>task << 3), sum);
}

export function momentStepTasks(p: MomentProblem): i32 {
  return countSpans(p);
}

/**
 * One span of: g = factor gradient, first = beta1 first + oneMinusBeta1 g, second = beta2 second + oneMinusBeta2 g^2,
 * parameter = decay parameter - stepSize first / (sqrt(second) + epsilon).
 */
export function momentStep(p: MomentProblem, task: i32, _: usize): void {
  let slot = changetype<MomentSlot>(p.slots);
  let span = task;
  for (let spans: i32; span >= (spans = spanTasks(slot.count)); slot = slotBehind(slot)) span -= spans;
  const end = spanEnd(slot.count, span), whole = end & ~15;
  let i = spanBegin(span);
  for (; i < whole; i += 16) {
    const first = firstMoment(p, v128.load(slot.gradient + i), v128.load(slot.first + i));
    const second = secondMoment(p, v128.load(slot.gradient + i), v128.load(slot.second + i));
    const parameter = v128.load(slot.parameter + i);
    v128.store(slot.newFirst + i, first);
    v128.store(slot.newSecond + i, second);
    v128.store(slot.newParameter + i, moved(p, parameter, first, second));
  }
  for (; i < end; i += 4) {
    const gradient = v128.load32_splat(slot.gradient + i);
    const first = firstMoment(p, gradient, v128.load32_splat(slot.first + i));
    const second = secondMoment(p, gradient, v128.load32_splat(slot.second + i));
    const parameter = moved(p, v128.load32_splat(slot.parameter + i), first, second);
    store<f32>(slot.newFirst + i, f32x4.extract_lane(first, 0));
    store<f32>(slot.newSecond + i, f32x4.extract_lane(second, 0));
    store<f32>(slot.newParameter + i, f32x4.extract_lane(parameter, 0));
  }
}

@inline
function firstMoment(p: MomentProblem, gradient: v128, first: v128): v128 {
  const g = f32x4.mul(gradient, f32x4.splat(p.factor));
  return madd(g, f32x4.splat(p.oneMinusBeta1), f32x4.mul(first, f32x4.splat(p.beta1)));
}

@inline
function secondMoment(p: MomentProblem, gradient: v128, second: v128): v128 {
  const g = f32x4.mul(gradient, f32x4.splat(p.factor));
  return madd(f32x4.mul(g, g), f32x4.splat(p.oneMinusBeta2), f32x4.mul(second, f32x4.splat(p.beta2)));
}

@inline
function moved(p: MomentProblem, parameter: v128, first: v128, second: v128): v128 {
  const direction = p.adaptive ? f32x4.div(first, f32x4.add(f32x4.sqrt(second), f32x4.splat(p.epsilon))) : first;
  return nmadd(direction, f32x4.splat(p.stepSize), f32x4.mul(parameter, f32x4.splat(p.decay)));
}
