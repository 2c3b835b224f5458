import { model, type LayersModel } from '@tensorflow/tfjs-layers';
import { integer } from '../checks/rules.js';
import { classify, type ModelRules, seedsOf, withDefaults } from './encoder.js';
import {
  encodeSeries,
  type SeriesEncoderConfig,
  seriesDefaults,
  seriesKernels,
  seriesPresets,
  seriesRules,
} from './seriesEncoder.js';

/** Options of timeSeriesClassifier. */
export interface TimeSeriesClassifierConfig extends SeriesEncoderConfig {
  /** Number of classes, at least 2. */
  classes: number;
}

/** The public protocol at a width that trains in a minute; see timeSeriesClassifier. */
export const timeSeriesClassifierDefaults = seriesDefaults;

/** 'public': the sizes of the public protocol for the UEA archive. 'small': a narrower, deeper one that is common too. */
export const timeSeriesClassifierPresets = seriesPresets;

const rules = { ...seriesRules, classes: integer(2) } satisfies ModelRules<TimeSeriesClassifierConfig>;

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
  const nextSeed = seedsOf(options.seed);
  const { inputs, read } = encodeSeries(owner, options, nextSeed);
  const outputs = classify(read, options.classes, seriesKernels, nextSeed());
  return model({ inputs, outputs, name: options.name ?? 'time_series_classifier' });
}
