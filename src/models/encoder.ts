// What the classifiers share: the encoder, what stands before and behind it, and how their options are filled in.

import { layers, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { AveragePositions } from '../layers/averagePositions.js';
import { getInitializer, type InitializerIdentifier } from '../layers/initializers.js';
import { FusedDense } from '../layers/fusedDense.js';
import { MaskPadding } from '../layers/maskPadding.js';
import type { LayerAttentionOptions } from '../layers/layerAttentionOptions.js';
import { PositionEmbedding } from '../layers/positionEmbedding.js';
import { type Normalization, normalizationLayer } from '../layers/normalizationLayer.js';
import { SinePositionEncoding } from '../layers/sinePositionEncoding.js';
import { TransformerEncoderLayer } from '../layers/transformerEncoderLayer.js';
import { checkChoice, checkInteger } from '../checks/values.js';
import { mixSeed } from '../random.js';

/** Options that every classifier has; the defaults are each one's own. */
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
  /** Makes the initial weights, and dropout, reproducible. */
  seed?: number;
}

/** How positions are told apart: a learned vector for each, or sine and cosine waves. */
export type Positions = 'learned' | 'sinusoidal';

/** What the class is read from: all positions side by side, or the mean of the valid ones. */
export type SequenceHead = 'flatten' | 'mean';

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
 * @param defaults what holds where neither the preset nor the config says otherwise
 * @param presets sizes by name, of which `config.preset` may choose one
 * @throws Error if there is no such preset
 */
export function withDefaults<Config extends { preset?: string }, Defaults extends object>(
  owner: string,
  config: Config,
  defaults: Defaults,
  presets: Readonly<Record<string, Partial<Record<keyof Defaults, unknown>>>>,
): Config & Required<Pick<Config, keyof Config & keyof Defaults>> {
  const { preset } = config;
  if (preset !== undefined) checkChoice(owner, 'preset', preset, Object.keys(presets));
  const given = Object.entries(config).filter(([, value]) => value !== undefined);
  return Object.assign({}, defaults, preset === undefined ? {} : presets[preset], Object.fromEntries(given)) as never;
}

/** The layer that adds positions to `scale` times its input. */
export function positionsLayer(owner: string, positions: Positions, scale: number, seed?: number): layers.Layer {
  checkChoice(owner, 'positions', positions, ['learned', 'sinusoidal']);
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

export interface EncoderArgs extends Required<Omit<EncoderOptions, 'attention' | 'seed'>> {
  attention: EncoderOptions['attention'];
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
  checkInteger(owner, 'layers', args.layers, 1, Infinity);
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
      seed: nextSeed(),
    });
    return apply(layer, value);
  }, x);
  if (!normFirst) return encoded;
  return apply(normalizationLayer(normalization, 'encoder_norm'), encoded);
}

/** What a class is read from: [B, N, C] and lengths [B, 1] to [B, N C] or [B, C]; padding has no part in it. */
export function readSequence(
  owner: string,
  head: SequenceHead,
  x: SymbolicTensor,
  lengths: SymbolicTensor,
): SymbolicTensor {
  checkChoice(owner, 'head', head, ['flatten', 'mean']);
  if (head === 'mean') return new AveragePositions({ name: 'average' }).apply([x, lengths]) as SymbolicTensor;
  const masked = new MaskPadding({ name: 'mask_padding' }).apply([x, lengths]) as SymbolicTensor;
  return chain(masked, layers.flatten({ name: 'flatten' }));
}

/** The linear map to `classes` numbers, and their softmax. */
export function classify(
  owner: string,
  x: SymbolicTensor,
  classes: number,
  kernelInitializer: InitializerIdentifier,
  seed?: number,
): SymbolicTensor {
  checkInteger(owner, 'classes', classes, 2, Infinity);
  return chain(
    x,
    new FusedDense({ name: 'classes', units: classes, kernelInitializer: getInitializer(kernelInitializer, seed) }),
    layers.softmax({ name: 'probabilities' }),
  );
}
