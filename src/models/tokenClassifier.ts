import { initializers, input, type LayersModel, model } from '@tensorflow/tfjs-layers';
import { SeededDropout } from '../layers/seededDropout.js';
import { TokenEmbedding } from '../layers/tokenEmbedding.js';
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

export interface TokenClassifierConfig extends EncoderOptions {
  /** Number of tokens: they are 0 .. vocabulary - 1. */
  vocabulary: number;
  /** Positions that a sequence is padded to. */
  length: number;
  /** Number of classes, at least 2. */
  classes: number;
  /** Sizes by name, which other options override: see tokenClassifierPresets. */
  preset?: keyof typeof tokenClassifierPresets;
  /** Width of the encoder; the heads divide it. Default 64. */
  width?: number;
  /** Default 'sinusoidal': with long sequences, few examples reach the last learned ones. */
  positions?: Positions;
  /** Default 'mean'. */
  head?: SequenceHead;
}

/** The sizes of the Long Range Arena's small transformers; see tokenClassifier. */
export const tokenClassifierDefaults = {
  width: 64,
  feedForward: 128,
  heads: 2,
  layers: 2,
  dropout: 0.1,
  normalization: 'layer',
  normFirst: true,
  positions: 'sinusoidal',
  head: 'mean',
} as const satisfies Partial<TokenClassifierConfig>;

/** 'small': the default sizes. 'lra': those of the Long Range Arena's base models. */
export const tokenClassifierPresets = {
  small: { width: 64, feedForward: 128, heads: 2, layers: 2 },
  lra: { width: 512, feedForward: 2048, heads: 8, layers: 6 },
} as const;

const kernelInitializer = 'glorotUniform';

const rules = {
  ...sequenceRules,
  vocabulary: integer(1),
  classes: integer(2),
  preset: presetRule,
} satisfies ModelRules<TokenClassifierConfig>;

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
  const { vocabulary, length, classes, width, dropout, attention, seed } = options;
  checkHeads(owner, options.heads, 'width', width);
  const nextSeed = seedsOf(seed);

  const tokens = input({ shape: [length], name: 'tokens' });
  const lengths = input({ shape: [1], name: 'lengths' });
  const embedded = chain(
    tokens,
    new TokenEmbedding({
      name: 'embedding',
      inputDim: vocabulary,
      outputDim: width,
      // With the factor of the positions, 1: as large as the waves.
      embeddingsInitializer: initializers.randomNormal({ mean: 0, stddev: 1 / Math.sqrt(width) }),
      seed: nextSeed(),
    }),
    positionsLayer(options.positions, Math.sqrt(width), nextSeed()),
    new SeededDropout({ name: 'embedding_dropout', rate: dropout, seed: nextSeed() }),
  );
  const encoded = encode(owner, embedded, lengths, { ...options, attention, kernelInitializer, nextSeed });
  const read = readSequence(options.head, encoded, lengths);
  const outputs = classify(read, classes, kernelInitializer, nextSeed());
  return model({ inputs: [tokens, lengths], outputs, name: options.name ?? 'token_classifier' });
}
