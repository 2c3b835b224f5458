// Identity in place of tfjs's, which copies. Every tensor that an op saves for its gradient goes through it.

import { Identity, tensor, type TensorInfo } from '@tensorflow/tfjs-core';
import type { Heap } from '../runtime/heap.js';
import { defineKernel } from './defineKernel.js';
import { anyTypes } from './operandChecks.js';

/** The same data once more, as tfjs's Reshape gives it: tensors never change, and their data counts its owners. */
export function shareData({ backend }: Heap, { dataId, shape, dtype }: TensorInfo): TensorInfo {
  // tfjs counts the bytes of strings once for each tensor.
  if (dtype === 'string') return tensor(backend.readSync(dataId) as unknown as Uint8Array[], shape, dtype);
  backend.incRef(dataId);
  return { dataId, shape, dtype };
}

export const identityKernel = defineKernel<{ x: TensorInfo }>(Identity, (heap, { x }, _, check) => {
  check.tensor('x', x, '[...]', anyTypes);
  return shareData(heap, x);
});
