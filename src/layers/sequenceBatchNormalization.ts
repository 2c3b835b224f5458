import * as tf from '@tensorflow/tfjs-core';
import type { LayerVariable, Shape } from '@tensorflow/tfjs-layers';
import { rate } from '../checks/rules.js';
import { batchNormalization, batchNormalizationInference } from '../ops/batchNormalization.js';
import { blend } from '../ops/blend.js';
import type { Call } from './checkedLayer.js';
import { getInitializer, type InitializerIdentifier } from './initializers.js';
import { type ArgumentTable, initializer, optional, type WeightArgs } from './layerArguments.js';
import { paddedForms } from './sequenceLayer.js';
import {
  centerArguments,
  normalizationArguments,
  SequenceNormalization,
  type SequenceNormalizationArgs,
  type SequenceNormalizationOptions,
} from './sequenceNormalization.js';
import { readLengths, validPositions } from './validPositions.js';

/** Arguments of SequenceBatchNormalization: Keras's, with epsilon 1e-5. */
export interface SequenceBatchNormalizationArgs extends SequenceNormalizationArgs, WeightArgs<'beta'> {
  /** Whether each channel has a learned addend, beta; default true. */
  center?: boolean;
  /** Part of the running statistics that one training step keeps (Keras's meaning); default 0.9. */
  momentum?: number;
  /** Default 'zeros'. */
  movingMeanInitializer?: InitializerIdentifier;
  /** Default 'ones'. */
  movingVarianceInitializer?: InitializerIdentifier;
}

const argumentTable = {
  momentum: optional<number>(rate, 0.9),
  ...normalizationArguments('batch'),
  ...centerArguments,
  movingMeanInitializer: initializer('zeros'),
  movingVarianceInitializer: initializer('ones'),
} satisfies ArgumentTable<SequenceBatchNormalizationArgs>;

/**
 * Batch normalisation of padded sequences: the statistics of each channel run over samples and positions, and padded
 * positions do not count. Training uses the batch's statistics and updates the running ones, inference the running ones;
 * so does a batch without a valid position, and, as in Keras, a layer that is not trainable. A batch with NaN or
 * Infinity leaves the running ones as they were; numbers whose variance is above 3.4e38, which float32 does not hold, are an
 * error in training.
 *
 * Inputs: x [B, N, C], or [x, lengths [B, 1]]; a Keras mask is respected too. Output: [B, N, C].
 * The running variance is the unbiased one. The defaults are PyTorch's, which the public protocol uses.
 */
export class SequenceBatchNormalization extends SequenceNormalization<typeof argumentTable> {
  static readonly className = 'SequenceBatchNormalization';
  private movingMean!: LayerVariable;
  private movingVariance!: LayerVariable;

  constructor(args: SequenceBatchNormalizationArgs = {}) {
    super(args, argumentTable);
  }

  protected override inputForms(shapes: readonly Shape[]) {
    return paddedForms(this.owner, shapes);
  }

  protected override addWeights(shapes: Shape[]): void {
    super.addWeights(shapes);
    const channels = [shapes[0][2]];
    const { movingMeanInitializer, movingVarianceInitializer } = this.settings;
    const statistic = (name: string, initial: InitializerIdentifier) =>
      this.addWeight(name, channels, 'float32', getInitializer(initial), undefined, false);
    this.movingMean = statistic('moving_mean', movingMeanInitializer);
    this.movingVariance = statistic('moving_variance', movingVarianceInitializer);
  }

  protected override compute(
    [x, lengths]: tf.Tensor[],
    { training, masks, afterwards }: Call<SequenceNormalizationOptions>,
  ): tf.Tensor {
    const { epsilon } = this.settings;
    const { gamma, beta } = this.scaling(x);
    const learns = training && this.trainable;
    if (!learns) readLengths(this.owner, x, lengths);
    const [sequences, valid] = learns ? validSequences(this.owner, x, lengths, masks[0]) : [x, []];
    const count = valid.reduce((sum, length) => sum + length, 0);
    if (count === 0) {
      const [mean, variance] = [this.movingMean.read(), this.movingVariance.read()];
      return batchNormalizationInference(x, gamma, beta, mean, variance, epsilon);
    }
    const { value, mean, variance } = batchNormalization(sequences, gamma, beta, valid, epsilon);
    const unbiased = count / Math.max(count - 1, 1);
    this.checkVariance(variance, unbiased);
    const move = this.moveTowards(mean, variance, unbiased);
    if (afterwards) afterwards.push(move);
    else move();
    return tf.reshape(value, x.shape);
  }

  /** NaN and Infinity in x make the variance NaN: Infinity, it is that of numbers that are too large. */
  private checkVariance(variance: tf.Tensor, unbiased: number): void {
    const channel = variance.dataSync().findIndex((value) => Math.fround(value * unbiased) === Infinity);
    if (channel === -1) return;
    throw new Error(
      `${this.owner}: x had numbers in channel ${channel} whose variance is above 3.4e38, which float32 does not hold; ` +
        'they must be smaller, such as standardised ones',
    );
  }

  /** What moves the running statistics towards those of a batch, the variance times a factor. */
  private moveTowards(mean: tf.Tensor, variance: tf.Tensor, unbiased: number): () => void {
    const { momentum } = this.settings;
    const blended = (variable: LayerVariable, observed: tf.Tensor, factor: number) => {
      const values = blend(variable.read(), momentum, observed, factor * (1 - momentum)).dataSync();
      return { variable, values };
    };
    const moved = [blended(this.movingMean, mean, 1), blended(this.movingVariance, variance, unbiased)];
    if (!moved.every(({ values }) => values.every(Number.isFinite))) return () => undefined;
    return () => tf.tidy(() => moved.forEach(({ variable, values }) => void variable.write(tf.tensor1d(values))));
  }
}

/** Sequences, and the number of valid positions in each. A mask with holes makes each position a sequence of its own. */
function validSequences(
  owner: string,
  x: tf.Tensor,
  givenLengths: tf.Tensor | undefined,
  givenMask: tf.Tensor | null,
): [tf.Tensor, number[]] {
  const [batch, n, channels] = x.shape;
  const { lengths, mask } = validPositions(owner, x, givenLengths, givenMask);
  if (!mask) return [x, lengths];
  const seen = Array.from(mask.dataSync(), (value, i) => Number(Boolean(value) && i % n < lengths[Math.floor(i / n)]));
  return [tf.reshape(x, [batch * n, 1, channels]), seen];
}
