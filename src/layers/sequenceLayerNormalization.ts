import * as tf from '@tensorflow/tfjs-core';
import { type LayerVariable, type Shape } from '@tensorflow/tfjs-layers';
import { layerNormalization } from '../ops/layerNormalization.js';
import { getInitializer } from './initializers.js';
import type { LayerArgs } from './layerArgs.js';
import { normalizationEpsilons } from './normalizationEpsilons.js';
import { type CallOptions, SequenceLayer } from './sequenceLayer.js';
import { clearPadding, firstMask, validPositions } from './validPositions.js';

/** Arguments of SequenceLayerNormalization. */
export interface SequenceLayerNormalizationArgs extends LayerArgs {
  /** Added to the variance; default 1e-5, as PyTorch's. */
  epsilon?: number;
}

/**
 * Layer normalisation: mean and variance of each position over its channels. (tfjs's own is a hundred times slower on
 * the wasm backend.)
 *
 * Inputs: x [B, N, C], or [x, lengths] so that it can stand where SequenceBatchNormalization does: positions do not meet,
 * but NaN and huge numbers in padded ones count as 0. Output: [B, N, C].
 */
export class SequenceLayerNormalization extends SequenceLayer {
  static readonly className = 'SequenceLayerNormalization';
  private readonly epsilon: number;
  private gamma!: LayerVariable;
  private beta!: LayerVariable;

  constructor(args: SequenceLayerNormalizationArgs = {}) {
    super(args);
    this.epsilon = args.epsilon ?? normalizationEpsilons.layer;
  }

  override build(inputShape: Shape | Shape[]): void {
    const shape = this.computeOutputShape(inputShape);
    const channels = [shape[shape.length - 1]];
    this.gamma = this.addWeight('gamma', channels, 'float32', getInitializer('ones'));
    this.beta = this.addWeight('beta', channels, 'float32', getInitializer('zeros'));
    super.build(inputShape);
  }

  override call(inputs: tf.Tensor | tf.Tensor[], { mask }: CallOptions): tf.Tensor {
    return tf.tidy(() => {
      const [given, lengths] = Array.isArray(inputs) ? inputs : [inputs];
      const x = clearPadding(given, validPositions('SequenceLayerNormalization', given, lengths, firstMask(mask)));
      return layerNormalization(x, this.gamma.read(), this.beta.read(), this.epsilon);
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), epsilon: this.epsilon };
  }
}

tf.serialization.registerClass(SequenceLayerNormalization);
