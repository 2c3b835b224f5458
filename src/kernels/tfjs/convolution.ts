// Convolutions of one to three dimensions, channels last, and their gradients: products of matrices over what the windows
// see. With P positions in the batch, K = taps x channels of the input, and O channels of the output:
//
//   y [P, O] = unfold(x) [P, K] filter [K, O]
//   dFilter  = unfold(x)^T dY,   dX = fold(dY filter^T)

import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Heap } from '../../runtime/heap.js';
import { runProblem } from '../../runtime/problem.js';
import { sumColumns } from '../columnSums.js';
import { runProduct } from '../product.js';
import { positionsOf, type WindowFields } from './windowFields.js';

/** Bytes that windows are written out to at once: few products, in the cache that all cores share. */
const UNFOLDED_BYTES = 1 << 23;

/** What a convolution works on. */
export interface Convolution {
  window: WindowFields;
  /** Channels of the output. */
  channels: number;
}

function sizesOf({ window, channels }: Convolution) {
  const { kernelDepth, kernelRows, kernelColumns } = window;
  const perSample = positionsOf(window);
  const terms = kernelDepth * kernelRows * kernelColumns * window.channels;
  return { perSample, positions: window.batch * perSample, terms, channels };
}

/** Whether each window is one place of the input, in their order: nothing has to be written out. */
function isPointwise({ window }: Convolution): boolean {
  const steps = [window.depthStep, window.rowStep, window.columnStep];
  const taps = [window.kernelDepth, window.kernelRows, window.kernelColumns];
  const same =
    window.depth === window.outDepth && window.rows === window.outRows && window.columns === window.outColumns;
  return same && [...steps, ...taps].every((one) => one === 1) && window.front + window.top + window.left === 0;
}

/** Parts of the positions, each of whole multiples of `multiple` positions. */
function partsOf(convolution: Convolution, multiple: number): { first: number; count: number }[] {
  const { positions, terms } = sizesOf(convolution);
  const step = multiple * Math.max(1, Math.floor(UNFOLDED_BYTES / (4 * terms * multiple)));
  const parts = Math.ceil(positions / step);
  return Array.from({ length: parts }, (_, part) => ({
    first: part * step,
    count: Math.min(step, positions - part * step),
  }));
}

/** y = filter over x. Throws OutOfMemoryError. */
export function convolve(
  heap: Heap,
  convolution: Convolution,
  { x, filter, y }: Record<'x' | 'filter' | 'y', TensorInfo>,
): void {
  const { positions, terms, channels } = sizesOf(convolution);
  const product = { b: filter, columns: channels, depth: terms };
  if (isPointwise(convolution)) {
    runProduct(heap, { ...product, a: x, c: y, rows: positions });
    return;
  }
  const parts = partsOf(convolution, 1);
  heap.withScratch(4 * terms * parts[0].count, (unfolded) => {
    for (const { first, count } of parts) {
      runProblem(heap, 'unfold', { ...convolution.window, x, unfolded, firstPosition: first, positions: count });
      runProduct(heap, { ...product, a: unfolded, c: heap.address(y) + 4 * first * channels, rows: count });
    }
  });
}

/** dFilter from x and dY. Throws OutOfMemoryError. */
export function differentiateFilter(
  heap: Heap,
  convolution: Convolution,
  { x, dY, dFilter }: Record<'x' | 'dY' | 'dFilter', TensorInfo>,
): void {
  const { positions, terms, channels } = sizesOf(convolution);
  const product = { rows: terms, columns: channels, transposeA: true };
  if (isPointwise(convolution)) {
    runProduct(heap, { ...product, a: x, b: dY, c: dFilter, depth: positions });
    return;
  }
  const parts = partsOf(convolution, 1);
  const size = terms * channels;
  const bytes = 4 * terms * parts[0].count;
  heap.withScratch(bytes + (parts.length > 1 ? 4 * parts.length * size : 0), (unfolded) => {
    const sums = unfolded + bytes;
    parts.forEach(({ first, count }, part) => {
      runProblem(heap, 'unfold', { ...convolution.window, x, unfolded, firstPosition: first, positions: count });
      const c = parts.length > 1 ? sums + 4 * part * size : dFilter;
      runProduct(heap, { ...product, a: unfolded, b: heap.address(dY) + 4 * first * channels, c, depth: count });
    });
    if (parts.length > 1) sumColumns(heap, { out: dFilter, x: sums, rows: parts.length, columns: size });
  });
}

/** dX from dY and the filter: a transposed convolution. Throws OutOfMemoryError. */
export function differentiateInput(
  heap: Heap,
  convolution: Convolution,
  { dY, filter, dX }: Record<'dY' | 'filter' | 'dX', TensorInfo>,
): void {
  const { perSample, positions, terms, channels } = sizesOf(convolution);
  const product = { b: filter, columns: terms, depth: channels, transposeB: true };
  if (isPointwise(convolution)) {
    runProduct(heap, { ...product, a: dY, c: dX, rows: positions });
    return;
  }
  const { window } = convolution;
  const inputBytes = 4 * window.depth * window.rows * window.columns * window.channels;
  const parts = partsOf(convolution, perSample);
  heap.withScratch(4 * terms * parts[0].count, (unfolded) => {
    for (const { first, count } of parts) {
      const sample = first / perSample;
      runProduct(heap, { ...product, a: heap.address(dY) + 4 * first * channels, c: unfolded, rows: count });
      const x = heap.address(dX) + sample * inputBytes;
      runProblem(heap, 'fold', { ...window, batch: count / perSample, x, unfolded });
    }
  });
}
