import { type LayersModel, model } from '@tensorflow/tfjs-layers';
import { type ModelRules, regress, seedsOf, withDefaults } from './encoder.js';
import {
  encodeSeries,
  seriesDefaults,
  type SeriesEncoderConfig,
  seriesKernels,
  seriesPresets,
  seriesRules,
} from './seriesEncoder.js';

/** Options of timeSeriesRegressor. */
export type TimeSeriesRegressorConfig = SeriesEncoderConfig;

const rules = seriesRules satisfies ModelRules<TimeSeriesRegressorConfig>;

/**
 * A transformer encoder that gives a number for each padded time series: that of timeSeriesClassifier, with a linear map to
 * one number in place of classes.
 *
 * Inputs: `series` [B, length, channels], and `lengths` [B, 1], the number of valid positions of each series; what stands
 * behind them has no effect. Output: [B, 1]. `fit` trains it on standardised targets, to `meanSquaredError`, if the data has
 * their statistics.
 *
 * Defaults: those of timeSeriesClassifier.
 *
 * @throws Error that names the argument, if one is not valid
 * @see Zerveas et al., A Transformer-based Framework for Multivariate Time Series, arXiv 2010.02803; Tan et al., Time Series
 *   Extrinsic Regression, Data Mining and Knowledge Discovery 35 (2021)
 */
export function timeSeriesRegressor(config: TimeSeriesRegressorConfig): LayersModel {
  const owner = 'timeSeriesRegressor';
  const options = withDefaults(owner, config, rules, seriesDefaults, seriesPresets);
  const nextSeed = seedsOf(options.seed);
  const { inputs, read } = encodeSeries(owner, options, nextSeed);
  const outputs = regress(read, 1, seriesKernels, nextSeed());
  return model({ inputs, outputs, name: options.name ?? 'time_series_regressor' });
}
