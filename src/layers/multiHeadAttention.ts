import * as tf from '@tensorflow/tfjs-core';
import { initializers, type LayerVariable, type Shape, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { boolean } from '../checks/rules.js';
import { check } from '../checks/values.js';
import type { BatchNormOptions } from '../ops/attentionOptions.js';
import { pooledCount, poolPositions } from '../ops/poolPositions.js';
import { headsAttention } from '../ops/headsAttention.js';
import { headsAttentionWeights } from '../ops/headsAttentionWeights.js';
import { linear } from '../ops/linear.js';
import { selectPositions } from '../ops/selectPositions.js';
import { mixSeed } from '../random.js';
import {
  attentionForms,
  type AttentionInputs,
  type AttentionMasks,
  checkAttentionSizes,
  sortInputs,
  type Visible,
  visibleKeys,
} from './attentionInputs.js';
import { type MultiHeadAttentionArgs, multiHeadAttentionArguments, outputWidth } from './attentionSettings.js';
import { type Call, type CallOptions, CheckedLayer } from './checkedLayer.js';
import { inOrder, keysAt } from './closedGaps.js';
import { listOf } from './listOf.js';
import {
  type Piece,
  planCall,
  planProjections,
  projectSources,
  type Projection,
  type ProjectionPlan,
  type Source,
} from './headProjections.js';
import { getInitializer } from './initializers.js';
import { checkLayerAttention, checkUnpooled, type LayerAttentionOptions } from './layerAttentionOptions.js';
import { partsConstraint } from './partsConstraint.js';
import { partsInitializer } from './partsInitializer.js';
import { type Reseedable, SeedStream } from './seedStream.js';
import { clearPadding, validPositions } from './validPositions.js';

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
  /** Value and key, where the inputs are the query alone, as tfjs's own layer of this name has it; in a model too. */
  value?: tf.Tensor | SymbolicTensor;
  key?: tf.Tensor | SymbolicTensor;
  /**
   * [N, M], [B, N, M] or [B, H, N, M]: true or 1 where a query may see a key. It is bool, or holds 0 and 1; a mask that is
   * added to scores is an error.
   */
  attentionMask?: tf.Tensor;
  /** Keras masks [B, N] of query, value and key, in place of those in `mask`. */
  queryMask?: tf.Tensor;
  valueMask?: tf.Tensor;
  keyMask?: tf.Tensor;
  /** As the argument of this name, for this call. */
  useCausalMask?: boolean;
  /** As the argument of this name, for this call. */
  returnAttentionScores?: boolean;
}

/** What a model would not keep. */
const ofCalls = [
  'attentionMask',
  'queryMask',
  'valueMask',
  'keyMask',
  'useCausalMask',
  'returnAttentionScores',
] as const;

type Inputs = tf.Tensor | tf.Tensor[] | SymbolicTensor | SymbolicTensor[];

/**
 * Multi-head attention: concat_h(attention(x_q W_Q^h, x_k W_K^h, x_v W_V^h)) W_O, through the fused kernels of `attention`.
 *
 * Inputs, one tensor or a list: query [B, N, C]; then value [B, M, C'] and key [B, M, C''] where they differ from it
 * (Keras's order); then lengths [B, 1], of rank 2: the number of valid keys of each sample. The layer takes any of these
 * forms at any call, whichever was first, with the widths that its weights were made for.
 *
 * Keras masks of query, value and key, `attentionMask` and `useCausalMask` hold together: a query sees a key if all of them
 * say so, in a model too; one that sees none gives what the output's bias is. Output: [B, N, outputShape]; with
 * returnAttentionScores also the weights before dropout, [B, H, N, M], as `attentionWeights` has them.
 *
 * @see Vaswani et al., Attention Is All You Need, arXiv 1706.03762
 */
