// Attention-Conv1D and -Conv2D: a depthwise cross-correlation over positions, zeros outside, output as large as the input.
//
//   y[r, c, d] = sum_{a, b} kernel[g, d, a, b] x[r + a - (A - 1) / 2, c + b - (B - 1) / 2, d]
//
// Positions lie on a grid of rows and columns, row by row; a series is a grid of one row. Features are the lanes.

import { zeroRow } from '../simd/copy';
import { madd } from '../simd/vector';
import { entry } from './problem';
import { paddedStep } from './tiles';

/** Scratch that both passes need: the kernel of one head as [tap][D], and its gradient. */
export function convolutionScratch(depth: i32, taps: i32): usize {
  return 2 * <usize>taps * paddedStep(depth);
}

/** kernel [D][taps] -> taps [tap][D]. */
function readTaps(out: usize, kernel: usize, depth: i32, taps: i32): void {
  const step = paddedStep(depth);
  for (let d = 0; d < depth; d++) {
    for (let t = 0; t < taps; t++, kernel += 4) {
      store<f32>(out + <usize>t * step + (<usize>d << 2), load<f32>(kernel));
    }
  }
}

/** Adds taps [tap][D] to kernel [D][taps]. */
function addTaps(kernel: usize, taps4: usize, depth: i32, taps: i32): void {
  const step = paddedStep(depth);
  for (let d = 0; d < depth; d++) {
    for (let t = 0; t < taps; t++, kernel += 4) {
      store<f32>(kernel, load<f32>(kernel) + load<f32>(taps4 + <usize>t * step + (<usize>d << 2)));
    }
  }
}

/** out += a * b, `size` bytes each. */
@inline
function addProduct(out: usize, a: usize, b: usize, size: usize): void {
  let x: usize = 0;
  for (; x + 16 <= size; x += 16) v128.store(out + x, madd(v128.load(a + x), v128.load(b + x), v128.load(out + x)));
  for (; x < size; x += 4) store<f32>(out + x, load<f32>(out + x) + load<f32>(a + x) * load<f32>(b + x));
}

/**
 * y of x [batch, heads, rows columns, depth] with kernel [groups, depth, kernelRows, kernelColumns]; head h has the kernel
 * of group h / (heads / groups). Positions from lengths[b] (int32 [batch]) on count as 0 and give 0.
 */
export function convolve(
  y: usize, x: usize, kernel: usize, lengths: usize, batch: i32, heads: i32, groups: i32, rows: i32, columns: i32,
  depth: i32, kernelRows: i32, kernelColumns: i32, scratch: usize,
): void {
  const size = <usize>depth << 2;
  const step = paddedStep(depth);
  const taps = kernelRows * kernelColumns;
  const top = (kernelRows - 1) >> 1, left = (kernelColumns - 1) >> 1;
  const headBytes = <usize>(rows * columns) * size;
  for (let h = 0; h < heads; h++) {
    readTaps(scratch, kernel + ((<usize>(h / (heads / groups)) * <usize>(depth * taps)) << 2), depth, taps);
    for (let b = 0; b < batch; b++) {
      const offset = <usize>(b * heads + h) * headBytes;
      const from = x + offset;
      const length = entry(lengths, b);
      let out = y + offset;
      for (let r = 0; r < rows; r++) {
        for (let c = 0; c < columns; c++, out += size) {
          zeroRow(out, size);
          if (r * columns + c >= length) continue;
          for (let i = max(0, r - top); i < min(rows, r - top + kernelRows); i++) {
            for (let j = max(0, c - left); j < min(columns, c - left + kernelColumns); j++) {
              const position = i * columns + j;
              if (position >= length) break;
              const tap = (i - r + top) * kernelColumns + (j - c + left);
              addProduct(out, scratch + <usize>tap * step, from + <usize>position * size, size);
            }
          }
        }
      }
    }
  }
}

/** Gradients of `convolve`: dX [as x] and dKernel [as kernel] for the gradient dY [as y]. */
export function convolveBackward(
  dX: usize, dKernel: usize, x: usize, kernel: usize, dY: usize, lengths: usize, batch: i32, heads: i32, groups: i32,
  rows: i32, columns: i32, depth: i32, kernelRows: i32, kernelColumns: i32, scratch: usize,
): void {
  const size = <usize>depth << 2;
  const step = paddedStep(depth);
  const taps = kernelRows * kernelColumns;
  const top = (kernelRows - 1) >> 1, left = (kernelColumns - 1) >> 1;
  const headBytes = <usize>(rows * columns) * size;
  const dTaps = scratch + <usize>taps * step;
  memory.fill(dX, 0, <usize>(batch * heads) * headBytes);
  memory.fill(dKernel, 0, <usize>(groups * depth * taps) << 2);
  for (let h = 0; h < heads; h++) {
    const own = (<usize>(h / (heads / groups)) * <usize>(depth * taps)) << 2;
    readTaps(scratch, kernel + own, depth, taps);
    memory.fill(dTaps, 0, <usize>taps * step);
    for (let b = 0; b < batch; b++) {
      const offset = <usize>(b * heads + h) * headBytes;
      const length = entry(lengths, b);
      let gradient = dY + offset;
      for (let r = 0; r < rows; r++) {
        for (let c = 0; c < columns; c++, gradient += size) {
          if (r * columns + c >= length) continue;
          for (let i = max(0, r - top); i < min(rows, r - top + kernelRows); i++) {
            for (let j = max(0, c - left); j < min(columns, c - left + kernelColumns); j++) {
              const position = i * columns + j;
              if (position >= length) break;
              const tap = <usize>((i - r + top) * kernelColumns + (j - c + left)) * step;
              const at = offset + <usize>position * size;
              addProduct(dX + at, scratch + tap, gradient, size);
              addProduct(dTaps + tap, x + at, gradient, size);
            }
          }
        }
      }
    }
    addTaps(dKernel + own, dTaps, depth, taps);
  }
}
