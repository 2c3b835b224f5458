import * as tf from '@tensorflow/tfjs-core';
import { layerNormalization } from '../ops/layerNormalization.js';
import type { Call } from './checkedLayer.js';
import type { ArgumentTable, WeightArgs } from './layerArguments.js';
import {
  centerArguments,
  normalizationArguments,
  SequenceNormalization,
  type SequenceNormalizationArgs,
} from './sequenceNormalization.js';

/** Arguments of SequenceLayerNormalization: Keras's, with epsilon 1e-5, as PyTorch's. */
export interface SequenceLayerNormalizationArgs extends SequenceNormalizationArgs, WeightArgs<'beta'> {
  /** Whether each channel has a learned addend, beta; default true. */
  center?: boolean;
}

const argumentTable = {
  ...normalizationArguments('layer'),
  ...centerArguments,
} satisfies ArgumentTable<SequenceLayerNormalizationArgs>;

/**
 * Layer normalisation: mean and variance of each position over its channels. (tfjs's own is a hundred times slower on
 * the wasm backend.)
 *
 * Inputs: x [..., C], or [x, lengths] so that it can stand where SequenceBatchNormalization does: positions do not meet,
 * but NaN and huge numbers in padded ones count as 0. Output: [..., C].
 */
export class SequenceLayerNormalization extends SequenceNormalization<typeof argumentTable> {
  static readonly className = 'SequenceLayerNormalization';

  constructor(args: SequenceLayerNormalizationArgs = {}) {
    super(args, argumentTable);
  }

  protected override compute([x, lengths]: tf.Tensor[], { masks }: Call): tf.Tensor {
    const { gamma, beta } = this.scaling(x);
    return layerNormalization(this.clear(x, masks[0], lengths), gamma, beta, this.settings.epsilon);
  }
}
