import * as tf from '@tensorflow/tfjs-core';
import { type LayerVariable, type Shape } from '@tensorflow/tfjs-layers';
import { batchNormalization, batchNormalizationInference } from '../ops/batchNormalization.js';
import { blend } from '../ops/blend.js';
import { checkRate } from '../checks/values.js';
import { getInitializer } from './initializers.js';
import type { LayerArgs } from './layerArgs.js';
import { normalizationEpsilons } from './normalizationEpsilons.js';
import { type CallOptions, SequenceLayer } from './sequenceLayer.js';
import { firstMask, validPositions } from './validPositions.js';

/** Arguments of SequenceBatchNormalization. */
export interface SequenceBatchNormalizationArgs extends LayerArgs {
  /** Part of the running statistics that one training step keeps (Keras's meaning); default 0.9. */
  momentum?: number;
  /** Added to the variance; default 1e-5. */
  epsilon?: number;
}

/**
 * Batch normalisation of padded sequences: the statistics of each channel run over samples and positions, and padded
 * positions do not count. Training uses the batch's statistics and updates the running ones, inference the running ones.
 *
 * Inputs: x [B, N, C], or [x, lengths [B, 1]]; a Keras mask is respected too. Output: [B, N, C].
 * The running variance is the unbiased one. The defaults are PyTorch's, which the public protocol uses.
 */
export class SequenceBatchNormalization extends SequenceLayer {
  static readonly className = 'SequenceBatchNormalization';
  private readonly momentum: number;
  private readonly epsilon: number;
  private gamma!: LayerVariable;
  private beta!: LayerVariable;
  private movingMean!: LayerVariable;
  private movingVariance!: LayerVariable;

  constructor(args: SequenceBatchNormalizationArgs = {}) {
    super(args);
    this.momentum = checkRate('SequenceBatchNormalization', 'momentum', args.momentum ?? 0.9);
    this.epsilon = args.epsilon ?? normalizationEpsilons.batch;
  }

  override build(inputShape: Shape | Shape[]): void {
    const shape = this.computeOutputShape(inputShape);
    const channels = [shape[shape.length - 1]];
    const [zeros, ones] = [getInitializer('zeros'), getInitializer('ones')];
    this.gamma = this.addWeight('gamma', channels, 'float32', ones);
    this.beta = this.addWeight('beta', channels, 'float32', zeros);
    this.movingMean = this.addWeight('moving_mean', channels, 'float32', zeros, undefined, false);
    this.movingVariance = this.addWeight('moving_variance', channels, 'float32', ones, undefined, false);
    super.build(inputShape);
  }

  override call(inputs: tf.Tensor | tf.Tensor[], { training, mask }: CallOptions): tf.Tensor {
    return tf.tidy(() => {
      const [x, lengths] = Array.isArray(inputs) ? inputs : [inputs];
      const [gamma, beta] = [this.gamma.read(), this.beta.read()];
      if (!training) {
        const [mean, variance] = [this.movingMean.read(), this.movingVariance.read()];
        return batchNormalizationInference(x, gamma, beta, mean, variance, this.epsilon);
      }
      const [sequences, valid] = validSequences(x, lengths, firstMask(mask));
      const { value, mean, variance } = batchNormalization(sequences, gamma, beta, valid, this.epsilon);
      const count = valid.reduce((sum, length) => sum + length, 0);
      this.move(this.movingMean, mean, 1);
      this.move(this.movingVariance, variance, count / Math.max(count - 1, 1));
      return tf.reshape(value, x.shape);
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), momentum: this.momentum, epsilon: this.epsilon };
  }

  private move(variable: LayerVariable, observed: tf.Tensor, factor: number): void {
    variable.write(blend(variable.read(), this.momentum, observed, factor * (1 - this.momentum)));
  }
}

/** Sequences, and the number of valid positions in each. A mask with holes makes each position a sequence of its own. */
function validSequences(x: tf.Tensor, givenLengths?: tf.Tensor, givenMask?: tf.Tensor): [tf.Tensor, number[]] {
  const [batch, n, channels] = x.shape;
  const { lengths, mask } = validPositions('SequenceBatchNormalization', x, givenLengths, givenMask);
  if (!mask) return [x, lengths];
  const seen = Array.from(mask.dataSync(), (value, i) => Number(Boolean(value) && i % n < lengths[Math.floor(i / n)]));
  return [tf.reshape(x, [batch * n, 1, channels]), seen];
}

tf.serialization.registerClass(SequenceBatchNormalization);
