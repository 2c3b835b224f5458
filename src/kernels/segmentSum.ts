// UnsortedSegmentSum, which tfjs lacks on wasm: the gradient of gather.

import {
  UnsortedSegmentSum,
  type KernelConfig,
  type KernelFunc,
  type TensorInfo,
  type UnsortedSegmentSumAttrs,
  type UnsortedSegmentSumInputs,
  util,
} from '@tensorflow/tfjs-core';
import { Heap } from '../runtime/heap.js';
import { runSegments } from './segments.js';

/**
 * x [...S, ...W] and segmentIds [...S] (int32) give [numSegments, ...W]: row s is the sum of the rows of x with id s.
 * Rows with an id outside 0 .. numSegments - 1 are left out (tfjs-core, `unsortedSegmentSum`).
 */
function unsortedSegmentSum({ inputs, backend, attrs }: Parameters<KernelFunc>[0]): TensorInfo {
  const { x, segmentIds } = inputs as Record<keyof UnsortedSegmentSumInputs, TensorInfo>;
  const { numSegments } = attrs as unknown as UnsortedSegmentSumAttrs;
  const rank = segmentIds.shape.length;
  if (x.dtype !== 'float32') throw new Error(`unsortedSegmentSum: x was ${x.dtype}; it must be float32`);
  if (segmentIds.dtype !== 'int32') {
    throw new Error(`unsortedSegmentSum: segmentIds was ${segmentIds.dtype}; it must be int32`);
  }
  if (!Number.isInteger(numSegments) || numSegments < 0) {
    throw new Error(`unsortedSegmentSum: numSegments was ${numSegments}; it must be an integer, 0 or more`);
  }
  if (!util.arraysEqual(x.shape.slice(0, rank), segmentIds.shape)) {
    throw new Error(
      `unsortedSegmentSum: segmentIds was [${segmentIds.shape.join(', ')}]; ` +
        `it must be the first dimensions of x, [${x.shape.join(', ')}]`,
    );
  }
  const heap = Heap.of(backend);
  const width = util.sizeFromShape(x.shape.slice(rank));
  const rows = util.sizeFromShape(segmentIds.shape);
  const output = { shape: [numSegments, ...x.shape.slice(rank)], dtype: x.dtype };
  const [out] = heap.computeOutputs([output], ([sums]) => {
    const [table, rowValues, indices] = [sums, x, segmentIds].map((tensor) => heap.address(tensor));
    runSegments(heap, 'segmentSum', { rowValues, table, indices, rows, count: numSegments, width });
  });
  return out;
}

export const unsortedSegmentSumConfig: KernelConfig = {
  kernelName: UnsortedSegmentSum,
  backendName: 'wasm',
  kernelFunc: unsortedSegmentSum,
};
