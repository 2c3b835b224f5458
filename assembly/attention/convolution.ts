// Attention-Conv1D and -Conv2D: a depthwise cross-correlation over positions, zeros outside, output as large as the input.
//
//   y[r, c, d] = sum_{a, b} kernel[g, d, a, b] x[r + a - (A - 1) / 2, c + b - (B - 1) / 2, d]
//
// Positions lie on a grid of rows and columns, row by row; a series is a grid of one row. Features are the lanes.

import { isZeroRow, zeroRow } from '../simd/copy';
import { loadLanes, storeLanes } from '../simd/lanes';
import { addProduct, moveToDoubles, roundDoubles, SUM_ROWS } from '../simd/rows';
import { flush } from '../simd/subnormal';
import { STRIP_BYTES, stripBegin, stripSize, stripTasks } from '../threads/strips';
import { entry } from './problem';
import { paddedStep } from './tiles';

@unmanaged
export class DepthwiseConvolutionProblem {
  /** float32 [batch, heads, rows columns, depth] */
  x: usize;
  /** @optional */
  y: usize;
  /** float32 [groups, depth, kernelRows, kernelColumns]; head h has that of group h / (heads / groups). */
  kernel: usize;
  /** Gradients; not used by the forward pass. @optional */
  dX: usize;
  /** @optional */
  dY: usize;
  /** @optional */
  dKernel: usize;
  /** int32 [batch]: positions from there on count as 0 and give 0. */
  lengths: usize;
  batch: i32;
  heads: i32;
  groups: i32;
  rows: i32;
  columns: i32;
  headWidth: i32;
  kernelRows: i32;
  kernelColumns: i32;
}

@inline
function countTaps(p: DepthwiseConvolutionProblem): i32 {
  return p.kernelRows * p.kernelColumns;
}

/** Byte of the first position of head h, sample b. */
@inline
function headOffset(p: DepthwiseConvolutionProblem, b: i32, h: i32): usize {
  return (<usize>(b * p.heads + h) * <usize>(p.rows * p.columns) * <usize>p.headWidth) << 2;
}

/** kernel [depth][taps] -> out [tap][depth], `step` bytes from tap to tap. */
function readTaps(out: usize, step: usize, kernel: usize, depth: i32, taps: i32): void {
  for (let d = 0; d < depth; d++) {
    for (let t = 0; t < taps; t++, kernel += 4) {
      storeLanes<f32>(out + <usize>t * step + (<usize>d << 2), flush(loadLanes<f32>(kernel)));
    }
  }
}

/** The sums in float64, src [tap][depth], -> kernel [depth][taps]. */
function writeTaps(kernel: usize, src: usize, step: usize, depth: i32, taps: i32): void {
  for (let d = 0; d < depth; d++) {
    for (let t = 0; t < taps; t++, kernel += 4) roundDoubles(kernel, src + <usize>t * step + (<usize>d << 3), 4);
  }
}

/** A head of a sample. */
export function depthwiseConvolutionTasks(p: DepthwiseConvolutionProblem): i32 {
  return p.batch * p.heads;
}

/** The head's kernel. */
export function depthwiseConvolutionScratch(p: DepthwiseConvolutionProblem): usize {
  return <usize>countTaps(p) * paddedStep(p.headWidth);
}

export function depthwiseConvolution(p: DepthwiseConvolutionProblem, task: i32, scratch: usize): void {
  const b = task / p.heads, h = task % p.heads;
  const size = <usize>p.headWidth << 2, step = paddedStep(p.headWidth);
  const taps = countTaps(p);
  const top = (p.kernelRows - 1) >> 1, left = (p.kernelColumns - 1) >> 1;
  const group = h / (p.heads / p.groups);
  readTaps(scratch, step, p.kernel + ((<usize>group * <usize>(p.headWidth * taps)) << 2), p.headWidth, taps);
  const from = p.x + headOffset(p, b, h);
  const length = entry(p.lengths, b);
  let out = p.y + headOffset(p, b, h);
  for (let r = 0; r < p.rows; r++) {
    for (let c = 0; c < p.columns; c++, out += size) {
      zeroRow(out, size);
      if (r * p.columns + c >= length) continue;
      for (let i = max(0, r - top); i < min(p.rows, r - top + p.kernelRows); i++) {
        for (let j = max(0, c - left); j < min(p.columns, c - left + p.kernelColumns); j++) {
          const position = i * p.columns + j;
          if (position >= length) break;
          const tap = (i - r + top) * p.kernelColumns + (j - c + left);
          addProduct(out, scratch + <usize>tap * step, from + <usize>position * size, size);
        }
      }
    }
  }
}

