// Convolutions of one to three dimensions, channels last, and their gradients: products of matrices over what the windows
// see. With P positions in the batch, K = taps x channels of the input, and O channels of the output:
//
//   y [P, O] = unfold(x) [P, K] filter [K, O]
//   dFilter  = unfold(x)^T dY
//   dX       = fold(dY filter^T); where windows move by one place, unfold(dY) with the filter flipped

import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Heap } from '../../runtime/heap.js';
import type { Pointer } from '../../runtime/pointer.js';
import { runProblem, withProblem } from '../../runtime/problem.js';
import type { Epilogue } from '../epilogue.js';
import { runProduct } from '../product.js';
import type { Product } from '../productProblem.js';
import { convolveImage, differentiateImageFilter, isImage } from './image.js';
import { isPointwise, movesByOne, positionsOf, tapsOf, type WindowFields } from './windowFields.js';

/** Bytes that are folded at once: few products, in the cache that all cores share. */
const UNFOLDED_BYTES = 1 << 23;

/** What a convolution works on. */
export interface Convolution {
  window: WindowFields;
  /** Channels of the output. */
  channels: number;
}

/** Sizes of the product that is the convolution. */
function sizesOf({ window, channels }: Convolution) {
  const perSample = positionsOf(window);
  return { perSample, positions: window.batch * perSample, terms: tapsOf(window) * window.channels, channels };
}

/** A product whose left operand is what windows over `x` see, or its transpose. */
function runUnfolded(heap: Heap, window: WindowFields, x: Pointer, product: Omit<Product, 'a'>): void {
  if (isPointwise(window)) runProduct(heap, { ...product, a: x });
  else {
    withProblem(heap, 'WindowProblem', { ...window, x }, ({ address: windows }) =>
      runProduct(heap, { ...product, a: 0, windows }),
    );
  }
}

/** y = filter over x. Throws OutOfMemoryError. */
export function convolve(
  heap: Heap,
  convolution: Convolution,
  { x, filter, y }: Record<'x' | 'filter' | 'y', Pointer>,
  epilogue: Epilogue = {},
): void {
  if (isImage(convolution)) {
    convolveImage(heap, convolution, { x, filter, y }, epilogue);
    return;
  }
  const { positions, terms, channels } = sizesOf(convolution);
  const sizes = { rows: positions, columns: channels, depth: terms };
  runUnfolded(heap, convolution.window, x, { ...sizes, ...epilogue, b: filter, c: y });
}

/** dFilter from x and dY. Throws OutOfMemoryError. */
export function differentiateFilter(
  heap: Heap,
  convolution: Convolution,
  { x, dY, dFilter }: Record<'x' | 'dY' | 'dFilter', TensorInfo>,
): void {
  if (isImage(convolution)) {
    differentiateImageFilter(heap, convolution, { x, dY, dFilter });
    return;
  }
  const { positions, terms, channels } = sizesOf(convolution);
  const sizes = { rows: terms, columns: channels, depth: positions, transposeA: true };
  runUnfolded(heap, convolution.window, x, { ...sizes, b: dY, c: dFilter });
}

/** The convolution of the output's gradient that is the gradient of the input; windows move by one place. */
function transposed({ window, channels }: Convolution): Convolution {
  const { outDepth, outRows, outColumns, kernelDepth, kernelRows, kernelColumns } = window;
  const before = (taps: number, spacing: number, padding: number) => (taps - 1) * spacing - padding;
  return {
    window: {
      ...window,
      ...{ depth: outDepth, rows: outRows, columns: outColumns, channels },
      ...{ outDepth: window.depth, outRows: window.rows, outColumns: window.columns },
      front: before(kernelDepth, window.depthSpacing, window.front),
      top: before(kernelRows, window.rowSpacing, window.top),
      left: before(kernelColumns, window.columnSpacing, window.left),
    },
    channels: window.channels,
  };
}

/** dX from dY and the filter: a transposed convolution. Throws OutOfMemoryError. */
export function differentiateInput(
  heap: Heap,
  convolution: Convolution,
  { dY, filter, dX }: Record<'dY' | 'filter' | 'dX', TensorInfo>,
): void {
  const { window, channels } = convolution;
  const { perSample, positions, terms } = sizesOf(convolution);
  const product = { b: filter, columns: terms, depth: channels, transposeB: true };
  if (isPointwise(window)) runProduct(heap, { ...product, a: dY, c: dX, rows: positions });
  else if (movesByOne(window)) {
    heap.withScratch(4 * terms * channels, (flipped) => {
      const sizes = { taps: tapsOf(window), channels: window.channels, outChannels: channels };
      runProblem(heap, 'flipFilter', { ...sizes, filter, flipped });
      convolve(heap, transposed(convolution), { x: dY, filter: flipped, y: dX });
    });
  } else {
    const inputBytes = 4 * window.depth * window.rows * window.columns * window.channels;
    const samples = Math.max(1, Math.floor(UNFOLDED_BYTES / (4 * terms * perSample)));
    heap.withScratch(4 * terms * perSample * Math.min(samples, window.batch), (unfolded) => {
      for (let first = 0; first < window.batch; first += samples) {
        const batch = Math.min(samples, window.batch - first);
        const a = heap.address(dY) + 4 * first * perSample * channels;
        runProduct(heap, { ...product, a, c: unfolded, rows: batch * perSample });
        runProblem(heap, 'fold', { ...window, batch, x: heap.address(dX) + first * inputBytes, unfolded });
      }
    });
  }
}
