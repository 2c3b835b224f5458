import * as tf from '@tensorflow/tfjs-core';
import type { Shape } from '@tensorflow/tfjs-layers';
import { averagePositions } from '../ops/averagePositions.js';
import { selectPositions } from '../ops/selectPositions.js';
import type { Call } from './checkedLayer.js';
import { paddedForms } from './sequenceLayer.js';
import { SequenceReadout } from './sequenceReadout.js';
import { validPositions } from './validPositions.js';

/**
 * The mean of each sample's valid positions; 0 for a sample without any.
 * Inputs: x [B, N, C], N 1 or more, all valid or with a Keras mask, or [x, lengths [B, 1]], or both. Output: [B, C].
 */
export class AveragePositions extends SequenceReadout {
  static readonly className = 'AveragePositions';

  protected override inputForms(shapes: readonly Shape[]) {
    return paddedForms(this.owner, shapes);
  }

  protected override compute([x, given]: tf.Tensor[], { masks }: Call): tf.Tensor {
    const { lengths, mask } = validPositions(this.owner, x, given, masks[0]);
    if (!mask) return averagePositions(x, lengths);
    const within = tf.less(tf.range(0, x.shape[1]!), tf.expandDims(lengths, 1));
    const seen = tf.expandDims(tf.logicalAnd(mask, within), 2);
    return tf.div(tf.sum(selectPositions(x, seen), 1), tf.maximum(tf.sum(tf.cast(seen, 'float32'), 1), 1));
  }
}
