import * as tf from '@tensorflow/tfjs-core';
import { initializers, type LayerVariable, type Shape } from '@tensorflow/tfjs-layers';
import type { AttentionOptions, BatchNormOptions } from '../ops/attentionOptions.js';
import { averagePositions } from '../ops/averagePositions.js';
import { checkInteger, checkRate } from '../ops/checks.js';
import { headsAttention } from '../ops/headsAttention.js';
import { headsAttentionWeights } from '../ops/headsAttentionWeights.js';
import { linear } from '../ops/linear.js';
import { partsInitializer, planProjections, type ProjectionPlan, type Source } from './headProjections.js';
import { getInitializer, type Initializer, type InitializerIdentifier, serializeInitializer } from './initializers.js';
import type { LayerArgs } from './layerArgs.js';
import { mixSeed } from '../random.js';
import { readLengths } from './readLengths.js';
import { type Reseedable, SeedStream } from './seedStream.js';
import { type CallOptions, SequenceLayer } from './sequenceLayer.js';

/** Options of `attention` that a configuration cannot hold: they come with the data, or are arguments of the layer. */
const notHeld = ['mask', 'blockMask', 'conv', 'keyLengths', 'queryOffset', 'dropout', 'seed'] as const;

/** The options of `attention` that a saved model can hold. */
export type LayerAttentionOptions = Omit<AttentionOptions, (typeof notHeld)[number]>;

/** JSON has no undefined: a saved option that was not given comes back as null. */
function checkAttention(options: LayerAttentionOptions): LayerAttentionOptions {
  const given = Object.entries(options).filter(([, value]) => value !== undefined && value !== null);
  const wrong = given.find(([name]) => (notHeld as readonly string[]).includes(name));
  if (wrong) {
    throw new Error(`MultiHeadAttention: attention had '${wrong[0]}'; it must hold only options that JSON can keep`);
  }
  return Object.fromEntries(given);
}

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
  /** Options of `attention`, such as `{ causal: true }`. */
  attention?: LayerAttentionOptions;
  /** Leading positions, such as a class token, that attention.headScales leave as keys of their own; default 0. */
  unpooled?: number;
  /** Whether the beta of Attention-BN is trained, from attention.batchNorm.beta (default 1) on; default false. */
  trainableBeta?: boolean;
  /** Makes initial weights (where an initializer has no seed of its own) and dropout reproducible. */
  seed?: number;
}

interface Inputs<T> {
  query: T;
  value: T;
  key: T;
  lengths?: T;
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

/** Sequences have rank 3; the lengths, rank 2, stand last. Missing: value = query, key = value (as in Keras). */
function sortInputs<T>(inputs: T[], rankOf: (input: T) => number): Inputs<T> {
  const lengths = rankOf(inputs[inputs.length - 1]) === 2 ? inputs[inputs.length - 1] : undefined;
  const sequences = lengths === undefined ? inputs : inputs.slice(0, -1);
  const ranks = inputs.map(rankOf);
  if (sequences.length < 1 || sequences.length > 3 || sequences.some((sequence) => rankOf(sequence) !== 3)) {
    throw new Error(
      `MultiHeadAttention: inputs were of ranks [${ranks.join(', ')}]; they must be query [B, N, C], then value and key ` +
        '[B, M, C] if they differ, then lengths [B, 1] if keys are padded',
    );
  }
  const [query, value = query, key = value] = sequences;
  return { query, value, key, lengths };
}

/**
 * Multi-head attention: concat_h(attention(x_q W_Q^h, x_k W_K^h, x_v W_V^h)) W_O, through the fused kernels of `attention`.
 *
 * Inputs, one tensor or a list: query [B, N, C]; then value [B, M, C'] and key [B, M, C''] where they differ from it
 * (Keras's order); then lengths [B, 1], of rank 2: the number of valid keys of each sample. A Keras mask [B, M] of the
 * first input hides keys in self-attention. Output: [B, N, outputShape].
 *
 * @see Vaswani et al., Attention Is All You Need, arXiv 1706.03762
 */
export class MultiHeadAttention extends SequenceLayer implements Reseedable {
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
    this.attention = checkAttention(args.attention ?? {});
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
    const limits = (['causal', 'window'] as const).find((name) => this.attention[name]);
    if (this.unpooled > 0 && limits && this.headScales.some((scale) => scale > 1)) {
      throw new Error(
        `${owner}: unpooled was ${this.unpooled}; it must be 0 where attention has both headScales and ${limits}, ` +
          'which cannot place the averages behind the unpooled keys',
      );
    }
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

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [batch, n, width] = this.sortShapes(inputShape).query;
    return [batch, n, this.outputDim ?? width];
  }

  override call(inputs: tf.Tensor | tf.Tensor[], { training, mask }: CallOptions): tf.Tensor {
    return tf.tidy(() => {
      const sources = sortInputs(Array.isArray(inputs) ? inputs : [inputs], (x) => x.rank);
      const { query, value, key, lengths } = sources;
      if (mask && this.headScales.some((scale) => scale > 1)) {
        throw new Error(
          'MultiHeadAttention: headScales cannot be combined with a Keras mask; give lengths [B, 1] instead',
        );
      }
      const [batch, n] = query.shape;
      const positions = key.shape[1]!;
      const keyLengths = lengths ? readLengths(lengths) : new Array<number>(batch).fill(positions);
      const averages = new Map<string, tf.Tensor>();
      const averaged = (source: Source, scale: number): tf.Tensor => {
        if (scale === 1) return sources[source];
        const name = `${source} ${scale}`;
        if (!averages.has(name))
          averages.set(name, averagePositions(sources[source], scale, keyLengths, this.unpooled));
        return averages.get(name)!;
      };
      const { projections, groups } = this.plan;
      const projected = projections.map(({ name, source, scale }) => this.project(name, averaged(source, scale)));
      const seed = training && this.dropout > 0 ? this.seeds.next() : undefined;
      const layout = { depth: this.keyDim, valueDepth: this.valueDim, positions, unpooled: this.unpooled, groups };
      const attentionOptions = {
        ...this.options(),
        keyLengths,
        mask: mask && value === query ? tf.reshape(tf.cast(mask, 'bool'), [batch, 1, 1, n]) : undefined,
        // Heads of different scales would else drop the same weights.
        ...(seed !== undefined && {
          dropout: this.dropout,
          seeds: groups.map((_, index) => (index === 0 ? seed : mixSeed(seed, index))),
        }),
      };
      const attended = headsAttention(projected, layout, attentionOptions);
      this.observer?.({
        ...{ outputs: attended, keyLengths },
        queryLengths: key === query ? keyLengths : new Array<number>(batch).fill(n),
        weights: () => headsAttentionWeights(projected, layout, attentionOptions),
      });
      return this.project('attention_output', attended);
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
  private options(): Omit<AttentionOptions, 'headScales' | 'conv' | 'blockMask'> {
    if (!this.beta) return this.attention;
    return { ...this.attention, batchNorm: { ...this.batchNorm(), beta: this.beta.read() as tf.Scalar } };
  }

  private sortShapes(inputShape: Shape | Shape[]): Inputs<Shape> {
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
