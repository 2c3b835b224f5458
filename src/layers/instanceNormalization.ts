import * as tf from '@tensorflow/tfjs-core';
import type { Shape } from '@tensorflow/tfjs-layers';
import { aboveZero } from '../checks/rules.js';
import type { Call } from './checkedLayer.js';
import { formatSizes } from './layerInputs.js';
import { instanceStatistics } from './instanceStatistics.js';
import { type ArgumentTable, optional } from './layerArguments.js';
import type { LayerArgs } from './layerArgs.js';
import { INSTANCE_EPSILON } from './normalizationEpsilons.js';
import { countForms, SequenceLayer } from './sequenceLayer.js';
import { checkAllSeen } from './validPositions.js';

/** Arguments of InstanceNormalization and InstanceRestoration. */
export interface InstanceNormalizationArgs extends LayerArgs {
  /** Joins the variance; default 1e-5. */
  epsilon?: number;
}

/** What is known of the arguments. */
export const instanceArguments = {
  epsilon: optional<number>(aboveZero, INSTANCE_EPSILON),
} satisfies ArgumentTable<InstanceNormalizationArgs>;

/** The positions of an input over which statistics are taken must be fixed, and one or more. */
export function checkPositions(owner: string, x: Shape): void {
  if (x[1] !== null && x[1] > 0) return;
  throw new Error(`${owner}: x was ${formatSizes(x)}; its positions must be fixed, 1 or more`);
}

/**
 * Each channel of each series, less its mean and divided by its standard deviation over the positions, all of them valid:
 * the first half of reversible instance normalisation, whose other half is InstanceRestoration.
 * Input: [B, N, C]. Output: (x - mean) / sqrt(variance + epsilon), the variance biased.
 *
 * @see Kim et al., Reversible Instance Normalization for Accurate Time-Series Forecasting against Distribution Shift,
 *   ICLR 2022; without its learned factors
 */
export class InstanceNormalization extends SequenceLayer<typeof instanceArguments> {
  static readonly className = 'InstanceNormalization';

  constructor(args: InstanceNormalizationArgs = {}) {
    super(args, instanceArguments);
  }

  protected override inputForms({ length }: readonly Shape[]) {
    return countForms(this.owner, length, 1, [{ name: 'x', form: '[B, N, C]', dtypes: ['float32'] }]);
  }

  protected override checkSizes([x]: readonly Shape[]): void {
    checkPositions(this.owner, x);
  }

  protected override compute([x]: tf.Tensor[], { masks: [mask] }: Call): tf.Tensor {
    checkAllSeen(this.owner, 'x', mask, 'its statistics are of all');
    const { centered, deviation } = instanceStatistics(x, this.settings.epsilon);
    return tf.div(centered, deviation);
  }
}
