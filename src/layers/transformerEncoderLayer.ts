import * as tf from '@tensorflow/tfjs-core';
import { input, type LayerVariable, type Shape } from '@tensorflow/tfjs-layers';
import { checkChoice, checkInteger, checkRate } from '../checks/values.js';
import { dropout } from '../ops/dropout.js';
import { linear } from '../ops/linear.js';
import { residual } from '../ops/residual.js';
import { mixSeed } from '../random.js';
import { encoderBlock } from './encoderBlock.js';
import { getInitializer, type InitializerIdentifier, serializeInitializer } from './initializers.js';
import type { LayerArgs } from './layerArgs.js';
import type { LayerAttentionOptions } from './layerAttentionOptions.js';
import { MultiHeadAttention } from './multiHeadAttention.js';
import { type Normalization, normalizationLayer, normalizations } from './normalizationLayer.js';
import { type Reseedable, SeedStream } from './seedStream.js';
import { type CallOptions, SequenceLayer } from './sequenceLayer.js';
import { clearPadding, firstMask, validPositions } from './validPositions.js';

/** Arguments of TransformerEncoderLayer. */
export interface TransformerEncoderLayerArgs extends LayerArgs {
  /** Must divide the input's width; each head gets width / numHeads. */
  numHeads: number;
  /** Width between the two linear maps of the feed-forward part. */
  intermediateDim: number;
  /** Rate on attention weights (linear attention has none), both parts' outputs and the intermediate values, in training only; default 0.1. */
  dropout?: number;
  /** Default 'layer'. 'batch' leaves padded positions out of its statistics. */
  normalization?: Normalization;
  /** Whether the normalisation stands before each part (pre-norm) or, default, behind its residual sum (post-norm). */
  normFirst?: boolean;
  /** Default 'glorotUniform'. */
  kernelInitializer?: InitializerIdentifier;
  /** Options of `attention`, such as `{ causal: true }`. */
  attention?: LayerAttentionOptions;
  /** Leading positions, such as a class token, that attention.headScales leave as keys of their own; default 0. */
  unpooled?: number;
  /** Makes initial weights (where the initializer has no seed of its own) and dropout reproducible. */
  seed?: number;
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
export class TransformerEncoderLayer extends SequenceLayer implements Reseedable {
  static readonly className = 'TransformerEncoderLayer';
  /** Its attention, made when the layer is built. */
  attention!: MultiHeadAttention;
  private readonly numHeads: number;
  private readonly intermediateDim: number;
  private readonly dropout: number;
  private readonly normalization: Normalization;
  private readonly normFirst: boolean;
  private readonly kernelInitializer: InitializerIdentifier;
  private readonly attentionOptions: LayerAttentionOptions;
  private readonly unpooled: number;
  private readonly seed: number | undefined;
  private readonly seeds: SeedStream;
  private attentionNorm!: SequenceLayer;
  private feedForwardNorm!: SequenceLayer;
  private intermediate!: { kernel: LayerVariable; bias: LayerVariable };
  private contraction!: { kernel: LayerVariable; bias: LayerVariable };

  constructor(args: TransformerEncoderLayerArgs) {
    super(args);
    const owner = 'TransformerEncoderLayer';
    this.numHeads = checkInteger(owner, 'numHeads', args.numHeads, 1, Infinity);
    this.intermediateDim = checkInteger(owner, 'intermediateDim', args.intermediateDim, 1, Infinity);
    this.dropout = checkRate(owner, 'dropout', args.dropout ?? 0.1);
    this.normalization = checkChoice(owner, 'normalization', args.normalization ?? 'layer', normalizations);
    this.normFirst = args.normFirst ?? false;
    this.kernelInitializer = args.kernelInitializer ?? 'glorotUniform';
    this.attentionOptions = args.attention ?? {};
    this.unpooled = args.unpooled ?? 0;
    this.seed = args.seed ?? undefined;
    this.seeds = new SeedStream(this.seed);
  }

  reseed(seed: number): void {
    this.seeds.reseed(mixSeed(seed, 0));
    this.attention.reseed(mixSeed(seed, 1));
  }

