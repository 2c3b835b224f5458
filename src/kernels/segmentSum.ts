// UnsortedSegmentSum, which tfjs lacks on wasm: the gradient of gather.

import { type TensorInfo, UnsortedSegmentSum, util } from '@tensorflow/tfjs-core';
import { formatShape } from '../checks/tensors.js';
import { runPlain } from '../runtime/plain.js';
import { defineKernel } from './defineKernel.js';
import { numericTypes } from './operandChecks.js';
import { sumSegments } from './sumSegments.js';

/**
 * x [...S, ...W] and segmentIds [...S] (int32) give [numSegments, ...W]: row s is the sum of the rows of x with id s.
 * Rows with an id outside 0 .. numSegments - 1 are left out (tfjs-core, `unsortedSegmentSum`).
 */
export const unsortedSegmentSumKernel = defineKernel<
  { x: TensorInfo; segmentIds: TensorInfo },
  { numSegments: number }
>(UnsortedSegmentSum, (heap, { x, segmentIds }, { numSegments }, check) => {
  check.tensor('x', x, '[...]', numericTypes);
  const rank = check.tensor('segmentIds', segmentIds, '[...]', ['int32']).length;
  check.integer('numSegments', numSegments);
  if (x.dtype !== 'float32') {
    return runPlain(heap, UnsortedSegmentSum, { x, segmentIds }, { numSegments });
  }
  if (!util.arraysEqual(x.shape.slice(0, rank), segmentIds.shape)) {
    check.refuse('segmentIds', formatShape(segmentIds), `the first dimensions of x, ${formatShape(x)}`);
  }
  const width = util.sizeFromShape(x.shape.slice(rank));
  const rows = util.sizeFromShape(segmentIds.shape);
  const output = { shape: [numSegments, ...x.shape.slice(rank)], dtype: x.dtype };
  const [sums] = heap.computeOutputs([output], ([table]) =>
    sumSegments(heap, { rowValues: x, table, indices: segmentIds, rows, count: numSegments, width }),
  );
  return sums;
});
