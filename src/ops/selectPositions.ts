// What a mask hides set to 0, differentiable.

import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { checkTensor } from '../checks/tensors.js';
import { differentiable } from '../runtime/gradients.js';

/**
 * Sets what a mask hides to 0. `tf.where` does the same, but multiplies gradients by the mask, where 0 times NaN is NaN.
 *
 * @param x float32 of any shape.
 * @param mask bool, broadcastable to x: true where it stays.
 * @returns of the shape of x; differentiable in x.
 * @throws Error that names the argument, if one is wrong.
 */
export function selectPositions(x: Tensor, mask: Tensor): Tensor {
  checkTensor('selectPositions', 'x', x, ['float32']);
  checkTensor('selectPositions', 'mask', mask, ['bool']);
  return differentiable(
    { x },
    (save) => {
      save([mask]);
      return tf.where(mask, x, 0);
    },
    (dY, [kept]) => ({ x: () => tf.where(kept, dY, 0) }),
  );
}
