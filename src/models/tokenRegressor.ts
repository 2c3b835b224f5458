import { type LayersModel, model } from '@tensorflow/tfjs-layers';
import { type ModelRules, regress, seedsOf, withDefaults } from './encoder.js';
import {
  encodeTokens,
  tokenDefaults,
  type TokenEncoderConfig,
  tokenKernels,
  tokenPresets,
  tokenRules,
} from './tokenEncoder.js';

/** Options of tokenRegressor. */
export type TokenRegressorConfig = TokenEncoderConfig;

const rules = tokenRules satisfies ModelRules<TokenRegressorConfig>;

/**
 * A transformer encoder that gives a number for each padded sequence of tokens: that of tokenClassifier, with a linear map to
 * one number in place of classes.
 *
 * Inputs: those of tokenClassifier. Output: [B, 1], in the scale that timeSeriesRegressor's has.
 *
 * Defaults: those of tokenClassifier.
 *
 * @throws Error that names the argument, if one is not valid; a token outside the vocabulary is an error of the call
 */
export function tokenRegressor(config: TokenRegressorConfig): LayersModel {
  const owner = 'tokenRegressor';
  const options = withDefaults(owner, config, rules, tokenDefaults, tokenPresets);
  const nextSeed = seedsOf(options.seed);
  const { inputs, read } = encodeTokens(owner, options, nextSeed);
  const outputs = regress(read, 1, tokenKernels, nextSeed());
  return model({ inputs, outputs, name: options.name ?? 'token_regressor' });
}
