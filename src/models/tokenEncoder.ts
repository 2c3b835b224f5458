// What models of tokens share.

import { initializers, input, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { SeededDropout } from '../layers/seededDropout.js';
import { TokenEmbedding } from '../layers/tokenEmbedding.js';
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

/** What every model of padded sequences of tokens is told. */
export interface TokenEncoderConfig extends EncoderOptions {
  /** Number of tokens: they are 0 .. vocabulary - 1. */
  vocabulary: number;
  /** Positions that a sequence is padded to. */
  length: number;
  /** Sizes by name, which other options override: see tokenClassifierPresets. */
  preset?: keyof typeof tokenPresets;
  /** Width of the encoder; the heads divide it. Default 64. */
  width?: number;
  /** Default 'sinusoidal': with long sequences, few examples reach the last learned ones. */
  positions?: Positions;
  /** Default 'mean'. */
  head?: SequenceHead;
}

/** The sizes of the Long Range Arena's small transformers. */
export const tokenDefaults = {
  width: 64,
  feedForward: 128,
  heads: 2,
  layers: 2,
  dropout: 0.1,
  normalization: 'layer',
  normFirst: true,
  positions: 'sinusoidal',
  head: 'mean',
} as const satisfies Partial<TokenEncoderConfig>;

export const tokenPresets = {
  small: { width: 64, feedForward: 128, heads: 2, layers: 2 },
  lra: { width: 512, feedForward: 2048, heads: 8, layers: 6 },
} as const;

export const tokenKernels = 'glorotUniform';

export const tokenRules = {
  ...sequenceRules,
  vocabulary: integer(1),
  preset: presetRule,
} satisfies ModelRules<TokenEncoderConfig>;

type TokenOptions = TokenEncoderConfig & Required<Pick<TokenEncoderConfig, keyof typeof tokenDefaults>>;

/**
 * From tokens [B, length] and lengths [B, 1] to what a class or number is read from.
 *
 * @param owner the model, for errors
 * @param options with all defaults
 * @param nextSeed see seedsOf
 */
export function encodeTokens(
  owner: string,
  options: TokenOptions,
  nextSeed: () => number | undefined,
): { inputs: SymbolicTensor[]; read: SymbolicTensor } {
  const { vocabulary, length, width, dropout } = options;
  checkHeads(owner, options.heads, 'width', width);
  const kernelInitializer = tokenKernels;
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
  const encoded = encode(owner, embedded, lengths, { ...options, kernelInitializer, nextSeed });
  return { inputs: [tokens, lengths], read: readSequence(options.head, encoded, lengths) };
}
