import { input, layers, type LayersModel, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { boolean, integer } from '../checks/rules.js';
import { FusedDense } from '../layers/fusedDense.js';
import { getInitializer } from '../layers/initializers.js';
import { InstanceNormalization } from '../layers/instanceNormalization.js';
import { InstanceRestoration } from '../layers/instanceRestoration.js';
import { JoinChannels } from '../layers/joinChannels.js';
import { SeededDropout } from '../layers/seededDropout.js';
import { SeriesPatches } from '../layers/seriesPatches.js';
import {
  chain,
  checkHeads,
  encode,
  type EncoderOptions,
  encoderRules,
  type ModelRules,
  positionsLayer,
  presetRule,
  regress,
  seedsOf,
  withDefaults,
} from './encoder.js';
import { seriesKernels } from './seriesEncoder.js';

export interface TimeSeriesForecasterConfig extends EncoderOptions {
  /** Values at each position. */
  channels: number;
  /** Positions of a series. */
  length: number;
  /** Positions to forecast. */
  horizon: number;
  /** Sizes by name, which other options override: see timeSeriesForecasterPresets. */
  preset?: keyof typeof timeSeriesForecasterPresets;
  /** Width of the encoder; the heads divide it. Default 64. */
  width?: number;
  /** Positions of a patch; default 16, or those of the series if they are fewer. */
  patchLength?: number;
  /** Positions from a patch to the next; default half of a patch. */
  stride?: number;
  /** Whether each channel is forecast from its own past only, with the same weights; default true. */
  channelIndependent?: boolean;
  /** Whether a series is normalised by its own mean and deviation, which the forecast gets back; default true. */
  instanceNormalization?: boolean;
}

/** A third of the sizes of PatchTST's, which train in minutes; see timeSeriesForecaster. */
export const timeSeriesForecasterDefaults = {
  width: 64,
  feedForward: 128,
  heads: 4,
  layers: 2,
  dropout: 0.2,
  normalization: 'batch',
  normFirst: false,
  channelIndependent: true,
  instanceNormalization: true,
} as const satisfies Partial<TimeSeriesForecasterConfig>;

/** 'patchtst': the sizes of PatchTST for large sets. 'small': those that it has for the ETT sets. */
export const timeSeriesForecasterPresets = {
  patchtst: { width: 128, feedForward: 256, heads: 16, layers: 3 },
  small: { width: 16, feedForward: 128, heads: 4, layers: 3, dropout: 0.3 },
} as const;

const rules = {
  ...encoderRules,
  ...{ channels: integer(1), length: integer(2), horizon: integer(1), width: integer(1) },
  ...{ patchLength: integer(1), stride: integer(1), channelIndependent: boolean, instanceNormalization: boolean },
  preset: presetRule,
} satisfies ModelRules<TimeSeriesForecasterConfig>;

/** Patches of series of a length, as options say, with defaults for what they do not. */
export function patchesOf(
  length: number,
  { patchLength = Math.min(16, length), patchStride }: { patchLength?: number; patchStride?: number },
) {
  return { patchLength, stride: patchStride ?? Math.max(1, Math.floor(patchLength / 2)) };
}

/**
 * A transformer that forecasts time series from patches of them:
 *
 *     less mean, by deviation of each series -> patches, of each channel by itself -> linear(-> width) + positions -> dropout
 *     -> encoder layers (GELU) -> flatten -> dropout -> linear(-> horizon) -> channels together -> deviation and mean given back
 *
 * Input: `series` [B, length, channels], standardised. Output: [B, horizon, channels], what follows, in the same scale.
 * With `channelIndependent: false`, a patch holds all channels, and the last linear map gives horizon * channels numbers.
 *
 * Defaults: feedForward 128, heads 4, layers 2, dropout 0.2, batch normalisation, post-norm.
 *
 * @throws Error that names the argument, if one is not valid
 * @see Nie et al., A Time Series is Worth 64 Words: Long-term Forecasting with Transformers (PatchTST), arXiv 2211.14730
 */
export function timeSeriesForecaster(config: TimeSeriesForecasterConfig): LayersModel {
  const owner = 'timeSeriesForecaster';
  const found = withDefaults(owner, config, rules, timeSeriesForecasterDefaults, timeSeriesForecasterPresets, [
    'patchLength',
    'stride',
  ]);
  const options = { ...found, ...patchesOf(found.length, { ...found, patchStride: found.stride }) };
  const { channels, length, horizon, width, dropout, attention, channelIndependent } = options;
  checkHeads(owner, options.heads, 'width', width);
  const { patchLength, stride } = options;
  if (patchLength > length) {
    throw new Error(`${owner}: patchLength was ${patchLength}; it must be at most length, ${length}`);
  }
  const nextSeed = seedsOf(options.seed);
  const kernelInitializer = seriesKernels;

  const series = input({ shape: [length, channels], name: 'series' });
  const normalized = options.instanceNormalization
    ? chain(series, new InstanceNormalization({ name: 'instance_normalization' }))
    : series;
  const embedded = chain(
    normalized,
    new SeriesPatches({ name: 'patches', patchLength, stride, channelIndependent }),
    new FusedDense({
      name: 'embedding',
      units: width,
      kernelInitializer: getInitializer(kernelInitializer, nextSeed()),
    }),
    positionsLayer('learned', 1, nextSeed()),
    new SeededDropout({ name: 'embedding_dropout', rate: dropout, seed: nextSeed() }),
  );
  const encoded = encode(owner, embedded, undefined, { ...options, attention, kernelInitializer, nextSeed });
  const read = chain(
    encoded,
    layers.flatten({ name: 'flatten' }),
    new SeededDropout({ name: 'dropout', rate: dropout, seed: nextSeed() }),
  );
  const numbers = regress(read, channelIndependent ? horizon : horizon * channels, kernelInitializer, nextSeed());
  const joined = channelIndependent
    ? chain(numbers, new JoinChannels({ name: 'channels', channels }))
    : chain(numbers, layers.reshape({ name: 'channels', targetShape: [horizon, channels] }));
  const outputs = options.instanceNormalization
    ? (new InstanceRestoration({ name: 'forecast' }).apply([joined, series]) as SymbolicTensor)
    : joined;
  return model({ inputs: series, outputs, name: options.name ?? 'time_series_forecaster' });
}
