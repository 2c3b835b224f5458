import * as tf from '@tensorflow/tfjs-core';
import { input, type LayerVariable, type Shape } from '@tensorflow/tfjs-layers';
import { atLeastZero, boolean, integer, oneOf, rate } from '../checks/rules.js';
import { dropout } from '../ops/dropout.js';
import { linear, type LinearActivation, linearActivations } from '../ops/linear.js';
import { residual } from '../ops/residual.js';
import { mixSeed } from '../random.js';
import type { Call, CallOptions } from './checkedLayer.js';
import { formatSizes } from './layerInputs.js';
import { encoderBlock } from './encoderBlock.js';
import { attentionArgument, checkLayerAttention, type LayerAttentionOptions } from './layerAttentionOptions.js';
import {
  type ArgumentTable,
  maybe,
  optional,
  required,
  seedArgument,
  type WeightArgs,
  weightArguments,
} from './layerArguments.js';
import type { LayerArgs } from './layerArgs.js';
import { MultiHeadAttention } from './multiHeadAttention.js';
import {
  type Normalization,
  normalizationLayer,
  type NormalizationLayer,
  normalizations,
} from './normalizationLayer.js';
import { type Reseedable, SeedStream } from './seedStream.js';
import { checkLengthSizes, paddedForms, SequenceLayer } from './sequenceLayer.js';
import { clearPadding, validPositions } from './validPositions.js';

/**
 * Arguments of TransformerEncoderLayer. Those of the weights, as `WeightArgs` has them, are for the kernels ('glorotUniform')
 * and biases ('zeros') of both parts, and for gamma and beta of both normalisations.
 */
export interface TransformerEncoderLayerArgs
  extends LayerArgs, WeightArgs<'kernel'>, WeightArgs<'bias'>, WeightArgs<'gamma'>, WeightArgs<'beta'> {
  /** Must divide the input's width; each head gets width / numHeads. */
  numHeads: number;
  /** Width between the two linear maps of the feed-forward part. */
  intermediateDim: number;
  /** Between the two linear maps; default 'gelu'. */
  activation?: LinearActivation;
  /** Rate on attention weights (linear attention has none), both parts' outputs and the intermediate values, in training only; default 0.1. */
  dropout?: number;
  /** Default 'layer'. 'batch' leaves padded positions out of its statistics. */
  normalization?: Normalization;
  /** Of the normalisations; default: that of their kind. */
  epsilon?: number;
  /** Whether the normalisation stands before each part (pre-norm) or, default, behind its residual sum (post-norm). */
  normFirst?: boolean;
  /** Whether a position sees only those up to its own: the same as attention.causal; default false. */
  useCausalMask?: boolean;
  /** Options of `attention`, such as `{ causal: true }`. */
  attention?: LayerAttentionOptions;
  /** Leading positions, such as a class token, that attention.headScales leave as keys of their own; default 0. */
  unpooled?: number;
  /** Whether the beta of Attention-BN is trained, see MultiHeadAttention; default false. */
  trainableBeta?: boolean;
  /** Makes initial weights (where the initializer has no seed of its own) and dropout reproducible. */
  seed?: number;
}

const argumentTable = {
  numHeads: required<number>(integer(1)),
  intermediateDim: required<number>(integer(1)),
  activation: optional<LinearActivation>(oneOf(linearActivations), 'gelu'),
  dropout: optional<number>(rate, 0.1),
  normalization: optional<Normalization>(oneOf(normalizations), 'layer'),
  epsilon: maybe<number>(atLeastZero),
  normFirst: optional<boolean>(boolean, false),
  ...weightArguments('kernel', 'glorotUniform'),
  ...weightArguments('bias', 'zeros'),
  ...weightArguments('gamma', 'ones'),
  ...weightArguments('beta', 'zeros'),
  useCausalMask: optional<boolean>(boolean, false),
  attention: attentionArgument,
  unpooled: optional<number>(integer(0), 0),
  trainableBeta: optional<boolean>(boolean, false),
  seed: seedArgument,
} satisfies ArgumentTable<TransformerEncoderLayerArgs>;

/** How the layer is called; what a model shall do belongs to the constructor. */
export interface TransformerEncoderLayerCallOptions extends CallOptions {
  /** See MultiHeadAttentionCallOptions. */
  attentionMask?: tf.Tensor;
}

/**
 * One encoder layer with exact GELU; post-norm or, with `normFirst`, pre-norm:
 *
 *     y = norm(x + dropout(attention(x)))      y = x + dropout(attention(norm(x)))
 *     z = norm(y + dropout(feed(y)))           z = y + dropout(feed(norm(y)))
 *
 *     feed(y) = W_2 dropout(gelu(W_1 y + b_1)) + b_2
 *
 * Inputs: x [B, N, C], or [x, lengths [B, 1]], the number of valid positions of each sample: what stands in padded
 * positions does not change the others. A Keras mask is respected too. Output: [B, N, C].
 *
 * @see Vaswani et al., arXiv 1706.03762; pre-norm: Xiong et al., arXiv 2002.04745; batch normalisation for time series:
 *   Zerveas et al., arXiv 2010.02803
 */
