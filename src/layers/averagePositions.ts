import * as tf from '@tensorflow/tfjs-core';
import { averagePositions } from '../ops/averagePositions.js';
import type { CallOptions } from './sequenceLayer.js';
import { SequenceReadout } from './sequenceReadout.js';
import { firstMask, validPositions } from './validPositions.js';

/**
 * The mean of each sample's valid positions; 0 for a sample without any.
 * Inputs: x [B, N, C], all valid or with a Keras mask, or [x, lengths [B, 1]], or both. Output: [B, C].
 */
export class AveragePositions extends SequenceReadout {
  static readonly className = 'AveragePositions';

  override call(inputs: tf.Tensor | tf.Tensor[], options: CallOptions): tf.Tensor {
    return tf.tidy(() => {
      const [x, given] = Array.isArray(inputs) ? inputs : [inputs];
      const { lengths, mask } = validPositions('AveragePositions', x, given, firstMask(options.mask));
      if (!mask) return averagePositions(x, lengths);
      const within = tf.less(tf.range(0, x.shape[1]!), tf.expandDims(lengths, 1));
      const seen = tf.expandDims(tf.logicalAnd(mask, within), 2);
      return tf.div(tf.sum(tf.where(seen, x, 0), 1), tf.maximum(tf.sum(tf.cast(seen, 'float32'), 1), 1));
    });
  }
}

tf.serialization.registerClass(AveragePositions);