export class MultiHeadAttention
  extends CheckedLayer<typeof multiHeadAttentionArguments, MultiHeadAttentionCallOptions>
  implements Reseedable
{
  static readonly className = 'MultiHeadAttention';
  /** Sees each call, for analysis; it must not keep tensors. */
  observer?: (view: AttentionView) => void;
  readonly numHeads: number;
  /** Positions averaged into one key, for each head. */
  readonly headScales: readonly number[];
  /** Leading positions that stay keys of their own. */
  readonly unpooled: number;
  /** Width of a head in queries, keys and values. */
  private readonly headWidths: Readonly<Record<Source, number>>;
  /** Of the running call: tfjs wants a mask for each output, but computeMask does not see the call's options. */
  private scoresAsked: boolean;
  private readonly seeds: SeedStream;
  private plan!: ProjectionPlan;
  /** Widths of query, value and key that the weights were made for. */
  private inner?: Record<Source, number>;
  private readonly weightsOf = new Map<string, { kernel: LayerVariable; bias?: LayerVariable }>();
  private beta?: LayerVariable;

  constructor(args: MultiHeadAttentionArgs) {
    super(args, multiHeadAttentionArguments);
    checkLayerAttention(this.owner, this.settings.attention, this.settings);
    const { numHeads, keyDim, valueDim, attention, unpooled, returnAttentionScores, seed } = this.settings;
    this.numHeads = numHeads;
    this.headWidths = { query: keyDim, key: keyDim, value: valueDim ?? keyDim };
    this.headScales = attention.headScales ?? new Array<number>(numHeads).fill(1);
    this.unpooled = unpooled;
    this.scoresAsked = returnAttentionScores;
    this.seeds = new SeedStream(seed ?? undefined);
  }

  reseed(seed: number): void {
    this.seeds.reseed(seed);
  }

  /**
   * Attends in any of Keras's forms: one sequence, [query, value] or [query, value, key], and its options.
   *
   * @throws Error that names the argument, if shapes or options do not fit
   */
  override apply(inputs: Inputs, options: MultiHeadAttentionCallOptions = {}): Inputs {
    const symbolic = [inputs].flat().some((one) => one instanceof SymbolicTensor);
    const lost = ofCalls.find((name) => options?.[name]);
    if (lost && symbolic) {
      throw new Error(
        `${this.owner}: ${lost} was given to a call on a symbolic tensor, which a model would not keep; ` +
          `it must be ${lost.endsWith('Mask') && lost !== 'useCausalMask' ? 'a call on tensors' : 'an argument of the constructor'}`,
      );
    }
    for (const name of ['useCausalMask', 'returnAttentionScores'] as const) {
      if (options?.[name] != null) check(this.owner, name, options[name], boolean);
    }
    this.scoresAsked = options?.returnAttentionScores ?? this.settings.returnAttentionScores;
    try {
      return super.apply(...this.sequencesOf(inputs, options));
    } finally {
      this.scoresAsked = this.settings.returnAttentionScores;
    }
  }

  /** The arguments, as a saved model keeps them. */
  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), valueDim: this.headWidths.value };
  }

  protected override callNames(): readonly string[] {
    return ofCalls;
  }

  protected override inputForms(shapes: readonly Shape[]) {
    return attentionForms(this.owner, shapes);
  }

  protected override checkSizes(shapes: readonly Shape[]): void {
    checkAttentionSizes(this.owner, this.sorted(shapes), this.built ? this.inner : undefined);
  }

  protected override addWeights(shapes: Shape[]): void {
    const { query, value, key } = this.sorted(shapes);
    const { kernelInitializer, biasInitializer, trainableBeta, seed } = this.settings;
    const widths = this.headWidths;
    this.inner = { query: query[2]!, value: value[2]!, key: key[2]! };
    this.plan = planProjections({
      ...{ headScales: this.headScales, widths },
      selfAttention: value === query && key === query,
      sharedKeys: key === value,
    });
    const seedOf = (index: number) => (seed === null ? undefined : mixSeed(seed, index));
    const initializersOf = (identifier: typeof kernelInitializer) => ({
      query: getInitializer(identifier, seedOf(0)),
      key: getInitializer(identifier, seedOf(1)),
      value: getInitializer(identifier, seedOf(2)),
    });
    const [kernels, biases] = [kernelInitializer, biasInitializer].map(initializersOf);
    for (const projection of this.plan.projections) {
      const initial = (of: typeof kernels) => partsInitializer(projection, this.numHeads, widths, of);
      const units = projection.parts.reduce((sum, { of, from, to }) => sum + (to - from) * widths[of], 0);
      const inner = this.inner[projection.source];
      this.addProjection(projection.name, inner, units, initial(kernels), initial(biases), projection);
    }
    const [kernel, bias] = [kernelInitializer, biasInitializer].map((of) => getInitializer(of, seedOf(3)));
    const outputs = outputWidth(this.settings) ?? query[2]!;
    this.addProjection('attention_output', this.numHeads * widths.value, outputs, kernel, bias);
    if (trainableBeta) {
      const { beta = 1 } = this.batchNorm();
      const initial = initializers.constant({ value: beta as number });
      this.beta = this.addWeight('beta', [1], 'float32', initial);
    }
  }

  protected override shapeOfOutput(shapes: Shape[]): Shape | Shape[] {
    const { query, key } = this.sorted(shapes);
    const [batch, n, width] = query;
    const output = [batch, n, outputWidth(this.settings) ?? width];
    if (!this.settings.returnAttentionScores) return output;
    const m = key[1];
    const keys = m == null ? null : Math.max(...this.headScales.map((scale) => pooledCount(m, scale, this.unpooled)));
    return [output, [batch, this.numHeads, n, keys]];
  }

  protected override outputMask(_inputs: tf.Tensor[], masks: (tf.Tensor | null)[]): tf.Tensor | tf.Tensor[] | null {
    const ofQuery = masks[0] ?? null;
    return this.scoresAsked ? [ofQuery as tf.Tensor, null as unknown as tf.Tensor] : ofQuery;
  }

  protected override compute(
    inputs: tf.Tensor[],
    options: Call<MultiHeadAttentionCallOptions>,
  ): tf.Tensor | tf.Tensor[] {
    const given = this.sorted(inputs);
    const { query, key } = given;
    const masks = masksOfSources(inputs, options);
    const attention = this.options(options.useCausalMask ?? undefined);
    const all = visibleKeys(this.owner, given, masks, this.numHeads, options.attentionMask, isOrderFree(attention));
    const { queries, gaps, keyLengths, mask } = all;
    const sources = this.clearSources(given, all, masks.query);
    this.checkMask(mask, all.valid.mask !== undefined && gaps === undefined);
    const { pieces, groups } = planCall(this.plan, this.headWidths, sources);
    const projected = projectSources<tf.Tensor>(
      pieces,
      sources,
      (source, scale) => poolPositions(source, scale, keyLengths, this.unpooled),
      (piece, x) => this.project(piece.projection.name, x, piece),
    );
    const { query: headWidth, value: valueWidth } = this.headWidths;
    const layout = { headWidth, valueWidth, positions: key.shape[1]!, unpooled: this.unpooled, groups };
    const shown = { ...attention, keyLengths, mask };
    const joined = headsAttention(projected, layout, { ...shown, ...this.dropping(options.training) });
    // A query that its mask hides sees nothing, as one without a visible key.
    const attended = queries ? (selectPositions(joined, queries) as tf.Tensor3D) : joined;
    const weights = () => {
      const found = headsAttentionWeights(projected, layout, shown);
      const moved = gaps ? (keysAt(found, gaps.places) as tf.Tensor4D) : found;
      return queries ? tf.where(tf.expandDims(queries, 1), moved, 0) : moved;
    };
    this.observer?.({
      ...{ outputs: attended, keyLengths, weights },
      queryLengths: key === query ? keyLengths : new Array<number>(query.shape[0]).fill(query.shape[1]!),
    });
    const output = this.project('attention_output', attended);
    return (options.returnAttentionScores ?? this.settings.returnAttentionScores) ? [output, weights()] : output;
  }

  protected override unbuild(): void {
    super.unbuild();
    this.weightsOf.clear();
    this.inner = undefined;
    this.beta = undefined;
  }

  private sorted<T extends Shape | tf.Tensor>(inputs: readonly T[]): AttentionInputs<T> {
    return sortInputs(this.owner, inputs, (one) => (one instanceof tf.Tensor ? one.rank : one.length));
  }

  /** The inputs as one list, whichever way value and key were given. */
  private sequencesOf(inputs: Inputs, options: MultiHeadAttentionCallOptions): [Inputs, MultiHeadAttentionCallOptions] {
    const { value, key, ...rest } = options ?? {};
    // The very object, by which a model's run is known.
    if (value == null && key == null) return [inputs, options];
    const given = listOf<tf.Tensor | SymbolicTensor>(inputs);
    if (given.length === 1 && value != null) return [[...given, value, ...(key == null ? [] : [key])] as Inputs, rest];
    const was = value == null ? 'key was an option without value' : `value was an option beside ${given.length} inputs`;
    throw new Error(`${this.owner}: ${was}; the inputs must be the query alone with value, or a list of all`);
  }

  /** Options of Attention-BN, which may be given as true. */
  private batchNorm(): BatchNormOptions {
    const { batchNorm } = this.settings.attention;
    return typeof batchNorm === 'object' ? batchNorm : {};
  }

  /** Options of `attention`, with the trained beta in its place; the scales are part of the plan. */
  private options(useCausalMask = this.settings.useCausalMask) {
    const { attention, unpooled } = this.settings;
    checkUnpooled(this.owner, attention, { unpooled, useCausalMask });
    return {
      ...attention,
      ...(useCausalMask && { causal: true }),
      ...(this.beta && { batchNorm: { ...this.batchNorm(), beta: this.beta.read() as tf.Scalar } }),
    };
  }

  /** Dropout of a call; heads of different scales would drop the same weights if they shared a seed. */
  private dropping(training: boolean): { dropout?: number; seeds?: number[] } {
    const { dropout } = this.settings;
    if (!training || dropout === 0) return {};
    const seed = this.seeds.next();
    return { dropout, seeds: this.plan.groups.map((_, index) => (index === 0 ? seed : mixSeed(seed, index))) };
  }

  /** The inputs, keys in their order, padding harmless; those that were one tensor still are, if they can be. */
  private clearSources(
    { query, value, key }: AttentionInputs<tf.Tensor>,
    { valid, seen, gaps }: Visible,
    queryMask: tf.Tensor | null,
  ): Record<Source, tf.Tensor> {
    const isQuery = (x: tf.Tensor) => x === query && !gaps;
    const clear = (x: tf.Tensor) => clearPadding(gaps ? inOrder(x, gaps) : x, isQuery(x) ? valid : seen);
    // What no query sees may still be a query.
    const cleared = new Map([value, key].map((x) => [x, clear(x)]));
    const ownValid = () =>
      [value, key].includes(query) ? valid : validPositions(this.owner, query, undefined, queryMask);
    const queries = [value, key].some(isQuery) ? cleared.get(query)! : clearPadding(query, ownValid());
    return { query: queries, value: cleared.get(value)!, key: cleared.get(key)! };
  }

  private checkMask(mask: tf.Tensor | undefined, hasGaps: boolean): void {
    const { attention } = this.settings;
    const fault = !mask
      ? undefined
      : this.headScales.some((scale) => scale !== 1)
        ? 'headScales cannot be combined with a mask that hides keys in front of others: averages of keys are seen as a whole'
        : hasGaps && attention.batchNorm
          ? 'batchNorm cannot be combined with a mask that hides keys in front of others where their positions matter: its ' +
            'statistics are of all positions up to a length'
          : undefined;
    if (fault) throw new Error(`${this.owner}: ${fault}`);
  }

  private addProjection(
    name: string,
    inner: number,
    units: number,
    kernel: ReturnType<typeof getInitializer>,
    bias: ReturnType<typeof getInitializer>,
    parts?: Projection,
  ): void {
    const constrained =
      parts && ((one: Parameters<typeof partsConstraint>[2]) => partsConstraint(parts, this.headWidths, one));
    this.weightsOf.set(name, {
      kernel: this.addWeightOf('kernel', `${name}/kernel`, [inner, units], { initializer: kernel, constrained }),
      bias: this.settings.useBias
        ? this.addWeightOf('bias', `${name}/bias`, [units], { initializer: bias, constrained })
        : undefined,
    });
  }

  /** x times a projection, or some of its columns. */
  private project(name: string, x: tf.Tensor, { column, columns }: Partial<Piece> = {}): tf.Tensor {
    const { kernel, bias } = this.weightsOf.get(name)!;
    const [whole, addend] = [kernel.read(), bias?.read()];
    if (columns === undefined || columns === whole.shape[1]) return linear(x, whole, addend);
    return linear(x, tf.slice(whole, [0, column!], [-1, columns]), addend && tf.slice(addend, [column!], [columns]));
  }
}

/** Whether a form of attention, which cannot do with gaps among the keys, does not ask where keys stand. */
function isOrderFree({ kernel, batchNorm, headScales, ...places }: LayerAttentionOptions): boolean {
  const isPlaced = places.causal || places.window || places.alibiSlopes || headScales?.some((scale) => scale > 1);
  return !isPlaced && (kernel === 'linear' || Boolean(batchNorm));
}

/** The Keras masks of query, value and key: those of the inputs that they are, unless a call's options hold them. */
function masksOfSources(inputs: readonly tf.Tensor[], options: Call<MultiHeadAttentionCallOptions>): AttentionMasks {
  const sequences = inputs.filter(({ rank }) => rank === 3).length;
  const { masks } = options;
  const value = sequences > 1 ? 1 : 0;
  return {
    query: options.queryMask ?? masks[0] ?? null,
    value: options.valueMask ?? masks[value] ?? null,
    key: options.keyMask ?? masks[sequences > 2 ? 2 : value] ?? null,
  };
}
