import * as tf from '@tensorflow/tfjs-core';
import { layers, type Shape } from '@tensorflow/tfjs-layers';
import { meanPositions } from '../ops/meanPositions.js';
import { readLengths } from './readLengths.js';

/**
 * The mean of each sample's valid positions; 0 for a sample without any.
 * Inputs: [x [B, N, C], lengths [B, 1]]. Output: [B, C].
 */
export class AveragePositions extends layers.Layer {
  static readonly className = 'AveragePositions';

  override computeOutputShape([[batch, , channels]]: Shape[]): Shape {
    return [batch, channels];
  }

  override call([x, lengths]: tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => meanPositions(x, readLengths(lengths)));
  }
}

tf.serialization.registerClass(AveragePositions);
