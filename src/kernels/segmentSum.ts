// UnsortedSegmentSum, which tfjs lacks on wasm: the gradient of gather.

import { type TensorInfo, UnsortedSegmentSum, util } from '@tensorflow/tfjs-core';
import { runPlain } from '../runtime/plain.js';
import { defineKernel } from './defineKernel.js';
import { sumSegments } from './sumSegments.js';

/**
 * x [...S, ...W] and segmentIds [...S] (int32) give [numSegments, ...W]: row s is the sum of the rows of x with id s.
 * Rows with an id outside 0 .. numSegments - 1 are left out (tfjs-core, `unsortedSegmentSum`).
 */
export const unsortedSegmentSumKernel = defineKernel<
  { x: TensorInfo; segmentIds: TensorInfo },
  { numSegments: number }
>(UnsortedSegmentSum, (heap, { x, segmentIds }, { numSegments }) => {
  const rank = segmentIds.shape.length;
  if (x.dtype !== 'float32') {
    return runPlain(heap, UnsortedSegmentSum, { x, segmentIds }, { numSegments });
  }
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
  const width = util.sizeFromShape(x.shape.slice(rank));
  const rows = util.sizeFromShape(segmentIds.shape);
  const output = { shape: [numSegments, ...x.shape.slice(rank)], dtype: x.dtype };
  const [sums] = heap.computeOutputs([output], ([table]) =>
    sumSegments(heap, { rowValues: x, table, indices: segmentIds, rows, count: numSegments, width }),
  );
  return sums;
});
