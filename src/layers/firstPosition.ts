import * as tf from '@tensorflow/tfjs-core';
import type { Shape } from '@tensorflow/tfjs-layers';
import type { Call } from './checkedLayer.js';
import { SequenceReadout } from './sequenceReadout.js';
import { countForms } from './sequenceLayer.js';
import { checkAllSeen, positionMask } from './validPositions.js';

/** Position 0 of each sequence, such as a class token, which no mask may hide. Input: [B, N, C], N 1 or more. Output: [B, C]. */
export class FirstPosition extends SequenceReadout {
  static readonly className = 'FirstPosition';

  protected override inputForms({ length }: readonly Shape[]) {
    return countForms(this.owner, length, 1, [{ name: 'x', form: '[B, N, C]', dtypes: ['float32'] }]);
  }

  protected override compute([x]: tf.Tensor[], { masks: [mask] }: Call): tf.Tensor {
    const first = mask && tf.slice(positionMask(this.owner, x, mask, 'the mask of x'), [0, 0], [-1, 1]);
    checkAllSeen(this.owner, 'x', first, 'its first position is read');
    const [batch, , channels] = x.shape as [number, number, number];
    return tf.reshape(tf.slice(x, [0, 0, 0], [batch, 1, channels]), [batch, channels]);
  }
}
