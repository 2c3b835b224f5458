import * as tf from '@tensorflow/tfjs-core';
import type { Shape } from '@tensorflow/tfjs-layers';
import { SequenceReadout } from './sequenceReadout.js';
import { countForms } from './sequenceLayer.js';

/** Position 0 of each sequence, such as a class token. Input: [B, N, C], N 1 or more. Output: [B, C]. */
export class FirstPosition extends SequenceReadout {
  static readonly className = 'FirstPosition';

  protected override inputForms({ length }: readonly Shape[]) {
    return countForms(this.owner, length, 1, [{ name: 'x', form: '[B, N, C]', dtypes: ['float32'] }]);
  }

  protected override compute([x]: tf.Tensor[]): tf.Tensor {
    const [batch, , channels] = x.shape as [number, number, number];
    return tf.reshape(tf.slice(x, [0, 0, 0], [batch, 1, channels]), [batch, channels]);
  }
}

tf.serialization.registerClass(FirstPosition);
