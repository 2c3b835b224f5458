// When a kernel of ours takes the place of tfjs's operations.

import * as tf from '@tensorflow/tfjs-core';
import { gradientDepth } from '../../runtime/gradients.js';

/** Our kernels are those of one backend, and have first derivatives only: within a gradient of a gradient tfjs's own run. */
export function isFused(): boolean {
  return tf.getBackend() === 'wasm' && gradientDepth() <= 1;
}