  override build(inputShape: Shape | Shape[]): void {
    const shape = this.computeOutputShape(inputShape);
    const width = shape[2]!;
    if (width % this.numHeads !== 0) {
      throw new Error(`TransformerEncoderLayer: numHeads was ${this.numHeads}; it must divide the width, ${width}`);
    }
    this.attention = new MultiHeadAttention({
      name: 'attention',
      numHeads: this.numHeads,
      keyDim: width / this.numHeads,
      // Linear attention has no weights to drop.
      dropout: this.attentionOptions.kernel === 'linear' ? 0 : this.dropout,
      kernelInitializer: this.kernelInitializer,
      attention: this.attentionOptions,
      unpooled: this.unpooled,
      seed: this.seedOf(0),
    });
    this.attentionNorm = normalizationLayer(this.normalization, 'attention_norm');
    this.feedForwardNorm = normalizationLayer(this.normalization, 'feed_forward_norm');
    this.intermediate = this.addLinear('intermediate', width, this.intermediateDim, this.seedOf(1));
    this.contraction = this.addLinear('output', this.intermediateDim, width, this.seedOf(2));
    // Applied to a symbolic input, the inner layers build themselves under this layer's name.
    const parts = [this.attention, this.attentionNorm, this.feedForwardNorm];
    for (const part of parts) part.apply(input({ batchShape: shape }));
    this._trainableWeights.push(...parts.flatMap((part) => part.trainableWeights));
    this.nonTrainableWeights = parts.flatMap((part) => part.nonTrainableWeights);
    super.build(inputShape);
  }

  override call(inputs: tf.Tensor | tf.Tensor[], { training, mask }: CallOptions): tf.Tensor {
    return tf.tidy(() => {
      const [given, ...lengths] = Array.isArray(inputs) ? inputs : [inputs];
      const x = clearPadding(given, validPositions('TransformerEncoderLayer', given, lengths[0], firstMask(mask)));
      const [rate, nextSeed] = training ? [this.dropout, () => this.seeds.next()] : [0, () => 0];
      const attend = (y: tf.Tensor) => this.attention.call([y, ...lengths], { training, mask }) as tf.Tensor;
      const feed = (y: tf.Tensor) => {
        const [intermediate, contraction] = [this.intermediate, this.contraction];
        const activated = linear(y, intermediate.kernel.read(), intermediate.bias.read(), 'gelu');
        const hidden = dropout(activated, rate, nextSeed());
        return linear(hidden, contraction.kernel.read(), contraction.bias.read());
      };
      const normalize = (norm: SequenceLayer) => (y: tf.Tensor) =>
        // Only statistics over positions ask which are valid; the padding is finite by now.
        this.normalization === 'batch' ? norm.call([y, ...lengths], { training, mask }) : norm.call(y, {});
      return encoderBlock<tf.Tensor>(x, this.normFirst, {
        ...{ attend, feed },
        add: (y, branch) => residual(y, branch, rate, nextSeed()),
        normalizeAttention: normalize(this.attentionNorm),
        normalizeFeedForward: normalize(this.feedForwardNorm),
      });
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      ...super.getConfig(),
      numHeads: this.numHeads,
      intermediateDim: this.intermediateDim,
      dropout: this.dropout,
      normalization: this.normalization,
      normFirst: this.normFirst,
      kernelInitializer: serializeInitializer(this.kernelInitializer),
      attention: this.attentionOptions as tf.serialization.ConfigDict,
      unpooled: this.unpooled,
      seed: this.seed ?? null,
    };
  }

  private seedOf(part: number): number | undefined {
    return this.seed === undefined ? undefined : mixSeed(this.seed, part);
  }

  private addLinear(name: string, inner: number, units: number, seed?: number) {
    const initializer = getInitializer(this.kernelInitializer, seed);
    return {
      kernel: this.addWeight(`${name}/kernel`, [inner, units], 'float32', initializer),
      bias: this.addWeight(`${name}/bias`, [units], 'float32', getInitializer('zeros')),
    };
  }
}

tf.serialization.registerClass(TransformerEncoderLayer);
