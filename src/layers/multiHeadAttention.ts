import * as tf from '@tensorflow/tfjs-core';
import { initializers, layers, type LayerVariable, type Shape, SymbolicTensor } from '@tensorflow/tfjs-layers';
import type { BatchNormOptions } from '../ops/attentionOptions.js';
import { pooledCount, poolPositions } from '../ops/poolPositions.js';
import { headsAttention } from '../ops/headsAttention.js';
import { headsAttentionWeights } from '../ops/headsAttentionWeights.js';
import { linear } from '../ops/linear.js';
import { mixSeed } from '../random.js';
import { type AttentionInputs, sortInputs, visibleKeys } from './attentionInputs.js';
import {
  type AttentionSettings,
  attentionSettings,
  checkUnpooled,
  type MultiHeadAttentionArgs,
} from './attentionSettings.js';
import { planProjections, type ProjectionPlan, projectSources } from './headProjections.js';
import { getInitializer, type Initializer, type InitializerIdentifier } from './initializers.js';
import type { LayerAttentionOptions } from './layerAttentionOptions.js';
import { partsInitializer } from './partsInitializer.js';
import { type Reseedable, SeedStream } from './seedStream.js';
import { type CallOptions, noMask } from './sequenceLayer.js';
import { clearPadding, firstMask, type ValidPositions, validPositions } from './validPositions.js';

export type { LayerAttentionOptions, MultiHeadAttentionArgs };

/** What a call of the layer computed between its projections. Tensors live until the observer returns. */
export interface AttentionView {
  /** The heads' outputs side by side, [B, N, H E]. */
  outputs: tf.Tensor3D;
  /** Valid positions of each case: of queries, and of keys before any averaging. */
  queryLengths: number[];
  keyLengths: number[];
  /** Computes the weights, [B, H, N, M], as attentionWeights has them. */
  weights(): tf.Tensor4D;
}

/** How the layer is called. What a model shall do belongs to the constructor: tfjs forgets the options of a call. */
export interface MultiHeadAttentionCallOptions extends CallOptions {
  /** [B, N, M] or [N, M]: true or 1 where a query may see a key. */
  attentionMask?: tf.Tensor;
  /** As the argument of this name, for this call. */
  useCausalMask?: boolean;
  /** As the argument of this name, for this call. */
  returnAttentionScores?: boolean;
}

/**
 * Multi-head attention: concat_h(attention(x_q W_Q^h, x_k W_K^h, x_v W_V^h)) W_O, through the fused kernels of `attention`.
 *
 * Inputs, one tensor or a list: query [B, N, C]; then value [B, M, C'] and key [B, M, C''] where they differ from it
 * (Keras's order); then lengths [B, 1], of rank 2: the number of valid keys of each sample. Keras masks [B, M] of key
 * and value hide keys; in a model, tfjs hands on that of the first input only. Output: [B, N, outputShape]; with
 * returnAttentionScores also the weights before dropout, [B, H, N, M], as `attentionWeights` has them.
 *
 * @see Vaswani et al., Attention Is All You Need, arXiv 1706.03762
 */
export class MultiHeadAttention extends layers.Layer implements Reseedable {
  static readonly className = 'MultiHeadAttention';
  /** Sees each call, for analysis; it must not keep tensors. */
  observer?: (view: AttentionView) => void;
  readonly numHeads: number;
  /** Positions averaged into one key, for each head. */
  readonly headScales: readonly number[];
  /** Leading positions that stay keys of their own. */
  readonly unpooled: number;
  private readonly settings: AttentionSettings;
  /** Of the running call: tfjs wants a mask for each output, but computeMask does not see the call's options. */
  private scoresAsked: boolean;
  private readonly seeds: SeedStream;
  private plan!: ProjectionPlan;
  private readonly weightsOf = new Map<string, { kernel: LayerVariable; bias?: LayerVariable }>();
  private beta?: LayerVariable;

  constructor(args: MultiHeadAttentionArgs) {
    super(args);
    this.supportsMasking = true;
    this.settings = attentionSettings(args);
    const { numHeads, attention, unpooled, returnAttentionScores, seed } = this.settings;
    this.numHeads = numHeads;
    this.headScales = attention.headScales ?? new Array<number>(numHeads).fill(1);
    this.unpooled = unpooled;
    this.scoresAsked = returnAttentionScores;
    this.seeds = new SeedStream(seed ?? undefined);
  }

