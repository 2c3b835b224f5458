import { resolveAttention } from '../ops/resolveAttention.js';
import { checkInteger, checkRate } from '../checks/values.js';
import { type InitializerIdentifier, serializeInitializer, type SerializedInitializer } from './initializers.js';
import { checkLayerAttention, type LayerAttentionOptions } from './layerAttentionOptions.js';
import type { LayerArgs } from './layerArgs.js';

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

/** The arguments of MultiHeadAttention, checked, with defaults in their place, as its configuration holds them. */
export interface AttentionSettings {
  numHeads: number;
  keyDim: number;
  valueDim: number;
  outputShape: number | null;
  dropout: number;
  useBias: boolean;
  kernelInitializer: SerializedInitializer;
  biasInitializer: SerializedInitializer;
  useCausalMask: boolean;
  returnAttentionScores: boolean;
  attention: LayerAttentionOptions;
  unpooled: number;
  trainableBeta: boolean;
  seed: number | null;
}

const owner = 'MultiHeadAttention';

/** @throws Error if averages would stand behind unpooled keys where positions matter: they have no place among them */
export function checkUnpooled({ attention, unpooled }: AttentionSettings, useCausalMask: boolean): void {
  const causal = useCausalMask || attention.causal;
  if (unpooled === 0 || !(causal || attention.window) || !attention.headScales?.some((scale) => scale > 1)) return;
  throw new Error(
    `${owner}: unpooled was ${unpooled}; it must be 0 where attention has both headScales and ` +
      `${causal ? 'causal' : 'window'}, which cannot place the averages behind the unpooled keys`,
  );
}

/**
 * @param args as given, or as saved
 * @throws Error that names the argument, if one is wrong or cannot be combined with another
 */
export function attentionSettings(args: MultiHeadAttentionArgs): AttentionSettings {
  const size = (name: 'numHeads' | 'keyDim' | 'valueDim' | 'outputShape', value: unknown) =>
    checkInteger(owner, name, value, 1, Infinity);
  const settings: AttentionSettings = {
    numHeads: size('numHeads', args.numHeads),
    keyDim: size('keyDim', args.keyDim),
    valueDim: size('valueDim', args.valueDim ?? args.keyDim),
    outputShape: args.outputShape == null ? null : size('outputShape', args.outputShape),
    dropout: checkRate(owner, 'dropout', args.dropout ?? 0),
    useBias: args.useBias ?? true,
    kernelInitializer: serializeInitializer(args.kernelInitializer ?? 'glorotUniform'),
    biasInitializer: serializeInitializer(args.biasInitializer ?? 'zeros'),
    useCausalMask: args.useCausalMask ?? false,
    returnAttentionScores: args.returnAttentionScores ?? false,
    attention: checkLayerAttention(owner, args.attention ?? {}),
    unpooled: checkInteger(owner, 'unpooled', args.unpooled ?? 0, 0, Infinity),
    trainableBeta: args.trainableBeta ?? false,
    seed: args.seed ?? null,
  };
  const { attention, dropout, numHeads, keyDim, trainableBeta } = settings;
  // What a call would find wrong is better known now.
  const causal = settings.useCausalMask || attention.causal;
  const sizes = { batch: 1, heads: numHeads, keyHeads: numHeads, queries: 1, keys: 1, headWidth: keyDim };
  resolveAttention({ ...attention, causal, dropout }, sizes);
  if (trainableBeta && !attention.batchNorm) {
    throw new Error(`${owner}: trainableBeta was true without attention.batchNorm, whose beta it trains`);
  }
  checkUnpooled(settings, settings.useCausalMask);
  return settings;
}
