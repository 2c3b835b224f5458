import { type LayersModel, model } from '@tensorflow/tfjs-layers';
import { type ModelRules, regress, seedsOf, withDefaults } from './encoder.js';
import {
  encodeImages,
  visionDefaults,
  type VisionEncoderConfig,
  visionKernels,
  visionPresets,
  visionRules,
} from './visionEncoder.js';

/** Options of visionRegressor. */
export type VisionRegressorConfig = VisionEncoderConfig;

const rules = visionRules satisfies ModelRules<VisionRegressorConfig>;

/**
 * A vision transformer that gives a number for each image: visionTransformer, with a linear map to one number in place of
 * classes.
 *
 * Input: that of visionTransformer. Output: [B, 1], in the scale that timeSeriesRegressor's has.
 *
 * Defaults: those of visionTransformer.
 *
 * @throws Error that names the argument, if one is not valid
 */
export function visionRegressor(config: VisionRegressorConfig): LayersModel {
  const owner = 'visionRegressor';
  const options = withDefaults(owner, config, rules, visionDefaults, visionPresets);
  const nextSeed = seedsOf(options.seed);
  const { inputs, read } = encodeImages(owner, options, nextSeed);
  const outputs = regress(read, 1, visionKernels, nextSeed());
  return model({ inputs, outputs, name: options.name ?? 'vision_regressor' });
}
