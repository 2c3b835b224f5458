// What the models share: the encoder, what stands before and behind it, and how their options are filled in.

import { layers, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { AveragePositions } from '../layers/averagePositions.js';
import { getInitializer, type InitializerIdentifier } from '../layers/initializers.js';
import { FusedDense } from '../layers/fusedDense.js';
import { MaskPadding } from '../layers/maskPadding.js';
import type { LayerAttentionOptions } from '../layers/layerAttentionOptions.js';
import { PositionEmbedding } from '../layers/positionEmbedding.js';
import { type Normalization, normalizationLayer, normalizations } from '../layers/normalizationLayer.js';
import { SinePositionEncoding } from '../layers/sinePositionEncoding.js';
import { TransformerEncoderLayer } from '../layers/transformerEncoderLayer.js';
import { boolean, integer, oneOf, rate, type Rule } from '../checks/rules.js';
import { check, checkChoice, checkOptions } from '../checks/values.js';
import { mixSeed } from '../random.js';

/** Options that every model has; the defaults are each one's own. */
export interface EncoderOptions {
  /** Width inside the feed-forward part. */
  feedForward?: number;
  /** Attention heads; they divide the encoder's width. */
  heads?: number;
  /** Encoder layers. */
  layers?: number;
  /** Rate of every dropout, in training only. */
  dropout?: number;
  /** Of the encoder's normalisations; 'batch' leaves padding out of its statistics. */
  normalization?: Normalization;
  /** Normalisation before each part of a layer and once behind the last layer, in place of behind each residual sum. */
  normFirst?: boolean;
  /** Options of `attention` for all layers, or a list of them, one for each layer. */
  attention?: LayerAttentionOptions | readonly LayerAttentionOptions[];
  /** Whether each layer trains the beta of its Attention-BN; default false. */
  trainableBeta?: boolean;
  /** Makes the initial weights, and dropout, reproducible. */
  seed?: number;
  /** Of the model. */
  name?: string;
}

/** What each option of a model must be: one that is missing, or unknown, is a build error. */
export type ModelRules<Config> = { readonly [Name in keyof Config]-?: Rule };

const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** What the options that every model has must be. */
export const encoderRules = {
  feedForward: integer(1),
  heads: integer(1),
  layers: integer(1),
  dropout: rate,
  normalization: oneOf(normalizations),
  normFirst: boolean,
  attention: {
    must: 'an object of options of attention, or a list of them',
    test: (value) => isObject(value) || (Array.isArray(value) && value.every(isObject)),
  },
  trainableBeta: boolean,
  seed: integer(),
  name: { must: 'a text that is not empty', test: (value) => typeof value === 'string' && value !== '' },
} satisfies ModelRules<EncoderOptions>;

/** How positions are told apart: a learned vector for each, or sine and cosine waves. */
export type Positions = 'learned' | 'sinusoidal';

/** What the class or number is read from: all positions side by side, or the mean of the valid ones. */
export type SequenceHead = 'flatten' | 'mean';

/** What the options of models of sequences must be. */
export const sequenceRules = {
  ...encoderRules,
  length: integer(1),
  width: integer(1),
  positions: oneOf(['learned', 'sinusoidal'] satisfies Positions[]),
  head: oneOf(['flatten', 'mean'] satisfies SequenceHead[]),
} as const;

/** The name of a preset, which withDefaults knows. */
export const presetRule: Rule = { must: 'the name of a preset', test: (value) => typeof value === 'string' };

/** Layers one after the other. */
export function chain(x: SymbolicTensor, ...steps: layers.Layer[]): SymbolicTensor {
  return steps.reduce((value, layer) => layer.apply(value) as SymbolicTensor, x);
}

/** A seed for each part of a model, in its order; undefined ones without `seed`. */
export function seedsOf(seed: number | undefined): () => number | undefined {
  let parts = 0;
  return () => (seed === undefined ? undefined : mixSeed(seed, parts++));
}

/**
 * Fills in a model's options.
 *
 * @param owner the model, for errors
 * @param config options as given: what is undefined was not
 * @param rules what each option must be
 * @param defaults what holds where neither the preset nor the config says otherwise
 * @param presets sizes by name, of which `config.preset` may choose one
 * @param missing further options that need not be there
 * @throws Error that names an option which is unknown, missing or wrong
 */
export function withDefaults<Config extends { preset?: string }, Defaults extends object>(
  owner: string,
  config: Config,
  rules: ModelRules<Config>,
  defaults: Defaults,
  presets: Readonly<Record<string, Partial<Record<keyof Defaults, unknown>>>>,
  missing: readonly string[] = [],
): Config & Required<Pick<Config, keyof Config & keyof Defaults>> {
  checkOptions(owner, config, Object.keys(rules));
  const { preset } = config;
  if (preset !== undefined) checkChoice(owner, 'preset', preset, Object.keys(presets));
  const given = Object.entries(config).filter(([, value]) => value !== undefined);
  const options: Record<string, unknown> = {
    ...defaults,
    ...(preset === undefined ? {} : presets[preset]),
    ...Object.fromEntries(given),
  };
  for (const [name, rule] of Object.entries<Rule>(rules)) {
    if (options[name] !== undefined || ![...free, ...missing].includes(name)) check(owner, name, options[name], rule);
  }
  return options as never;
}

/** Options that may be missing: all others have a default, or must be given. */
const free: readonly string[] = [
  'attention',
  'trainableBeta',
  'seed',
  'name',
  'preset',
] satisfies (keyof (EncoderOptions & {
  preset?: string;
}))[];

/** @throws Error unless the heads divide the encoder's width, an option of this name */
export function checkHeads(owner: string, heads: number, name: string, width: number): void {
  if (width % heads === 0) return;
  throw new Error(`${owner}: heads was ${heads}; it must divide ${name}, ${width}`);
}

/** The layer that adds positions to `scale` times its input. */
export function positionsLayer(positions: Positions, scale: number, seed?: number): layers.Layer {
  return positions === 'learned'
    ? new PositionEmbedding({ name: 'positions', scale, seed })
    : new SinePositionEncoding({ name: 'positions', scale });
}

/** Options of `attention` of each layer. */
function attentionOfLayers(owner: string, { layers: count, attention }: EncoderArgs): LayerAttentionOptions[] {
  if (!Array.isArray(attention)) return new Array(count).fill(attention) as LayerAttentionOptions[];
  if (attention.length !== count) {
    throw new Error(
      `${owner}: attention was a list of ${attention.length}; it must hold the options of each of ${count} layers`,
    );
  }
  return attention as LayerAttentionOptions[];
}

export interface EncoderArgs
  extends
    Required<Omit<EncoderOptions, 'attention' | 'trainableBeta' | 'seed' | 'name'>>,
    Pick<EncoderOptions, 'attention' | 'trainableBeta'> {
  kernelInitializer: InitializerIdentifier;
  /** Leading positions that Attention-SH leaves as they are. */
  unpooled?: number;
  nextSeed: () => number | undefined;
}

/**
 * Encoder layers named encoder_0, encoder_1, ..., and with `normFirst` the normalisation behind them, encoder_norm.
 *
 * @param owner the model, for errors
 * @param x [B, N, C]
 * @param lengths [B, 1], numbers of valid positions, if positions may be padded
 * @param args see EncoderOptions
 * @returns [B, N, C]
 */
export function encode(
  owner: string,
  x: SymbolicTensor,
  lengths: SymbolicTensor | undefined,
  args: EncoderArgs,
): SymbolicTensor {
  const { normalization, normFirst, nextSeed } = args;
  const apply = (layer: layers.Layer, value: SymbolicTensor) =>
    layer.apply(lengths ? [value, lengths] : value) as SymbolicTensor;
  const encoded = attentionOfLayers(owner, args).reduce((value, attention, index) => {
    const layer = new TransformerEncoderLayer({
      name: `encoder_${index}`,
      numHeads: args.heads,
      intermediateDim: args.feedForward,
      dropout: args.dropout,
      normalization,
      normFirst,
      kernelInitializer: args.kernelInitializer,
      attention,
      unpooled: args.unpooled,
      trainableBeta: args.trainableBeta,
      seed: nextSeed(),
    });
    return apply(layer, value);
  }, x);
  if (!normFirst) return encoded;
  return apply(normalizationLayer(normalization, { name: 'encoder_norm' }), encoded);
}

/** What a class or number is read from: [B, N, C] and lengths [B, 1] to [B, N C] or [B, C]; padding has no part in it. */
export function readSequence(head: SequenceHead, x: SymbolicTensor, lengths: SymbolicTensor): SymbolicTensor {
  if (head === 'mean') return new AveragePositions({ name: 'average' }).apply([x, lengths]) as SymbolicTensor;
  const masked = new MaskPadding({ name: 'mask_padding' }).apply([x, lengths]) as SymbolicTensor;
  return chain(masked, layers.flatten({ name: 'flatten' }));
}

/** The linear map to `classes` numbers, and their softmax. */
export function classify(
  x: SymbolicTensor,
  classes: number,
  kernelInitializer: InitializerIdentifier,
  seed?: number,
): SymbolicTensor {
  return chain(
    x,
    new FusedDense({ name: 'classes', units: classes, kernelInitializer: getInitializer(kernelInitializer, seed) }),
    layers.softmax({ name: 'probabilities' }),
  );
}

/** The linear map to some numbers. */
export function regress(
  x: SymbolicTensor,
  units: number,
  kernelInitializer: InitializerIdentifier,
  seed?: number,
): SymbolicTensor {
  const initializer = getInitializer(kernelInitializer, seed);
  return chain(x, new FusedDense({ name: 'value', units, kernelInitializer: initializer }));
}
