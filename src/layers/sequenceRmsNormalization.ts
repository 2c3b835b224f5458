import * as tf from '@tensorflow/tfjs-core';
import { rmsNormalization } from '../ops/rmsNormalization.js';
import type { Call } from './checkedLayer.js';
import type { ArgumentTable } from './layerArguments.js';
import {
  normalizationArguments,
  SequenceNormalization,
  type SequenceNormalizationArgs,
} from './sequenceNormalization.js';

/** Arguments of SequenceRmsNormalization: Keras's, with epsilon 1e-6. */
export type SequenceRmsNormalizationArgs = SequenceNormalizationArgs;

const argumentTable = normalizationArguments('rms') satisfies ArgumentTable<SequenceRmsNormalizationArgs>;

/**
 * Root mean square normalisation: each position over its channels, with a learned factor for each channel.
 *
 * Inputs: x [..., C], or [x, lengths] so that it can stand where SequenceBatchNormalization does: positions do not meet,
 * but NaN and huge numbers in padded ones count as 0. Output: [..., C].
 *
 * @see B. Zhang, R. Sennrich, "Root Mean Square Layer Normalization", arXiv 1910.07467
 */
export class SequenceRmsNormalization extends SequenceNormalization<typeof argumentTable> {
  static readonly className = 'SequenceRmsNormalization';

  constructor(args: SequenceRmsNormalizationArgs = {}) {
    super(args, argumentTable);
  }

  protected override compute([x, lengths]: tf.Tensor[], { masks }: Call): tf.Tensor {
    return rmsNormalization(this.clear(x, masks[0], lengths), {
      gamma: this.scaling(x).gamma,
      epsilon: this.settings.epsilon,
    });
  }
}
