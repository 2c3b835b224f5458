import * as tf from '@tensorflow/tfjs-core';
import { SequenceLayer } from './sequenceLayer.js';
import { validPositions } from './validPositions.js';

/** Sets padded positions to 0. Inputs: [x [B, N, C], lengths [B, 1]]. Output: [B, N, C]. */
export class MaskPadding extends SequenceLayer {
  static readonly className = 'MaskPadding';

  override call(inputs: tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const [x, lengths] = inputs;
      const [batch, n] = x.shape;
      return tf.mul(x, tf.reshape(validPositions([batch, n], lengths), [batch, n, 1]));
    });
  }
}

tf.serialization.registerClass(MaskPadding);
