// The list of gradients, for `init` to register.

import type { GradConfig } from '@tensorflow/tfjs-core';
import { fusedAttentionGradient } from './attention.js';
import { addPositionsGradient } from './addPositions.js';
import { poolPositionsGradient } from './poolPositions.js';
import { batchNormalizationGradient, batchNormalizationInferenceGradient } from './batchNormalization.js';
import { depthwiseConvolutionGradient } from './depthwiseConvolution.js';
import { dropoutGradient } from './dropout.js';
import { embeddingGradient } from './embedding.js';
import { geluGradient } from './gelu.js';
import { headsAttentionGradient } from './headsAttention.js';
import { maskPositionsGradient } from './maskPositions.js';
import { residualGradient } from './residual.js';

export const gradients: readonly GradConfig[] = [
  fusedAttentionGradient,
  headsAttentionGradient,
  depthwiseConvolutionGradient,
  poolPositionsGradient,
  geluGradient,
  batchNormalizationGradient,
  batchNormalizationInferenceGradient,
  dropoutGradient,
  residualGradient,
  embeddingGradient,
  addPositionsGradient,
  maskPositionsGradient,
];
