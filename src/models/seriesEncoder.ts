// What models of time series share.

import { initializers, input, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { FusedDense } from '../layers/fusedDense.js';
import { GeluActivation } from '../layers/geluActivation.js';
import { getInitializer, type InitializerIdentifier } from '../layers/initializers.js';
import { MaskPadding } from '../layers/maskPadding.js';
import { SeededDropout } from '../layers/seededDropout.js';
import { integer } from '../checks/rules.js';
import {
  chain,
  checkHeads,
  encode,
  type EncoderOptions,
  type ModelRules,
  type Positions,
  positionsLayer,
  presetRule,
  readSequence,
  type SequenceHead,
  sequenceRules,
} from './encoder.js';

/** What every model of padded time series is told. */
export interface SeriesEncoderConfig extends EncoderOptions {
  /** Values at each position. */
  channels: number;
  /** Positions that a series is padded to. */
  length: number;
  /** Sizes by name, which other options override: see timeSeriesClassifierPresets. */
  preset?: keyof typeof seriesPresets;
  /** Width of the encoder; the heads divide it. Default 128. */
  width?: number;
  /** Default 'learned'. */
  positions?: Positions;
  /** Default 'flatten'. */
  head?: SequenceHead;
}

/** The public protocol at a width that trains in a minute. */
export const seriesDefaults = {
  width: 128,
  feedForward: 256,
  heads: 8,
  layers: 2,
  dropout: 0.1,
  normalization: 'batch',
  normFirst: false,
  positions: 'learned',
  head: 'flatten',
} as const satisfies Partial<SeriesEncoderConfig>;

export const seriesPresets = {
  public: { width: 512, feedForward: 2048, heads: 8, layers: 2 },
  small: { width: 64, feedForward: 256, heads: 8, layers: 3 },
} as const;

/** Uniform in +-1/sqrt(fan-in), PyTorch's default for linear maps, which the protocol has. */
export const seriesKernels: InitializerIdentifier = initializers.varianceScaling({
  scale: 1 / 3,
  mode: 'fanIn',
  distribution: 'uniform',
});

export const seriesRules = {
  ...sequenceRules,
  channels: integer(1),
  preset: presetRule,
} satisfies ModelRules<SeriesEncoderConfig>;

type SeriesOptions = SeriesEncoderConfig & Required<Pick<SeriesEncoderConfig, keyof typeof seriesDefaults>>;

/**
 * From series [B, length, channels] and lengths [B, 1] to what a class or number is read from.
 *
 * @param owner the model, for errors
 * @param options with all defaults
 * @param nextSeed see seedsOf
 */
export function encodeSeries(
  owner: string,
  options: SeriesOptions,
  nextSeed: () => number | undefined,
): { inputs: SymbolicTensor[]; read: SymbolicTensor } {
  const { channels, length, width, dropout, attention } = options;
  checkHeads(owner, options.heads, 'width', width);
  const kernelInitializer = seriesKernels;
  const series = input({ shape: [length, channels], name: 'series' });
  const lengths = input({ shape: [1], name: 'lengths' });
  const embedded = chain(
    // All positions share the embedding's weights, and 0 times NaN, in their gradient, is NaN.
    new MaskPadding({ name: 'series_padding' }).apply([series, lengths]) as SymbolicTensor,
    new FusedDense({
      name: 'embedding',
      units: width,
      kernelInitializer: getInitializer(kernelInitializer, nextSeed()),
    }),
    positionsLayer(options.positions, Math.sqrt(width), nextSeed()),
    new SeededDropout({ name: 'embedding_dropout', rate: dropout, seed: nextSeed() }),
  );
  const encoded = chain(
    encode(owner, embedded, lengths, { ...options, attention, kernelInitializer, nextSeed }),
    new GeluActivation({ name: 'activation' }),
    new SeededDropout({ name: 'dropout', rate: dropout, seed: nextSeed() }),
  );
  return { inputs: [series, lengths], read: readSequence(options.head, encoded, lengths) };
}
