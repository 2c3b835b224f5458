import * as tf from '@tensorflow/tfjs-core';
import { initializers, type LayerVariable, type Shape } from '@tensorflow/tfjs-layers';
import type { BatchNormOptions } from '../ops/attentionOptions.js';
import { pooledCount, poolPositions } from '../ops/poolPositions.js';
import { headsAttention } from '../ops/headsAttention.js';
import { headsAttentionWeights } from '../ops/headsAttentionWeights.js';
import { linear } from '../ops/linear.js';
import { selectPositions } from '../ops/selectPositions.js';
import { mixSeed } from '../random.js';
import {
  checkCallOptions,
  type Inputs,
  masksOfSources,
  type MultiHeadAttentionCallOptions,
  ofCalls,
  sequencesOf,
} from './attentionCalls.js';
import {
  attentionForms,
  type AttentionInputs,
  checkAttentionSizes,
  clearInputs,
  sortInputs,
  visibleKeys,
} from './attentionInputs.js';
import { type MultiHeadAttentionArgs, multiHeadAttentionArguments, outputWidth } from './attentionSettings.js';
import { type Call, CheckedLayer } from './checkedLayer.js';
import { keysAt } from './closedGaps.js';
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
import {
  checkLayerAttention,
  checkMasked,
  checkUnpooled,
  isOrderFree,
  type LayerAttentionOptions,
} from './layerAttentionOptions.js';
import { partsConstraint } from './partsConstraint.js';
import { partsInitializer } from './partsInitializer.js';
import { type Reseedable, SeedStream } from './seedStream.js';

export type { LayerAttentionOptions, MultiHeadAttentionArgs, MultiHeadAttentionCallOptions };

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
    checkCallOptions(this.owner, inputs, options);
    this.scoresAsked = options?.returnAttentionScores ?? this.settings.returnAttentionScores;
    try {
      return super.apply(...sequencesOf(this.owner, inputs, options));
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
    const sources = clearInputs(this.owner, given, all, masks.query);
    checkMasked(this.owner, attention, mask, all.valid.mask !== undefined && gaps === undefined);
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
