// Which operands XNNPACK's convolutions may get: it takes NaN for the lowest number, so none may be there or arise.

import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Heap } from '../../runtime/heap.js';
import { withProblem } from '../../runtime/problem.js';

/** Data that nobody changes any more. */
const known = new WeakSet<object>();

/** Whether all numbers of a float32 tensor are below 2^40 in size: sums of products of such numbers are finite. */
export function isBounded(heap: Heap, tensor: TensorInfo): boolean {
  const { dataId } = tensor;
  if (known.has(dataId)) return true;
  const problem = { x: tensor, count: util.sizeFromShape(tensor.shape) };
  const bounded = withProblem(heap, 'BoundedProblem', problem, (filled) => filled.call('isBounded')) === 1;
  // XNNPACK has a copy of it, so that nothing changes it in place.
  if (bounded && heap.keepsCopy(tensor)) known.add(dataId);
  return bounded;
}
