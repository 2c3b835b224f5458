import { initializers, input, type LayersModel, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { FusedDense } from '../layers/fusedDense.js';
import { GeluActivation } from '../layers/geluActivation.js';
import { getInitializer } from '../layers/initializers.js';
import { MaskPadding } from '../layers/maskPadding.js';
import { SeededDropout } from '../layers/seededDropout.js';
import { integer } from '../checks/rules.js';
import {
  chain,
  checkHeads,
  classify,
  encode,
  type EncoderOptions,
  type ModelRules,
  type Positions,
  positionsLayer,
  presetRule,
  readSequence,
  seedsOf,
  type SequenceHead,
  sequenceRules,
  withDefaults,
} from './encoder.js';

export interface TimeSeriesClassifierConfig extends EncoderOptions {
  /** Values at each position. */
  channels: number;
  /** Positions that a series is padded to. */
  length: number;
  /** Number of classes, at least 2. */
  classes: number;
  /** Sizes by name, which other options override: see timeSeriesClassifierPresets. */
  preset?: keyof typeof timeSeriesClassifierPresets;
  /** Width of the encoder; the heads divide it. Default 128. */
  width?: number;
  /** Default 'learned'. */
  positions?: Positions;
  /** Default 'flatten'. */
  head?: SequenceHead;
}

/** The public protocol at a width that trains in a minute; see timeSeriesClassifier. */
export const timeSeriesClassifierDefaults = {
  width: 128,
  feedForward: 256,
  heads: 8,
  layers: 2,
  dropout: 0.1,
  normalization: 'batch',
  normFirst: false,
  positions: 'learned',
  head: 'flatten',
} as const satisfies Partial<TimeSeriesClassifierConfig>;

/** 'public': the sizes of the public protocol for the UEA archive. 'small': a narrower, deeper one that is common too. */
export const timeSeriesClassifierPresets = {
  public: { width: 512, feedForward: 2048, heads: 8, layers: 2 },
  small: { width: 64, feedForward: 256, heads: 8, layers: 3 },
} as const;

/** Uniform in +-1/sqrt(fan-in), PyTorch's default for linear maps, which the protocol has. */
const kernelInitializer = initializers.varianceScaling({ scale: 1 / 3, mode: 'fanIn', distribution: 'uniform' });

const rules = {
  ...sequenceRules,
  channels: integer(1),
  preset: presetRule,
} satisfies ModelRules<TimeSeriesClassifierConfig>;

/**
 * A transformer encoder that classifies padded time series:
 *
 *     linear(channels -> width) * sqrt(width) + positions -> dropout -> encoder layers (GELU) -> GELU -> dropout
 *     -> padding to 0 -> flatten, or mean of the valid positions -> linear(-> classes) -> softmax
 *
 * Inputs: `series` [B, length, channels], and `lengths` [B, 1], the number of valid positions of each series; what
 * stands behind them has no effect. Output: probabilities [B, classes], so losses and metrics are those that Keras
 * users expect: `model.compile({ optimizer, loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] })` for class
 * indices [B, 1] (float32), `'categoricalCrossentropy'` for one-hot labels.
 *
 * Defaults: feedForward 256, heads 8, layers 2, dropout 0.1, batch normalisation, post-norm.
 *
 * @throws Error that names the argument, if one is not valid
 * @see Zerveas et al., A Transformer-based Framework for Multivariate Time Series, arXiv 2010.02803
 */
export function timeSeriesClassifier(config: TimeSeriesClassifierConfig): LayersModel {
  const owner = 'timeSeriesClassifier';
  const options = withDefaults(owner, config, rules, timeSeriesClassifierDefaults, timeSeriesClassifierPresets);
  const { channels, length, classes, width, dropout, attention, seed } = options;
  checkHeads(owner, options.heads, 'width', width);
  const nextSeed = seedsOf(seed);

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
  const read = readSequence(options.head, encoded, lengths);
  const outputs = classify(read, classes, kernelInitializer, nextSeed());
  return model({ inputs: [series, lengths], outputs, name: options.name ?? 'time_series_classifier' });
}