/** A strip of features of a group: all samples and heads that share this part of the kernel. */
export function depthwiseConvolutionBackwardTasks(p: DepthwiseConvolutionProblem): i32 {
  return p.groups * stripTasks(p.headWidth);
}

/** The strip of the kernel, a part of its gradient, and all of that in float64. */
export function depthwiseConvolutionBackwardScratch(p: DepthwiseConvolutionProblem): usize {
  return 4 * <usize>countTaps(p) * STRIP_BYTES;
}

/** One strip of dX and dKernel. */
export function depthwiseConvolutionBackward(p: DepthwiseConvolutionProblem, task: i32, scratch: usize): void {
  const group = task / stripTasks(p.headWidth), strip = task % stripTasks(p.headWidth);
  const begin = stripBegin(strip), size = stripSize(p.headWidth, strip);
  const width = <i32>(size >> 2), taps = countTaps(p);
  const own = <usize>(group * p.headWidth * taps) * 4 + begin * <usize>taps;
  const bytes = <usize>taps * STRIP_BYTES;
  const part = scratch + bytes, sum = part + bytes;
  readTaps(scratch, STRIP_BYTES, p.kernel + own, width, taps);
  zeroRow(part, 3 * bytes);
  const shared = p.heads / p.groups;
  for (let h = group * shared; h < (group + 1) * shared; h++) {
    for (let b = 0; b < p.batch; b++) {
      differentiateHead(p, headOffset(p, b, h) + begin, size, entry(p.lengths, b), scratch, part, sum);
    }
  }
  writeTaps(p.dKernel + own, sum, 2 * STRIP_BYTES, width, taps);
}

/** One strip of dX of one head of one sample, at `offset`; its part of dKernel joins `sum`, by parts in dTaps, which is 0. */
function differentiateHead(
  p: DepthwiseConvolutionProblem, offset: usize, size: usize, length: i32, kernel: usize, dTaps: usize, sum: usize,
): void {
  const step = <usize>p.headWidth << 2;
  const top = (p.kernelRows - 1) >> 1, left = (p.kernelColumns - 1) >> 1;
  const dX = p.dX + offset, x = p.x + offset;
  for (let position = 0; position < p.rows * p.columns; position++) zeroRow(dX + <usize>position * step, size);
  let gradient = p.dY + offset;
  let added = 0;
  const bytes = <usize>countTaps(p) * STRIP_BYTES;
  for (let r = 0; r < p.rows; r++) {
    for (let c = 0; c < p.columns; c++, gradient += step) {
      // What is not seen has no gradient, and what it was made of no part in that of the kernel, whatever it holds.
      if (r * p.columns + c >= length || isZeroRow(gradient, size)) continue;
      for (let i = max(0, r - top); i < min(p.rows, r - top + p.kernelRows); i++) {
        for (let j = max(0, c - left); j < min(p.columns, c - left + p.kernelColumns); j++) {
          const position = i * p.columns + j;
          if (position >= length) break;
          const tap = <usize>((i - r + top) * p.kernelColumns + (j - c + left)) * STRIP_BYTES;
          const at = <usize>position * step;
          addProduct(dX + at, kernel + tap, gradient, size);
          addProduct(dTaps + tap, x + at, gradient, size);
        }
      }
      if (++added % SUM_ROWS == 0) moveToDoubles(sum, dTaps, bytes);
    }
  }
  moveToDoubles(sum, dTaps, bytes);
}