  reseed(seed: number): void {
    this.seeds.reseed(seed);
  }

  override build(inputShape: Shape | Shape[]): void {
    const { query, value, key } = this.sortShapes(inputShape);
    const { keyDim, valueDim, kernelInitializer, biasInitializer, outputShape, trainableBeta, seed } = this.settings;
    const widths = { query: keyDim, key: keyDim, value: valueDim };
    const sources = { query, key, value };
    this.plan = planProjections({
      ...{ headScales: this.headScales, widths },
      selfAttention: value === query && key === query,
      sharedKeys: key === value,
    });
    const seedOf = (index: number) => (seed === null ? undefined : mixSeed(seed, index));
    const initializersOf = (identifier: InitializerIdentifier) => ({
      query: getInitializer(identifier, seedOf(0)),
      key: getInitializer(identifier, seedOf(1)),
      value: getInitializer(identifier, seedOf(2)),
    });
    const [kernels, biases] = [kernelInitializer, biasInitializer].map(initializersOf);
    for (const projection of this.plan.projections) {
      const units = projection.parts.reduce((sum, { of, from, to }) => sum + (to - from) * widths[of], 0);
      const initial = (of: typeof kernels) => partsInitializer(projection, this.numHeads, widths, of);
      const inner = sources[projection.source][2]!;
      this.addProjection(projection.name, inner, units, initial(kernels), initial(biases));
    }
    const [kernel, bias] = [kernelInitializer, biasInitializer].map((of) => getInitializer(of, seedOf(3)));
    this.addProjection('attention_output', this.numHeads * valueDim, outputShape ?? query[2]!, kernel, bias);
    if (trainableBeta) {
      const { beta = 1 } = this.batchNorm();
      const initial = initializers.constant({ value: beta as number });
      this.beta = this.addWeight('beta', [1], 'float32', initial);
    }
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape | Shape[] {
    const { query, key } = this.sortShapes(inputShape);
    const [batch, n, width] = query;
    const output = [batch, n, this.settings.outputShape ?? width];
    if (!this.settings.returnAttentionScores) return output;
    const m = key[1];
    const keys = m == null ? null : Math.max(...this.headScales.map((scale) => pooledCount(m, scale, this.unpooled)));
    return [output, [batch, this.numHeads, n, keys]];
  }

  override computeMask(_inputs: tf.Tensor | tf.Tensor[], mask?: tf.Tensor | tf.Tensor[]): tf.Tensor | tf.Tensor[] {
    const ofQuery = firstMask(mask) ?? noMask;
    return this.scoresAsked ? [ofQuery, noMask] : ofQuery;
  }

  /** @throws Error if a model is given what only its layer can keep */
  override apply(
    inputs: tf.Tensor | tf.Tensor[] | SymbolicTensor | SymbolicTensor[],
    kwargs: MultiHeadAttentionCallOptions = {},
  ): tf.Tensor | tf.Tensor[] | SymbolicTensor | SymbolicTensor[] {
    const lost = (['attentionMask', 'useCausalMask', 'returnAttentionScores'] as const).find((name) => kwargs[name]);
    if (lost && [inputs].flat().some((one) => one instanceof SymbolicTensor)) {
      throw new Error(
        `MultiHeadAttention: ${lost} was given to a call on a symbolic tensor, which a model would not keep; ` +
          `it must be ${lost === 'attentionMask' ? 'a call on tensors' : 'an argument of the constructor'}`,
      );
    }
    this.scoresAsked = kwargs.returnAttentionScores ?? this.settings.returnAttentionScores;
    try {
      return super.apply(inputs, { ...kwargs });
    } finally {
      this.scoresAsked = this.settings.returnAttentionScores;
    }
  }

  override call(inputs: tf.Tensor | tf.Tensor[], options: MultiHeadAttentionCallOptions): tf.Tensor | tf.Tensor[] {
    return tf.tidy(() => {
      const all = Array.isArray(inputs) ? inputs : [inputs];
      const given = sortInputs(all, (x) => x.rank);
      const { query, key } = given;
      const { valid, visible } = visibleKeys(all, given, options.mask, options.attentionMask);
      const sources = this.clearSources(given, valid, firstMask(options.mask));
      const { keyLengths } = visible;
      this.checkMask(visible.mask);
      const projected = projectSources<tf.Tensor>(
        this.plan,
        sources,
        (source, scale) => poolPositions(source, scale, keyLengths, this.unpooled),
        (name, x) => this.project(name, x),
      );
      const { keyDim: headWidth, valueDim: valueWidth, unpooled } = this.settings;
      const layout = { headWidth, valueWidth, positions: key.shape[1]!, unpooled, groups: this.plan.groups };
      const shown = { ...this.options(options.useCausalMask), ...visible };
      const attended = headsAttention(projected, layout, { ...shown, ...this.dropping(options.training) });
      const weights = () => headsAttentionWeights(projected, layout, shown);
      this.observer?.({
        ...{ outputs: attended, keyLengths, weights },
        queryLengths: key === query ? keyLengths : new Array<number>(query.shape[0]).fill(query.shape[1]!),
      });
      const output = this.project('attention_output', attended);
      return (options.returnAttentionScores ?? this.settings.returnAttentionScores) ? [output, weights()] : output;
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...(this.settings as unknown as tf.serialization.ConfigDict) };
  }

  /** Options of Attention-BN, which may be given as true. */
  private batchNorm(): BatchNormOptions {
    const { batchNorm } = this.settings.attention;
    return typeof batchNorm === 'object' ? batchNorm : {};
  }

  /** Options of `attention`, with the trained beta in its place; the scales are part of the plan. */
  private options(useCausalMask = this.settings.useCausalMask) {
    if (useCausalMask) checkUnpooled(this.settings, useCausalMask);
    return {
      ...this.settings.attention,
      ...(useCausalMask && { causal: true }),
      ...(this.beta && { batchNorm: { ...this.batchNorm(), beta: this.beta.read() as tf.Scalar } }),
    };
  }

  /** Dropout of a call; heads of different scales would drop the same weights if they shared a seed. */
  private dropping(training = false): { dropout?: number; seeds?: number[] } {
    const { dropout } = this.settings;
    if (!training || dropout === 0) return {};
    const seed = this.seeds.next();
    return { dropout, seeds: this.plan.groups.map((_, index) => (index === 0 ? seed : mixSeed(seed, index))) };
  }

  /** The inputs, their padding harmless. */
  private clearSources(
    { query, value, key }: AttentionInputs<tf.Tensor>,
    ofKeys: ValidPositions,
    queryMask: tf.Tensor | undefined,
  ): Record<'query' | 'value' | 'key', tf.Tensor> {
    const cleared = new Map([value, key].map((x) => [x, clearPadding(x, ofKeys)]));
    if (!cleared.has(query)) {
      cleared.set(query, clearPadding(query, validPositions('MultiHeadAttention', query, undefined, queryMask)));
    }
    return { query: cleared.get(query)!, value: cleared.get(value)!, key: cleared.get(key)! };
  }

  private checkMask(mask: tf.Tensor | undefined): void {
    if (!mask || this.headScales.every((scale) => scale === 1)) return;
    throw new Error(
      'MultiHeadAttention: headScales cannot be combined with a mask that hides keys in front of others: averages of keys ' +
        'are seen as a whole',
    );
  }

  private sortShapes(inputShape: Shape | Shape[]): AttentionInputs<Shape> {
    const shapes = (Array.isArray(inputShape[0]) ? inputShape : [inputShape]) as Shape[];
    return sortInputs(shapes, (shape) => shape.length);
  }

  private addProjection(name: string, inner: number, units: number, kernel: Initializer, bias: Initializer): void {
    this.weightsOf.set(name, {
      kernel: this.addWeight(`${name}/kernel`, [inner, units], 'float32', kernel),
      bias: this.settings.useBias ? this.addWeight(`${name}/bias`, [units], 'float32', bias) : undefined,
    });
  }

  private project(name: string, x: tf.Tensor): tf.Tensor {
    const { kernel, bias } = this.weightsOf.get(name)!;
    return linear(x, kernel.read(), bias?.read());
  }
}

tf.serialization.registerClass(MultiHeadAttention);
