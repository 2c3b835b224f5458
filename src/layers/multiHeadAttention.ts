import * as tf from '@tensorflow/tfjs-core';
import { initializers, type LayerVariable, type Shape } from '@tensorflow/tfjs-layers';
import { attention, attentionOfAverages } from '../ops/attention.js';
import type { AttentionOptions, BatchNormOptions } from '../ops/attentionOptions.js';
import { averagePositions } from '../ops/averagePositions.js';
import { checkInteger } from '../ops/checks.js';
import { checkRate } from './checks.js';
import { getInitializer, type InitializerIdentifier, serializeInitializer } from './initializers.js';
import type { LayerArgs } from './layerArgs.js';
import { linear } from './linear.js';
import { mixSeed } from './random.js';
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
 * Multi-head attention: concat_h(attention(x_q W_Q^h, x_k W_K^h, x_v W_V^h)) W_O, through the fused `attention`.
 *
 * Inputs, one tensor or a list: query [B, N, C]; then value [B, M, C'] and key [B, M, C''] where they differ from it
 * (Keras's order); then lengths [B, 1], of rank 2: the number of valid keys of each sample. A Keras mask [B, M] of the
 * first input hides keys in self-attention. Output: [B, N, outputShape].
 *
 * @see Vaswani et al., Attention Is All You Need, arXiv 1706.03762
 */
export class MultiHeadAttention extends SequenceLayer implements Reseedable {
  static readonly className = 'MultiHeadAttention';
  private readonly numHeads: number;
  private readonly keyDim: number;
  private readonly valueDim: number;
  private readonly outputDim: number | undefined;
  private readonly dropout: number;
  private readonly useBias: boolean;
  private readonly kernelInitializer: InitializerIdentifier;
  private readonly biasInitializer: InitializerIdentifier;
  private readonly attention: LayerAttentionOptions;
  private readonly headScales: readonly number[];
  private readonly trainableBeta: boolean;
  private beta?: LayerVariable;
  private readonly seed: number | undefined;
  private readonly seeds: SeedStream;
  private readonly projections = new Map<string, { kernel: LayerVariable; bias?: LayerVariable }>();

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
    const keyWidth = this.numHeads * this.keyDim;
    const valueWidth = this.numHeads * this.valueDim;
    this.addProjection('query', query[2]!, keyWidth);
    this.addProjection('key', key[2]!, keyWidth);
    this.addProjection('value', value[2]!, valueWidth);
    this.addProjection('attention_output', valueWidth, this.outputDim ?? query[2]!);
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
      const sorted = sortInputs(Array.isArray(inputs) ? inputs : [inputs], (x) => x.rank);
      const { query, value, key, lengths } = sorted;
      const [batch, n] = query.shape;
      const drop = training && this.dropout > 0 ? { dropout: this.dropout, seed: this.seeds.next() } : {};
      if (this.headScales.some((scale) => scale > 1)) return this.callAveraged(sorted, mask, drop);
      const heads = attention(
        this.split(this.project('query', query)),
        this.split(this.project('key', key)),
        this.split(this.project('value', value)),
        {
          ...this.options(),
          keyLengths: lengths && Array.from(lengths.dataSync()),
          mask: mask && value === query ? tf.reshape(tf.cast(mask, 'bool'), [batch, 1, 1, n]) : undefined,
          ...drop,
        },
      );
      const joined = tf.reshape(tf.transpose(heads, [0, 2, 1, 3]), [batch, n, this.numHeads * this.valueDim]);
      return this.project('attention_output', joined);
    });
  }

  /**
   * Attention-SH: the sequences are averaged before the projections of keys and values, which commute with it and become
   * cheaper by the scale. Heads of one scale go together; their outputs meet in the sum of their output projections.
   */
  private callAveraged({ query, value, key, lengths }: Inputs<tf.Tensor>, mask: unknown, drop: object): tf.Tensor {
    if (mask) {
      throw new Error(
        'MultiHeadAttention: headScales cannot be combined with a Keras mask; give lengths [B, 1] instead',
      );
    }
    const [batch, n] = query.shape;
    const positions = key.shape[1]!;
    const keyLengths = lengths ? Array.from(lengths.dataSync()) : new Array<number>(batch).fill(positions);
    const options = { ...this.options(), headScales: undefined };
    const outputs = [...new Set(this.headScales)].map((scale, index) => {
      const heads = this.headScales.flatMap((own, head) => (own === scale ? [head] : []));
      const average = (x: tf.Tensor) => (scale > 1 ? averagePositions(x, scale, keyLengths) : x);
      const averagedKey = average(key);
      const averagedValue = value === key ? averagedKey : average(value);
      const attended = attentionOfAverages(
        this.split(this.projectHeads('query', query, heads), heads.length),
        this.split(this.projectHeads('key', averagedKey, heads), heads.length),
        this.split(this.projectHeads('value', averagedValue, heads), heads.length),
        scale,
        positions,
        // Heads of different scales would else drop the same weights.
        { ...options, keyLengths, ...drop, ...('seed' in drop && { seed: mixSeed(drop.seed as number, index) }) },
      );
      const joined = tf.reshape(tf.transpose(attended, [0, 2, 1, 3]), [batch, n, heads.length * this.valueDim]);
      const { kernel } = this.projections.get('attention_output')!;
      const rows = tf.reshape(kernel.read(), [this.numHeads, this.valueDim, -1]);
      return linear(joined, tf.reshape(tf.gather(rows, heads), [heads.length * this.valueDim, -1]));
    });
    const sum = tf.addN(outputs);
    const { bias } = this.projections.get('attention_output')!;
    return bias ? tf.add(sum, bias.read()) : sum;
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
      trainableBeta: this.trainableBeta,
      seed: this.seed ?? null,
    };
  }

  /** Options of Attention-BN, which may be given as true. */
  private batchNorm(): BatchNormOptions {
    return typeof this.attention.batchNorm === 'object' ? this.attention.batchNorm : {};
  }

  /** Options of `attention`, with the trained beta in its place. */
  private options(): AttentionOptions {
    if (!this.beta) return this.attention;
    return { ...this.attention, batchNorm: { ...this.batchNorm(), beta: this.beta.read() as tf.Scalar } };
  }

  private sortShapes(inputShape: Shape | Shape[]): Inputs<Shape> {
    const shapes = (Array.isArray(inputShape[0]) ? inputShape : [inputShape]) as Shape[];
    return sortInputs(shapes, (shape) => shape.length);
  }

  private addProjection(name: string, inner: number, units: number): void {
    const seed = this.seed === undefined ? undefined : mixSeed(this.seed, this.projections.size);
    const kernelInitializer = getInitializer(this.kernelInitializer, seed);
    const biasInitializer = getInitializer(this.biasInitializer, seed);
    this.projections.set(name, {
      kernel: this.addWeight(`${name}/kernel`, [inner, units], 'float32', kernelInitializer),
      bias: this.useBias ? this.addWeight(`${name}/bias`, [units], 'float32', biasInitializer) : undefined,
    });
  }

  private project(name: string, x: tf.Tensor): tf.Tensor {
    const { kernel, bias } = this.projections.get(name)!;
    return linear(x, kernel.read(), bias?.read());
  }

  /** The columns of a projection that belong to some heads. */
  private projectHeads(name: string, x: tf.Tensor, heads: number[]): tf.Tensor {
    const { kernel, bias } = this.projections.get(name)!;
    const columns = tf.gather(tf.reshape(kernel.read(), [x.shape[2]!, this.numHeads, -1]), heads, 1);
    const part = bias && tf.reshape(tf.gather(tf.reshape(bias.read(), [this.numHeads, -1]), heads), [-1]);
    return linear(x, tf.reshape(columns, [x.shape[2]!, -1]), part);
  }

  /** [B, N, H D] -> [B, H, N, D] */
  private split(x: tf.Tensor, heads = this.numHeads): tf.Tensor {
    return tf.transpose(tf.reshape(x, [...x.shape.slice(0, 2), heads, -1]), [0, 2, 1, 3]);
  }
}

tf.serialization.registerClass(MultiHeadAttention);
