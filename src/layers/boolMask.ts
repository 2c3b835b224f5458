// Masks as callers give them: bool, or numbers 0 and 1.

import * as tf from '@tensorflow/tfjs-core';
import { checkTensor } from '../checks/tensors.js';

/**
 * @param owner the layer, for errors
 * @param name of the mask
 * @param mask true or 1 where something is seen
 * @returns bool, of the mask's shape
 * @throws Error if it is disposed, or holds other numbers, as a mask does that is added to scores
 */
export function boolMask(owner: string, name: string, mask: tf.Tensor): tf.Tensor {
  checkTensor(owner, name, mask, ['bool', 'int32', 'float32']);
  if (mask.dtype === 'bool') return mask;
  const wrong = mask.dataSync().find((value) => value !== 0 && value !== 1);
  if (wrong === undefined) return tf.cast(mask, 'bool');
  throw new Error(
    `${owner}: ${name} held ${wrong}; it must hold true or 1 where a position is seen, and false or 0 elsewhere. ` +
      'A mask that is added to scores becomes one by tf.greaterEqual(mask, 0)',
  );
}
