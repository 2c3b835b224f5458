import * as tf from '@tensorflow/tfjs-core';
import { layers, type Shape } from '@tensorflow/tfjs-layers';

/** Position 0 of each sequence, such as a class token. Input: [B, N, C]. Output: [B, C]. */
export class FirstPosition extends layers.Layer {
  static readonly className = 'FirstPosition';

  override computeOutputShape([batch, , channels]: Shape): Shape {
    return [batch, channels];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor3D;
    const [batch, , channels] = x.shape;
    return tf.tidy(() => tf.reshape(tf.slice(x, [0, 0, 0], [batch, 1, channels]), [batch, channels]));
  }
}

tf.serialization.registerClass(FirstPosition);
