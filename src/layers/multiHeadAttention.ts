import * as tf from '@tensorflow/tfjs-core';
import { initializers, layers, type LayerVariable, type Shape, SymbolicTensor } from '@tensorflow/tfjs-layers';
import type { AttentionOptions, BatchNormOptions } from '../ops/attentionOptions.js';
import { averagedCount, averagePositions } from '../ops/averagePositions.js';
import { checkInteger, checkRate } from '../ops/checks.js';
import { headsAttention } from '../ops/headsAttention.js';
import { headsAttentionWeights } from '../ops/headsAttentionWeights.js';
import { linear } from '../ops/linear.js';
import { mixSeed } from '../random.js';
import { type AttentionInputs, sortInputs, visibleKeys } from './attentionInputs.js';
import { partsInitializer, planProjections, type ProjectionPlan, type Source } from './headProjections.js';
import { getInitializer, type Initializer, type InitializerIdentifier, serializeInitializer } from './initializers.js';
import type { LayerArgs } from './layerArgs.js';
import { checkLayerAttention, type LayerAttentionOptions } from './layerAttentionOptions.js';
import { type Reseedable, SeedStream } from './seedStream.js';
import { type CallOptions, noMask } from './sequenceLayer.js';
import { firstMask } from './validPositions.js';

export type { LayerAttentionOptions };

