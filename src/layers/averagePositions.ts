import * as tf from '@tensorflow/tfjs-core';
import { layers, type Shape } from '@tensorflow/tfjs-layers';
import { validPositions } from './validPositions.js';

/**
 * The mean of each sample's valid positions; 0 for a sample without any.
 * Inputs: [x [B, N, C], lengths [B, 1]]. Output: [B, C].
 */
export class AveragePositions extends layers.Layer {
  static readonly className = 'AveragePositions';

  override computeOutputShape([[batch, , channels]]: Shape[]): Shape {
    return [batch, channels];
  }

  override call(inputs: tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const [x, lengths] = inputs;
      const [batch, n, channels] = x.shape;
      const weights = tf.div(validPositions([batch, n], lengths), tf.maximum(lengths, 1));
      return tf.reshape(tf.matMul(tf.reshape(weights, [batch, 1, n]), x), [batch, channels]);
    });
  }
}

tf.serialization.registerClass(AveragePositions);
