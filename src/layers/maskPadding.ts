import * as tf from '@tensorflow/tfjs-core';
import { maskPositions } from '../ops/maskPositions.js';
import { type CallOptions, SequenceLayer } from './sequenceLayer.js';
import { firstMask, validPositions } from './validPositions.js';

/**
 * Sets padded positions to 0. Inputs: x [B, N, C] with a Keras mask, or [x, lengths [B, 1]], or both. Output: [B, N, C].
 */
export class MaskPadding extends SequenceLayer {
  static readonly className = 'MaskPadding';

  override call(inputs: tf.Tensor | tf.Tensor[], options: CallOptions): tf.Tensor {
    return tf.tidy(() => {
      const [x, given] = Array.isArray(inputs) ? inputs : [inputs];
      const { lengths, mask } = validPositions('MaskPadding', x, given, firstMask(options.mask));
      const masked = maskPositions(x, lengths);
      return mask ? tf.where(tf.expandDims(mask, 2), masked, 0) : masked;
    });
  }
}

tf.serialization.registerClass(MaskPadding);