export class TransformerEncoderLayer
  extends SequenceLayer<typeof argumentTable, TransformerEncoderLayerCallOptions>
  implements Reseedable
{
  static readonly className = 'TransformerEncoderLayer';
  /** Its attention, made when the layer is built. */
  attention!: MultiHeadAttention;
  private readonly seeds: SeedStream;
  private attentionNorm!: NormalizationLayer;
  private feedForwardNorm!: NormalizationLayer;
  private intermediate!: { kernel: LayerVariable; bias: LayerVariable };
  private contraction!: { kernel: LayerVariable; bias: LayerVariable };

  constructor(args: TransformerEncoderLayerArgs) {
    super(args, argumentTable);
    const { attention, normalization, seed, ...settings } = this.settings;
    checkLayerAttention(this.owner, attention, { ...settings, dropout: 0 });
    const shift = (['betaRegularizer', 'betaConstraint'] as const).find((name) => settings[name] !== null);
    if (normalization === 'rms' && shift) {
      throw new Error(`${this.owner}: ${shift} was given with normalization 'rms', which has no beta`);
    }
    this.seeds = new SeedStream(seed ?? undefined);
  }

  reseed(seed: number): void {
    this.seeds.reseed(mixSeed(seed, 0));
    this.attention.reseed(mixSeed(seed, 1));
  }

  protected override callNames(): readonly string[] {
    return ['attentionMask'];
  }

  protected override inputForms(shapes: readonly Shape[]) {
    return paddedForms(this.owner, shapes);
  }

  protected override checkSizes([x, lengths]: readonly Shape[]): void {
    checkLengthSizes(this.owner, x, lengths);
    const width = x[2];
    const { numHeads } = this.settings;
    if (width === null || width < 1) {
      throw new Error(`${this.owner}: x was ${formatSizes(x)}; its channels must be fixed, 1 or more`);
    }
    if (width % numHeads !== 0) {
      throw new Error(`${this.owner}: numHeads was ${numHeads}; it must divide the width, ${width}`);
    }
    this.checkWidth('x', x);
  }

  protected override addWeights([x]: Shape[]): void {
    const width = x[2]!;
    const { settings } = this;
    const { numHeads, intermediateDim, normalization, attention, epsilon } = settings;
    const of = (...prefixes: string[]) =>
      Object.fromEntries(
        Object.entries(settings).filter(([name]) =>
          prefixes.some((prefix) => new RegExp(`^${prefix}[A-Z]`).test(name)),
        ),
      );
    this.attention = new MultiHeadAttention({
      name: 'attention',
      numHeads,
      keyDim: width / numHeads,
      // Linear attention has no weights to drop.
      dropout: attention.kernel === 'linear' ? 0 : settings.dropout,
      ...of('kernel', 'bias'),
      useCausalMask: settings.useCausalMask,
      attention,
      unpooled: settings.unpooled,
      trainableBeta: settings.trainableBeta,
      seed: this.seedOf(0),
    });
    const prefixes = normalization === 'rms' ? ['gamma'] : ['gamma', 'beta'];
    const norm = (name: string) =>
      normalizationLayer(normalization, { name, epsilon: epsilon ?? undefined, ...of(...prefixes) });
    this.attentionNorm = norm('attention_norm');
    this.feedForwardNorm = norm('feed_forward_norm');
    this.intermediate = this.addLinear('intermediate', width, intermediateDim, this.seedOf(1));
    this.contraction = this.addLinear('output', intermediateDim, width, this.seedOf(2));
    // Applied to a symbolic input, the inner layers build themselves under this layer's name.
    const parts = [this.attention, this.attentionNorm, this.feedForwardNorm];
    for (const part of parts) part.apply(input({ batchShape: x }));
    this._trainableWeights.push(...parts.flatMap((part) => part.trainableWeights));
    this.nonTrainableWeights = parts.flatMap((part) => part.nonTrainableWeights);
    this.addLoss(parts.flatMap((part) => part.losses));
  }

  protected override compute(
    [given, ...lengths]: tf.Tensor[],
    { training, masks, attentionMask }: Call<TransformerEncoderLayerCallOptions>,
  ): tf.Tensor {
    const [mask] = masks;
    const x = clearPadding(given, validPositions(this.owner, given, lengths[0], mask));
    const { activation } = this.settings;
    const [rate, nextSeed] = training ? [this.settings.dropout, () => this.seeds.next()] : [0, () => 0];
    const attend = (y: tf.Tensor) =>
      this.attention.call([y, ...lengths], { training, mask: [mask], attentionMask }) as tf.Tensor;
    const feed = (y: tf.Tensor) => {
      const [intermediate, contraction] = [this.intermediate, this.contraction];
      const activated = linear(y, intermediate.kernel.read(), intermediate.bias.read(), activation);
      const hidden = dropout(activated, rate, nextSeed());
      return linear(hidden, contraction.kernel.read(), contraction.bias.read());
    };
    // Statistics move once nothing can fail any more; not at all where the layer is not trained.
    const afterwards: (() => void)[] = [];
    const normalization = { training: training && this.trainable, mask: [mask], afterwards };
    // Only statistics over positions ask which are valid; the padding is finite by now.
    const normalize = (norm: NormalizationLayer) => (y: tf.Tensor) =>
      (this.settings.normalization === 'batch'
        ? norm.call([y, ...lengths], normalization)
        : norm.call(y, { mask: [null] })) as tf.Tensor;
    const output = encoderBlock<tf.Tensor>(x, this.settings.normFirst, {
      ...{ attend, feed },
      add: (y, branch) => residual(y, branch, rate, nextSeed()),
      normalizeAttention: normalize(this.attentionNorm),
      normalizeFeedForward: normalize(this.feedForwardNorm),
    });
    for (const move of afterwards) move();
    return output;
  }

  private seedOf(part: number): number | undefined {
    const { seed } = this.settings;
    return seed === null ? undefined : mixSeed(seed, part);
  }

  private addLinear(name: string, inner: number, units: number, seed?: number) {
    return {
      kernel: this.addWeightOf('kernel', `${name}/kernel`, [inner, units], { seed }),
      bias: this.addWeightOf('bias', `${name}/bias`, [units]),
    };
  }
}
