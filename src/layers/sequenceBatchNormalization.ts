import * as tf from '@tensorflow/tfjs-core';
import { type LayerVariable, type Shape } from '@tensorflow/tfjs-layers';
import { checkRate } from './checks.js';
import { getInitializer } from './initializers.js';
import type { LayerArgs } from './layerArgs.js';
import { batchNormalize } from './normalize.js';
import { type CallOptions, SequenceLayer } from './sequenceLayer.js';
import { validPositions } from './validPositions.js';

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
    this.epsilon = args.epsilon ?? 1e-5;
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
      const [batch, n, channels] = x.shape;
      const rows = tf.reshape<tf.Rank.R2>(x, [batch * n, channels]);
      const gamma = this.gamma.read() as tf.Tensor1D;
      const beta = this.beta.read() as tf.Tensor1D;
      if (!training) {
        const scale = tf.mul(gamma, tf.rsqrt(tf.add(this.movingVariance.read(), this.epsilon)));
        return tf.add(tf.mul(x, scale), tf.sub(beta, tf.mul(this.movingMean.read(), scale)));
      }
      const counted = tf.reshape<tf.Rank.R2>(validPositions([batch, n], lengths, mask), [batch * n, 1]);
      const { value, mean, variance } = batchNormalize(rows, gamma, beta, counted, this.epsilon);
      const count = tf.sum(counted);
      const unbiased = tf.mul(variance, tf.div(count, tf.maximum(tf.sub(count, 1), 1)));
      this.move(this.movingMean, mean);
      this.move(this.movingVariance, unbiased);
      return tf.reshape(value, x.shape);
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), momentum: this.momentum, epsilon: this.epsilon };
  }

  private move(variable: LayerVariable, observed: tf.Tensor): void {
    const observation = tf.reshape(observed, variable.shape as number[]);
    variable.write(tf.add(tf.mul(variable.read(), this.momentum), tf.mul(observation, 1 - this.momentum)));
  }
}

tf.serialization.registerClass(SequenceBatchNormalization);
