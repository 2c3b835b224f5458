import * as tf from '@tensorflow/tfjs-core';
import { type LayerVariable, type Shape } from '@tensorflow/tfjs-layers';
import { rmsNormalization } from '../ops/rmsNormalization.js';
import { getInitializer } from './initializers.js';
import type { LayerArgs } from './layerArgs.js';
import { normalizationEpsilons } from './normalizationEpsilons.js';
import { type CallOptions, SequenceLayer } from './sequenceLayer.js';
import { clearPadding, firstMask, validPositions } from './validPositions.js';

/** Arguments of SequenceRmsNormalization. */
export interface SequenceRmsNormalizationArgs extends LayerArgs {
  /** Added to the mean square; default 1e-6. */
  epsilon?: number;
}

/**
 * Root mean square normalisation: each position over its channels, with a learned factor for each channel.
 *
 * Inputs: x [B, N, C], or [x, lengths] so that it can stand where SequenceBatchNormalization does: positions do not meet,
 * but NaN and huge numbers in padded ones count as 0. Output: [B, N, C].
 *
 * @see B. Zhang, R. Sennrich, "Root Mean Square Layer Normalization", arXiv 1910.07467
 */
export class SequenceRmsNormalization extends SequenceLayer {
  static readonly className = 'SequenceRmsNormalization';
  private readonly epsilon: number;
  private gamma!: LayerVariable;

  constructor(args: SequenceRmsNormalizationArgs = {}) {
    super(args);
    this.epsilon = args.epsilon ?? normalizationEpsilons.rms;
  }

  override build(inputShape: Shape | Shape[]): void {
    const shape = this.computeOutputShape(inputShape);
    this.gamma = this.addWeight('gamma', [shape[shape.length - 1]], 'float32', getInitializer('ones'));
    super.build(inputShape);
  }

  override call(inputs: tf.Tensor | tf.Tensor[], { mask }: CallOptions): tf.Tensor {
    return tf.tidy(() => {
      const [given, lengths] = Array.isArray(inputs) ? inputs : [inputs];
      const x = clearPadding(given, validPositions('SequenceRmsNormalization', given, lengths, firstMask(mask)));
      return rmsNormalization(x, { gamma: this.gamma.read(), epsilon: this.epsilon });
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), epsilon: this.epsilon };
  }
}

tf.serialization.registerClass(SequenceRmsNormalization);
