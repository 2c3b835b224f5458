import * as tf from '@tensorflow/tfjs-core';
import type { Shape } from '@tensorflow/tfjs-layers';
import type { Call } from './checkedLayer.js';
import { formatSizes } from './layerInputs.js';
import { checkPositions, instanceArguments, type InstanceNormalizationArgs } from './instanceNormalization.js';
import { instanceStatistics } from './instanceStatistics.js';
import { countForms, SequenceLayer } from './sequenceLayer.js';
import { checkAllSeen } from './validPositions.js';

/**
 * Gives what a model makes of normalised series the level and the spread of the series that it was given: the second half of
 * reversible instance normalisation.
 * Inputs: y [B, H, C], and the series x [B, N, C] that InstanceNormalization was given. Output:
 * y sqrt(variance of x + epsilon) + mean of x, [B, H, C].
 */
export class InstanceRestoration extends SequenceLayer<typeof instanceArguments> {
  static readonly className = 'InstanceRestoration';

  constructor(args: InstanceNormalizationArgs = {}) {
    super(args, instanceArguments);
  }

  protected override inputForms({ length }: readonly Shape[]) {
    return countForms(this.owner, length, 2, [
      { name: 'y', form: '[B, H, C]', dtypes: ['float32'] },
      { name: 'x', form: '[B, N, C]', dtypes: ['float32'] },
    ]);
  }

  protected override checkSizes([y, x]: readonly Shape[]): void {
    checkPositions(this.owner, x);
    if (y[0] !== null && x[0] !== null && y[0] !== x[0]) {
      throw new Error(`${this.owner}: x was ${formatSizes(x)}; its samples must be those of y, ${formatSizes(y)}`);
    }
    if (y[2] === x[2]) return;
    throw new Error(`${this.owner}: x was ${formatSizes(x)}; its channels must be those of y, ${formatSizes(y)}`);
  }

  protected override compute([y, x]: tf.Tensor[], { masks }: Call): tf.Tensor {
    checkAllSeen(this.owner, 'x', masks[1], 'its statistics are of all');
    const { mean, deviation } = instanceStatistics(x, this.settings.epsilon);
    return tf.add(tf.mul(y, deviation), mean);
  }
}
