// Attention-SH: keys and values averaged over windows of positions, and their gradients spread back.

import { copyRow, zeroRow } from '../simd/copy';
import { loadLanes, storeLanes } from '../simd/lanes';
import { normalFour } from '../simd/powers';
import { flush, flushRow, times } from '../simd/subnormal';
import { promoteHigh } from '../simd/vector';
import { entry } from './problem';

/**
 * out[j] = mean of rows j r .. min((j + 1) r, length) - 1 of x, each divided by its true count; rows of `width` floats,
 * followed by zeros up to `outStep`. Steps are distances from row to row, in bytes.
 */
export function poolRows(
  out: usize, outStep: usize, x: usize, step: usize, length: i32, scale: i32, width: i32,
): void {
  const size = <usize>width << 2;
  const whole = size & ~15;
  for (let i = 0; i < length; i += scale, out += outStep) {
    const count = min(scale, length - i);
    zeroRow(out + size, outStep - size);
    if (count == 1) flushRow(out, x, size);
    else {
      let e: usize = 0;
      for (; e < whole; e += 16) averageLanes<v128>(out + e, x + e, step, count);
      for (; e < size; e += 4) averageLanes<f32>(out + e, x + e, step, count);
    }
    x += <usize>count * step;
  }
}

/** out = mean of `count` numbers in each lane, `step` bytes apart: in float64, where it is not subnormal on the way. */
@inline
function averageLanes<T>(out: usize, x: usize, step: usize, count: i32): void {
  let low = f64x2.splat(0), high = f64x2.splat(0);
  for (let j = 0; j < count; j++, x += step) {
    const numbers = flush(loadLanes<T>(x));
    low = f64x2.add(low, f64x2.promote_low_f32x4(numbers));
    if (isVector<T>()) high = f64x2.add(high, promoteHigh(numbers));
  }
  const share = f64x2.splat(1 / <f64>count);
  storeLanes<T>(out, normalFour(f64x2.mul(low, share), f64x2.mul(high, share)));
}

/**
 * The gradient of `poolRows`: each position of window j gets row j of `pooled` divided by the window's count; positions
 * from `length` to `positions` get 0. Also for scale 1.
 */
export function spreadRows(
  out: usize, step: usize, pooled: usize, pooledStep: usize, length: i32, scale: i32, width: i32, positions: i32,
): void {
  const size = <usize>width << 2;
  const whole = size & ~15;
  for (let i = 0; i < length; i += scale, pooled += pooledStep) {
    const count = min(scale, length - i);
    const share = f32x4.splat(<f32>1 / <f32>count);
    for (let j = 0; j < count; j++, out += step) {
      let e: usize = 0;
      for (; e < whole; e += 16) spreadLanes<v128>(out + e, pooled + e, share);
      for (; e < size; e += 4) spreadLanes<f32>(out + e, pooled + e, share);
    }
  }
  for (let i = length; i < positions; i++, out += step) zeroRow(out, size);
}

@inline
function spreadLanes<T>(out: usize, x: usize, share: v128): void {
  storeLanes<T>(out, times(flush(loadLanes<T>(x)), share));
}

@unmanaged
export class PoolPositionsProblem {
  /** float32 [batch, positions, width]; for the gradient, dX. */
  x: usize;
  /** float32 [batch, outPositions, width]; for the gradient, dOut. */
  out: usize;
  /** int32 [batch] */
  lengths: usize;
  batch: i32;
  positions: i32;
  /** What is left of all positions: unpooled ones and windows. */
  outPositions: i32;
  scale: i32;
  /** Leading positions that stay as they are, at most `positions`. */
  unpooled: i32;
  width: i32;
}

export function poolPositionsTasks(p: PoolPositionsProblem): i32 {
  return p.batch;
}

/** One sample: windows of x averaged over their valid positions; rows of `out` without any are zero. */
export function poolPositions(p: PoolPositionsProblem, task: i32, _: usize): void {
  const step = <usize>p.width << 2;
  const length = entry(p.lengths, task);
  const kept = min(p.unpooled, length);
  const valid = kept + (length - kept + p.scale - 1) / p.scale;
  const x = p.x + <usize>(task * p.positions) * step;
  const out = p.out + <usize>(task * p.outPositions) * step;
  const begin = <usize>kept * step;
  copyRow(out, x, begin);
  poolRows(out + begin, step, x + begin, step, length - kept, p.scale, p.width);
  zeroRow(out + <usize>valid * step, <usize>(p.outPositions - valid) * step);
}

export function poolPositionsBackwardTasks(p: PoolPositionsProblem): i32 {
  return p.batch;
}

/** The gradient of one sample. */
export function poolPositionsBackward(p: PoolPositionsProblem, task: i32, _: usize): void {
  const step = <usize>p.width << 2;
  const length = entry(p.lengths, task);
  const kept = min(p.unpooled, length);
  const dX = p.x + <usize>(task * p.positions) * step;
  const dOut = p.out + <usize>(task * p.outPositions) * step;
  const begin = <usize>kept * step;
  copyRow(dX, dOut, begin);
  spreadRows(dX + begin, step, dOut + begin, step, length - kept, p.scale, p.width, p.positions - kept);
}
