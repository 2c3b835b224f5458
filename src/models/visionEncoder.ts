// What models of images share.

import { initializers, input, layers, type SymbolicTensor } from '@tensorflow/tfjs-layers';
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
  encode,
  type EncoderOptions,
  encoderRules,
  type ModelRules,
  presetRule,
} from './encoder.js';

/** What every model of images is told. */
export interface VisionEncoderConfig extends EncoderOptions {
  /** Of the images, in pixels. */
  height: number;
  /** Of the images, in pixels. */
  width: number;
  /** Values of a pixel. */
  channels: number;
  /** Sizes by name, which other options override; default 'small'. See visionTransformerPresets. */
  preset?: keyof typeof visionPresets;
  /** Height and width of a patch, in pixels; divides those of the images. Default 4. */
  patchSize?: number;
  /** Width of the encoder; the heads divide it. Default 64. */
  embedDim?: number;
  /** What the class or number is read from: a class token in front of the patches ('token', default), or the mean of the patches. */
  head?: 'token' | 'mean';
}

export const visionPresets = {
  small: { patchSize: 4, embedDim: 64, feedForward: 128, heads: 4, layers: 4, dropout: 0.1 },
  'deit-tiny': { patchSize: 16, embedDim: 192, feedForward: 768, heads: 3, layers: 12, dropout: 0 },
} as const;

export const visionDefaults = {
  ...visionPresets.small,
  normalization: 'layer',
  normFirst: true,
  head: 'token',
} as const satisfies Partial<VisionEncoderConfig>;

export const visionKernels = 'glorotUniform';

const size = integer(1);
export const visionRules = {
  ...encoderRules,
  ...{ height: size, width: size, channels: size, patchSize: size, embedDim: size },
  head: oneOf(['token', 'mean']),
  preset: presetRule,
} satisfies ModelRules<VisionEncoderConfig>;

type VisionOptions = VisionEncoderConfig & Required<Pick<VisionEncoderConfig, keyof typeof visionDefaults>>;

/**
 * From images [B, height, width, channels] to what a class or number is read from, [B, embedDim].
 *
 * @param owner the model, for errors
 * @param options with all defaults
 * @param nextSeed see seedsOf
 */
export function encodeImages(
  owner: string,
  options: VisionOptions,
  nextSeed: () => number | undefined,
): { inputs: SymbolicTensor; read: SymbolicTensor } {
  const { height, width, channels, patchSize, embedDim, dropout, head } = options;
  checkHeads(owner, options.heads, 'embedDim', embedDim);
  if (height % patchSize !== 0 || width % patchSize !== 0) {
    throw new Error(`${owner}: patchSize was ${patchSize}; it must divide height and width, ${height} and ${width}`);
  }
  const kernelInitializer = visionKernels;

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
  const encoded = encode(owner, embedded, undefined, { ...options, unpooled, kernelInitializer, nextSeed });
  const readout = head === 'token' ? new FirstPosition({ name: head }) : layers.globalAveragePooling1d({ name: head });
  return { inputs: images, read: chain(encoded, readout) };
}
