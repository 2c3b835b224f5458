import { type LayersModel, model } from '@tensorflow/tfjs-layers';
import { integer } from '../checks/rules.js';
import { classify, type ModelRules, seedsOf, withDefaults } from './encoder.js';
import {
  encodeImages,
  visionDefaults,
  type VisionEncoderConfig,
  visionKernels,
  visionPresets,
  visionRules,
} from './visionEncoder.js';

export interface VisionTransformerConfig extends VisionEncoderConfig {
  /** Number of classes, at least 2. */
  classes: number;
}

/**
 * 'small': for images of some thirty pixels a side, such as MNIST's and CIFAR-10's. 'deit-tiny': DeiT-Ti, for 224 x 224
 * pixels; it has no dropout.
 */
export const visionTransformerPresets = visionPresets;

/** See visionTransformer. */
export const visionTransformerDefaults = visionDefaults;

const rules = { ...visionRules, classes: integer(2) } satisfies ModelRules<VisionTransformerConfig>;

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
  const nextSeed = seedsOf(options.seed);
  const { inputs, read } = encodeImages(owner, options, nextSeed);
  const outputs = classify(read, options.classes, visionKernels, nextSeed());
  return model({ inputs, outputs, name: options.name ?? 'vision_transformer' });
}