/** Arguments of MultiHeadAttention; those that Keras has bear its names. */
export interface MultiHeadAttentionArgs extends LayerArgs {
  /** H */
  numHeads: number;
  /** D, width of a head's queries and keys */
  keyDim: number;
  /** E, width of a head's values; default keyDim */
  valueDim?: number;
  /** Width of the output; default that of the query. */
  outputShape?: number;
  /** Rate on the attention weights, in training only; default 0. */
  dropout?: number;
  /** Default true. */
  useBias?: boolean;
  /** Default 'glorotUniform'. */
  kernelInitializer?: InitializerIdentifier;
  /** Default 'zeros'. */
  biasInitializer?: InitializerIdentifier;
  /** Whether a query sees only keys up to its own position: the same as attention.causal; default false. */
  useCausalMask?: boolean;
  /** Whether the weights [B, H, N, M] are a second output, which takes time and memory that attention avoids; default false. */
  returnAttentionScores?: boolean;
  /** Options of `attention`, such as `{ batchNorm: true }`. */
  attention?: LayerAttentionOptions;
  /** Leading positions, such as a class token, that attention.headScales leave as keys of their own; default 0. */
  unpooled?: number;
  /** Whether the beta of Attention-BN is trained, from attention.batchNorm.beta (default 1) on; default false. */
  trainableBeta?: boolean;
  /** Makes initial weights (where an initializer has no seed of its own) and dropout reproducible. */
  seed?: number;
}

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
  private readonly keyDim: number;
  private readonly valueDim: number;
  private readonly outputDim: number | undefined;
  private readonly dropout: number;
  private readonly useBias: boolean;
  private readonly kernelInitializer: InitializerIdentifier;
  private readonly biasInitializer: InitializerIdentifier;
  private readonly useCausalMask: boolean;
  private readonly returnAttentionScores: boolean;
  /** Of the running call: tfjs wants a mask for each output, but computeMask does not see the call's options. */
  private scoresAsked: boolean;
  private readonly attention: LayerAttentionOptions;
  /** Positions averaged into one key, for each head. */
  readonly headScales: readonly number[];
  /** Leading positions that stay keys of their own. */
  readonly unpooled: number;
  private readonly trainableBeta: boolean;
  private beta?: LayerVariable;
  private readonly seed: number | undefined;
  private readonly seeds: SeedStream;
  private plan!: ProjectionPlan;
  private readonly weightsOf = new Map<string, { kernel: LayerVariable; bias?: LayerVariable }>();

  constructor(args: MultiHeadAttentionArgs) {
    super(args);
    this.supportsMasking = true;
    const owner = 'MultiHeadAttention';
    this.numHeads = checkInteger(owner, 'numHeads', args.numHeads, 1, Infinity);
    this.keyDim = checkInteger(owner, 'keyDim', args.keyDim, 1, Infinity);
    this.valueDim = checkInteger(owner, 'valueDim', args.valueDim ?? args.keyDim, 1, Infinity);
    this.outputDim =
      args.outputShape == null ? undefined : checkInteger(owner, 'outputShape', args.outputShape, 1, Infinity);
    this.dropout = checkRate(owner, 'dropout', args.dropout ?? 0);
    this.useBias = args.useBias ?? true;
    this.kernelInitializer = args.kernelInitializer ?? 'glorotUniform';
    this.biasInitializer = args.biasInitializer ?? 'zeros';
    this.useCausalMask = args.useCausalMask ?? false;
    this.returnAttentionScores = args.returnAttentionScores ?? false;
    this.scoresAsked = this.returnAttentionScores;
    this.attention = checkLayerAttention(owner, args.attention ?? {});
    if (this.dropout > 0 && this.attention.kernel === 'linear') {
      throw new Error(`${owner}: dropout was ${this.dropout}; it must be 0 for kernel 'linear', which has no weights`);
    }
    this.headScales = [...(this.attention.headScales ?? new Array<number>(this.numHeads).fill(1))];
    if (this.headScales.length !== this.numHeads) {
      throw new Error(
        `${owner}: attention.headScales was [${this.headScales.join(', ')}]; it must hold ${this.numHeads} integers`,
      );
    }
    this.headScales.forEach((scale, head) => checkInteger(owner, `attention.headScales[${head}]`, scale, 1, Infinity));
    this.unpooled = checkInteger(owner, 'unpooled', args.unpooled ?? 0, 0, Infinity);
    this.checkUnpooled(this.useCausalMask);
    this.trainableBeta = args.trainableBeta ?? false;
    if (this.trainableBeta && !this.attention.batchNorm) {
      throw new Error(`${owner}: trainableBeta was true without attention.batchNorm, whose beta it trains`);
    }
    this.seed = args.seed ?? undefined;
    this.seeds = new SeedStream(this.seed);
  }

  reseed(seed: number): void {
    this.seeds.reseed(seed);
  }

  override build(inputShape: Shape | Shape[]): void {
    const { query, value, key } = this.sortShapes(inputShape);
    const widths = { query: this.keyDim, key: this.keyDim, value: this.valueDim };
    const sources = { query, key, value };
    this.plan = planProjections({
      ...{ headScales: this.headScales, widths },
      selfAttention: value === query && key === query,
      sharedKeys: key === value,
    });
    const seedOf = (index: number) => (this.seed === undefined ? undefined : mixSeed(this.seed, index));
    const initializersOf = (identifier: InitializerIdentifier) => ({
      query: getInitializer(identifier, seedOf(0)),
      key: getInitializer(identifier, seedOf(1)),
      value: getInitializer(identifier, seedOf(2)),
    });
    const [kernels, biases] = [this.kernelInitializer, this.biasInitializer].map(initializersOf);
    for (const projection of this.plan.projections) {
      const units = projection.parts.reduce((sum, { of, from, to }) => sum + (to - from) * widths[of], 0);
      const initial = (of: typeof kernels) => partsInitializer(projection, this.numHeads, widths, of);
      const inner = sources[projection.source][2]!;
      this.addProjection(projection.name, inner, units, initial(kernels), initial(biases));
    }
    const [kernel, bias] = [this.kernelInitializer, this.biasInitializer].map((of) => getInitializer(of, seedOf(3)));
    const width = this.numHeads * this.valueDim;
    this.addProjection('attention_output', width, this.outputDim ?? query[2]!, kernel, bias);
    if (this.trainableBeta) {
      const { beta = 1 } = this.batchNorm();
      const initial = initializers.constant({ value: beta as number });
      this.beta = this.addWeight('beta', [1], 'float32', initial);
    }
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape | Shape[] {
    const { query, key } = this.sortShapes(inputShape);
    const [batch, n, width] = query;
    const output = [batch, n, this.outputDim ?? width];
    if (!this.returnAttentionScores) return output;
    const m = key[1];
    const keys = m == null ? null : Math.max(...this.headScales.map((scale) => averagedCount(m, scale, this.unpooled)));
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
    this.scoresAsked = kwargs.returnAttentionScores ?? this.returnAttentionScores;
    try {
      return super.apply(inputs, { ...kwargs });
    } finally {
      this.scoresAsked = this.returnAttentionScores;
    }
  }

  override call(inputs: tf.Tensor | tf.Tensor[], options: MultiHeadAttentionCallOptions): tf.Tensor | tf.Tensor[] {
    return tf.tidy(() => {
      const all = Array.isArray(inputs) ? inputs : [inputs];
      const sources = sortInputs(all, (x) => x.rank);
      const { query, key } = sources;
      const visible = visibleKeys(all, sources, options.mask, options.attentionMask);
      const { keyLengths } = visible;
      this.checkMask(visible.mask);
      const averages = new Map<string, tf.Tensor>();
      const averaged = (source: Source, scale: number): tf.Tensor => {
        if (scale === 1) return sources[source];
        const name = `${source} ${scale}`;
        if (!averages.has(name)) {
          averages.set(name, averagePositions(sources[source], scale, keyLengths, this.unpooled));
        }
        return averages.get(name)!;
      };
      const { projections, groups } = this.plan;
      const projected = projections.map(({ name, source, scale }) => this.project(name, averaged(source, scale)));
      const { keyDim: depth, valueDim: valueDepth, unpooled } = this;
      const layout = { depth, valueDepth, positions: key.shape[1]!, unpooled, groups };
      const shown = { ...this.options(options.useCausalMask), ...visible };
      const attended = headsAttention(projected, layout, { ...shown, ...this.dropping(options.training) });
      const weights = () => headsAttentionWeights(projected, layout, shown);
      this.observer?.({
        ...{ outputs: attended, keyLengths, weights },
        queryLengths: key === query ? keyLengths : new Array<number>(query.shape[0]).fill(query.shape[1]!),
      });
      const output = this.project('attention_output', attended);
      return (options.returnAttentionScores ?? this.returnAttentionScores) ? [output, weights()] : output;
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      ...super.getConfig(),
      numHeads: this.numHeads,
      keyDim: this.keyDim,
      valueDim: this.valueDim,
      outputShape: this.outputDim ?? null,
      dropout: this.dropout,
      useBias: this.useBias,
      kernelInitializer: serializeInitializer(this.kernelInitializer),
      biasInitializer: serializeInitializer(this.biasInitializer),
      useCausalMask: this.useCausalMask,
      returnAttentionScores: this.returnAttentionScores,
      attention: this.attention as tf.serialization.ConfigDict,
      unpooled: this.unpooled,
      trainableBeta: this.trainableBeta,
      seed: this.seed ?? null,
    };
  }

  /** Options of Attention-BN, which may be given as true. */
  private batchNorm(): BatchNormOptions {
    return typeof this.attention.batchNorm === 'object' ? this.attention.batchNorm : {};
  }

  /** Options of `attention`, with the trained beta in its place; the scales are part of the plan. */
  private options(useCausalMask = this.useCausalMask): Omit<AttentionOptions, 'headScales' | 'conv' | 'blockMask'> {
    if (useCausalMask) this.checkUnpooled(useCausalMask);
    const options = useCausalMask ? { ...this.attention, causal: true } : this.attention;
    if (!this.beta) return options;
    return { ...options, batchNorm: { ...this.batchNorm(), beta: this.beta.read() as tf.Scalar } };
  }

  /** Dropout of a call; heads of different scales would drop the same weights if they shared a seed. */
  private dropping(training = false): { dropout?: number; seeds?: number[] } {
    if (!training || this.dropout === 0) return {};
    const seed = this.seeds.next();
    return {
      dropout: this.dropout,
      seeds: this.plan.groups.map((_, index) => (index === 0 ? seed : mixSeed(seed, index))),
    };
  }

  /** Averages behind unpooled keys have no place among the positions. */
  private checkUnpooled(useCausalMask: boolean): void {
    const { window } = this.attention;
    const causal = useCausalMask || this.attention.causal;
    if (this.unpooled === 0 || !(causal || window) || this.headScales.every((scale) => scale === 1)) return;
    throw new Error(
      `MultiHeadAttention: unpooled was ${this.unpooled}; it must be 0 where attention has both headScales and ` +
        `${causal ? 'causal' : 'window'}, which cannot place the averages behind the unpooled keys`,
    );
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
      bias: this.useBias ? this.addWeight(`${name}/bias`, [units], 'float32', bias) : undefined,
    });
  }

  private project(name: string, x: tf.Tensor): tf.Tensor {
    const { kernel, bias } = this.weightsOf.get(name)!;
    return linear(x, kernel.read(), bias?.read());
  }
}

tf.serialization.registerClass(MultiHeadAttention);
