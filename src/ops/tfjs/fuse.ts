// Parts of tf.layers and tf.train that run dozens of operations where one kernel of ours computes the same, or are wrong.

import { fuseAdam } from './adam.js';
import { fuseBatchNormalization } from './batchNormalizationLayer.js';
import { mendConvolutionLayers } from './convolutionLayers.js';
import { fuseRecurrentLayers } from './recurrentLayers.js';

/** Puts our kernels in their place on wasm, or tfjs's own code back. */
export function fuseTfjs(fused: boolean): void {
  fuseAdam(fused);
  fuseBatchNormalization(fused);
  fuseRecurrentLayers(fused);
  mendConvolutionLayers(fused);
}
