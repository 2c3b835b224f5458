import { boolean, integer, rate } from '../checks/rules.js';
import { attentionArgument, type LayerAttentionOptions } from './layerAttentionOptions.js';
import {
  type ArgumentTable,
  maybe,
  optional,
  required,
  seedArgument,
  type Settings,
  type WeightArgs,
  weightArguments,
} from './layerArguments.js';
import type { LayerArgs } from './layerArgs.js';

/**
 * Arguments of MultiHeadAttention; those that Keras has bear its names. Those of the weights, as `WeightArgs` has them,
 * are for all kernels, by default 'glorotUniform', and all biases, 'zeros'; regularizers and constraints see a kernel of
 * queries, keys or values [C, H D] as one column for each number of a head.
 */
export interface MultiHeadAttentionArgs extends LayerArgs, WeightArgs<'kernel'>, WeightArgs<'bias'> {
  /** H */
  numHeads: number;
  /** D, width of a head's queries and keys */
  keyDim: number;
  /** E, width of a head's values; default keyDim */
  valueDim?: number;
  /** Width of the output; default that of the query. */
  outputShape?: number | number[];
  /** The axis of positions, 1 or [1]: inputs have no other. */
  attentionAxes?: number | number[];
  /** Rate on the attention weights, in training only; default 0. */
  dropout?: number;
  /** Default true. */
  useBias?: boolean;
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

const one = (value: unknown) => (Array.isArray(value) && value.length === 1 ? (value[0] as unknown) : value);
const size = integer(1);

export const multiHeadAttentionArguments = {
  numHeads: required<number>(size),
  keyDim: required<number>(size),
  valueDim: maybe<number>(size),
  outputShape: maybe<number | number[]>({
    must: 'an integer, 1 or more, or a list of one',
    test: (value) => size.test(one(value)),
  }),
  attentionAxes: maybe<number | number[]>({
    must: '1 or [1], the axis of positions: there is no other',
    test: (value) => one(value) === 1,
  }),
  dropout: optional<number>(rate, 0),
  useBias: optional<boolean>(boolean, true),
  ...weightArguments('kernel', 'glorotUniform'),
  ...weightArguments('bias', 'zeros'),
  useCausalMask: optional<boolean>(boolean, false),
  returnAttentionScores: optional<boolean>(boolean, false),
  attention: attentionArgument,
  unpooled: optional<number>(integer(0), 0),
  trainableBeta: optional<boolean>(boolean, false),
  seed: seedArgument,
} satisfies ArgumentTable<MultiHeadAttentionArgs>;

/** The arguments of MultiHeadAttention, with defaults in their place. */
export type AttentionSettings = Settings<typeof multiHeadAttentionArguments>;

/** The width of the output, if it was given. */
export function outputWidth({ outputShape }: AttentionSettings): number | null {
  return one(outputShape) as number | null;
}
