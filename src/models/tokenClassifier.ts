import { type LayersModel, model } from '@tensorflow/tfjs-layers';
import { integer } from '../checks/rules.js';
import { classify, type ModelRules, seedsOf, withDefaults } from './encoder.js';
import {
  encodeTokens,
  tokenDefaults,
  type TokenEncoderConfig,
  tokenKernels,
  tokenPresets,
  tokenRules,
} from './tokenEncoder.js';

/** Options of tokenClassifier. */
export interface TokenClassifierConfig extends TokenEncoderConfig {
  /** Number of classes, at least 2. */
  classes: number;
}

/** The sizes of the Long Range Arena's small transformers; see tokenClassifier. */
export const tokenClassifierDefaults = tokenDefaults;

/** 'small': the default sizes. 'lra': those of the Long Range Arena's base models. */
export const tokenClassifierPresets = tokenPresets;

const rules = { ...tokenRules, classes: integer(2) } satisfies ModelRules<TokenClassifierConfig>;

/**
 * A transformer encoder that classifies padded sequences of tokens, such as ListOps:
 *
 *     embedding * sqrt(width) + positions -> dropout -> encoder layers (GELU) -> normalisation (with normFirst)
 *     -> mean of the valid positions, or padding to 0 and flatten -> linear(-> classes) -> softmax
 *
 * Inputs: `tokens` [B, length], whole numbers as float32 or int32, and `lengths` [B, 1], the number of valid positions
 * of each sequence; what stands behind them has no effect, but must be tokens too. Output: probabilities [B, classes].
 *
 * Defaults: feedForward 128, heads 2, layers 2, dropout 0.1, layer normalisation, pre-norm.
 *
 * @throws Error that names the argument, if one is not valid; a token outside the vocabulary is an error of the call
 * @see Vaswani et al., arXiv 1706.03762; Tay et al., Long Range Arena, arXiv 2011.04006
 */
export function tokenClassifier(config: TokenClassifierConfig): LayersModel {
  const owner = 'tokenClassifier';
  const options = withDefaults(owner, config, rules, tokenClassifierDefaults, tokenClassifierPresets);
  const nextSeed = seedsOf(options.seed);
  const { inputs, read } = encodeTokens(owner, options, nextSeed);
  const outputs = classify(read, options.classes, tokenKernels, nextSeed());
  return model({ inputs, outputs, name: options.name ?? 'token_classifier' });
}
