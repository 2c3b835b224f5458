import { initializers, input, layers, type LayersModel, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { ClassToken } from '../layers/classToken.js';
import { FirstPosition } from '../layers/firstPosition.js';
import { FusedDense } from '../layers/fusedDense.js';
import { ImagePatches } from '../layers/imagePatches.js';
import { getInitializer } from '../layers/initializers.js';
import { PositionEmbedding } from '../layers/positionEmbedding.js';
import { SeededDropout } from '../layers/seededDropout.js';
import { integer, oneOf } from '../checks/rules.js';
import {
  chain,
  checkHeads,
  classify,
  encode,
  type EncoderOptions,
  encoderRules,
  type ModelRules,
  presetRule,
  seedsOf,
  withDefaults,
} from './encoder.js';

export interface VisionTransformerConfig extends EncoderOptions {
  /** Of the images, in pixels. */
  height: number;
  /** Of the images, in pixels. */
  width: number;
  /** Values of a pixel. */
  channels: number;
  /** Number of classes, at least 2. */
  classes: number;
  /** Sizes by name, which other options override; default 'small'. See visionTransformerPresets. */
  preset?: keyof typeof visionTransformerPresets;
  /** Height and width of a patch, in pixels; divides those of the images. Default 4. */
  patchSize?: number;
  /** Width of the encoder; the heads divide it. Default 64. */
  embedDim?: number;
  /** What the class is read from: a class token in front of the patches ('token', default), or the mean of the patches. */
  head?: 'token' | 'mean';
}

/**
 * 'small': for images of some thirty pixels a side, such as MNIST's and CIFAR-10's. 'deit-tiny': DeiT-Ti, for 224 x 224
 * pixels; it has no dropout.
 */
export const visionTransformerPresets = {
  small: { patchSize: 4, embedDim: 64, feedForward: 128, heads: 4, layers: 4, dropout: 0.1 },
  'deit-tiny': { patchSize: 16, embedDim: 192, feedForward: 768, heads: 3, layers: 12, dropout: 0 },
} as const;

/** See visionTransformer. */
export const visionTransformerDefaults = {
  ...visionTransformerPresets.small,
  normalization: 'layer',
  normFirst: true,
  head: 'token',
} as const satisfies Partial<VisionTransformerConfig>;

const kernelInitializer = 'glorotUniform';

const size = integer(1);
const rules = {
  ...encoderRules,
  ...{ height: size, width: size, channels: size, patchSize: size, embedDim: size },
  classes: integer(2),
  head: oneOf(['token', 'mean']),
  preset: presetRule,
} satisfies ModelRules<VisionTransformerConfig>;

/**
 * A vision transformer that classifies images of one size:
 *
 *     patches -> linear(-> embedDim) -> class token in front -> + learned positions -> dropout -> encoder layers (GELU)
 *     -> normalisation (with normFirst) -> class token -> linear(-> classes) -> softmax
 *
 * Input: `images` [B, height, width, channels], standardised. Output: probabilities [B, classes]. Attention-SH leaves
 * the class token out of its averages: it stays a key of its own. That has no place for `causal` and `window`, which
 * go with `headScales` under head 'mean' only.
 *
 * Defaults: the preset 'small', layer normalisation, pre-norm.
 *
 * @throws Error that names the argument, if one is not valid
 * @see Dosovitskiy et al., An Image is Worth 16x16 Words, arXiv 2010.11929; Touvron et al., DeiT, arXiv 2012.12877
 */
export function visionTransformer(config: VisionTransformerConfig): LayersModel {
  const owner = 'visionTransformer';
  const options = withDefaults(owner, config, rules, visionTransformerDefaults, visionTransformerPresets);
  const { height, width, channels, classes, patchSize, embedDim, dropout, head, attention, seed } = options;
  checkHeads(owner, options.heads, 'embedDim', embedDim);
  if (height % patchSize !== 0 || width % patchSize !== 0) {
    throw new Error(`${owner}: patchSize was ${patchSize}; it must divide height and width, ${height} and ${width}`);
  }
  const nextSeed = seedsOf(seed);

  const images = input({ shape: [height, width, channels], name: 'images' });
  const patches = chain(
    images,
    new ImagePatches({ name: 'patches', patchSize }),
    new FusedDense({
      name: 'embedding',
      units: embedDim,
      kernelInitializer: getInitializer(kernelInitializer, nextSeed()),
    }),
  );
  const embedded = chain(
    head === 'token' ? (new ClassToken({ name: 'class_token' }).apply(patches) as SymbolicTensor) : patches,
    new PositionEmbedding({
      name: 'positions',
      initializer: initializers.truncatedNormal({ mean: 0, stddev: 0.02 }),
      seed: nextSeed(),
    }),
    new SeededDropout({ name: 'embedding_dropout', rate: dropout, seed: nextSeed() }),
  );
  const unpooled = head === 'token' ? 1 : 0;
  const encoded = encode(owner, embedded, undefined, { ...options, attention, unpooled, kernelInitializer, nextSeed });
  const readout = head === 'token' ? new FirstPosition({ name: head }) : layers.globalAveragePooling1d({ name: head });
  const outputs = classify(chain(encoded, readout), classes, kernelInitializer, nextSeed());
  return model({ inputs: images, outputs, name: options.name ?? 'vision_transformer' });
}
