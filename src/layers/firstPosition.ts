import * as tf from '@tensorflow/tfjs-core';
import { SequenceReadout } from './sequenceReadout.js';

/** Position 0 of each sequence, such as a class token. Input: [B, N, C]. Output: [B, C]. */
export class FirstPosition extends SequenceReadout {
  static readonly className = 'FirstPosition';

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor3D;
    const [batch, , channels] = x.shape;
    return tf.tidy(() => tf.reshape(tf.slice(x, [0, 0, 0], [batch, 1, channels]), [batch, channels]));
  }
}

tf.serialization.registerClass(FirstPosition);
