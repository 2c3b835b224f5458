// The list of kernels, and their place in tfjs's registry.

import * as tf from '@tensorflow/tfjs-core';
import type { KernelConfig } from '@tensorflow/tfjs-core';
import { fusedAttentionConfig, fusedAttentionGradConfig } from './attention.js';
import { headsAttentionConfig, headsAttentionGradConfig } from './headsAttention.js';
import { geluConfig, geluGradConfig } from './gelu.js';
import { addConfig } from './add.js';
import { blendConfig } from './blend.js';
import { embeddingConfig, embeddingGradConfig } from './embedding.js';
import { castConfig } from './cast.js';
import { dropoutConfig, residualConfig } from './dropout.js';
import { identityConfig } from './identity.js';
import { poolPositionsConfig, poolPositionsGradConfig } from './poolPositions.js';
import { depthwiseConvolutionConfig, depthwiseConvolutionGradConfig } from './depthwiseConvolution.js';
import { addPositionsConfig, addPositionsGradConfig } from './addPositions.js';
import { maskPositionsConfig } from './maskPositions.js';
import { batchMatMulConfig, fusedMatMulConfig } from './matmul.js';
import {
  batchNormalizationConfig,
  batchNormalizationGradConfig,
  batchNormalizationInferenceConfig,
} from './batchNormalization.js';
import { layerNormalizationConfig, layerNormalizationGradConfig } from './layerNormalization.js';
import { linearConfig, linearGradConfig } from './linear.js';
import { momentStepConfig } from './momentStep.js';
import { softmaxCrossEntropyConfig, softmaxCrossEntropyGradConfig } from './softmaxCrossEntropy.js';
import { tfjsKernel } from './tfjsKernels.js';
import { unsortedSegmentSumConfig } from './segmentSum.js';

/** Kernels of our own ops. */
const own: readonly KernelConfig[] = [
  fusedAttentionConfig,
  fusedAttentionGradConfig,
  headsAttentionConfig,
  headsAttentionGradConfig,
  depthwiseConvolutionConfig,
  depthwiseConvolutionGradConfig,
  poolPositionsConfig,
  poolPositionsGradConfig,
  geluConfig,
  geluGradConfig,
  linearConfig,
  linearGradConfig,
  layerNormalizationConfig,
  layerNormalizationGradConfig,
  batchNormalizationConfig,
  batchNormalizationGradConfig,
  batchNormalizationInferenceConfig,
  dropoutConfig,
  residualConfig,
  addPositionsConfig,
  addPositionsGradConfig,
  maskPositionsConfig,
  softmaxCrossEntropyConfig,
  softmaxCrossEntropyGradConfig,
  blendConfig,
  embeddingConfig,
  embeddingGradConfig,
  momentStepConfig,
];

/** Kernels that replace tfjs's, or that it lacks on wasm: `acceleration`. */
const accelerating: readonly KernelConfig[] = [
  batchMatMulConfig,
  fusedMatMulConfig,
  identityConfig,
  castConfig,
  addConfig,
  unsortedSegmentSumConfig,
];

/** Registering over a kernel would print a warning. */
function put({ kernelName, backendName }: KernelConfig, config: KernelConfig | undefined): void {
  if (tf.getKernel(kernelName, backendName)) tf.unregisterKernel(kernelName, backendName);
  if (!config) return;
  tf.registerKernel(config);
  // tfjs binds its kernels to the heap when the backend starts, and this one may not have been there then.
  config.setupFunc?.(tf.backend());
}

/** Registers all kernels; without `acceleration`, tfjs's own products stay or come back. Returns our kernels' names. */
export function registerKernels(acceleration: boolean): string[] {
  for (const config of own) put(config, config);
  for (const config of accelerating) put(config, acceleration ? config : tfjsKernel(config.kernelName));
  return [...own, ...(acceleration ? accelerating : [])].map(({ kernelName }) => kernelName);
}
