import * as tf from '@tensorflow/tfjs-core';
import { maskPositions } from '../ops/maskPositions.js';
import { readLengths } from './readLengths.js';
import { SequenceLayer } from './sequenceLayer.js';

/** Sets padded positions to 0. Inputs: [x [B, N, C], lengths [B, 1]]. Output: [B, N, C]. */
export class MaskPadding extends SequenceLayer {
  static readonly className = 'MaskPadding';

  override call([x, lengths]: tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => maskPositions(x, readLengths(lengths)));
  }
}

tf.serialization.registerClass(MaskPadding);
