// Add in place of tfjs's where nothing is broadcast: on all threads. tfjs sums up gradients with it.

import { Add, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { anyTypes } from './operandChecks.js';
import { replaceKernel } from './replaceKernel.js';
import { addDropped } from './dropout.js';

/** float32 of one shape: the sum that Residual computes, to the bit; else tfjs's. */
export const addKernel = replaceKernel<{ a: TensorInfo; b: TensorInfo }>(Add, (heap, { a, b }, _, check, tfjs) => {
  check.tensor('a', a, '[...]', anyTypes);
  // tfjs reads both as a's dtype.
  check.tensor('b', b, '[...]', [a.dtype]);
  const plain = a.dtype === 'float32' && util.arraysEqual(a.shape, b.shape);
  return plain ? addDropped(heap, b, a, { rate: 0, seed: 0 })[0] : tfjs();
});
