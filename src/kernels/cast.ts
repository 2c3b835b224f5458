// Cast in place of tfjs's, which copies even where there is nothing to cast: the gradient of Identity is such a Cast.

import { Cast, type DataType, type TensorInfo } from '@tensorflow/tfjs-core';
import { shareData } from './identity.js';
import { anyTypes } from './operandChecks.js';
import { replaceKernel } from './replaceKernel.js';

/** The same data once more where the type stays; else tfjs's. */
export const castKernel = replaceKernel<{ x: TensorInfo }, { dtype: DataType }>(
  Cast,
  (heap, { x }, { dtype }, check, tfjs) => {
    check.tensor('x', x, '[...]', anyTypes);
    if (dtype === x.dtype) return shareData(heap, x);
    check.choice('dtype', dtype, anyTypes);
    return tfjs();
  },
);
