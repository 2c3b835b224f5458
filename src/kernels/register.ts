// The list of kernels, and their place in tfjs's registry.

import * as tf from '@tensorflow/tfjs-core';
import type { KernelConfig } from '@tensorflow/tfjs-core';
import { addKernel } from './add.js';
import { addPositionsGradKernel, addPositionsKernel } from './addPositions.js';
import { fusedAttentionGradKernel, fusedAttentionKernel } from './attention.js';
import {
  batchNormalizationGradKernel,
  batchNormalizationInferenceKernel,
  batchNormalizationKernel,
} from './batchNormalization.js';
import { blendKernel } from './blend.js';
import { castKernel } from './cast.js';
import { depthwiseConvolutionGradKernel, depthwiseConvolutionKernel } from './depthwiseConvolution.js';
import { dropoutKernel, residualKernel } from './dropout.js';
import { embeddingGradKernel, embeddingKernel } from './embedding.js';
import { geluGradKernel, geluKernel } from './gelu.js';
import { identityKernel } from './identity.js';
import { layerNormalizationGradKernel, layerNormalizationKernel } from './layerNormalization.js';
import { linearGradKernel, linearKernel } from './linear.js';
import { maskPositionsKernel } from './maskPositions.js';
import { batchMatMulKernel, fusedMatMulKernel } from './matmul.js';
import { momentStepKernel } from './momentStep.js';
import { poolPositionsGradKernel, poolPositionsKernel } from './poolPositions.js';
import { recurrentGradKernel, recurrentKernel } from './recurrent.js';
import { tfjsKernels } from './replaceKernel.js';
import { unsortedSegmentSumKernel } from './segmentSum.js';
import { softmaxCrossEntropyGradKernel, softmaxCrossEntropyKernel } from './softmaxCrossEntropy.js';
import { clipByValueKernel, clipGradientKernel, relu6Kernel } from './tfjs/clip.js';
import {
  conv2DBackpropFilterKernel,
  conv2DBackpropInputKernel,
  conv2DKernel,
  fusedConv2DKernel,
} from './tfjs/conv2d.js';
import { conv3DBackpropFilterKernel, conv3DBackpropInputKernel, conv3DKernel } from './tfjs/conv3d.js';
import {
  depthwiseFilterGradKernel,
  depthwiseInputGradKernel,
  depthwiseKernel,
  fusedDepthwiseKernel,
} from './tfjs/depthwise.js';
import { maximumKernel, minimumKernel, preluKernel } from './tfjs/combine.js';
import { einsumKernel } from './tfjs/einsum.js';
import { registerGradients } from './tfjs/gradients/register.js';
import { refuseSecondDerivatives } from './tfjs/gradients/secondDerivatives.js';
import { mend, plainOnly } from './tfjs/mended.js';
import { poolKernels } from './tfjs/pool.js';
import { meanKernel, sumKernel } from './tfjs/sum.js';

/** Kernels of our own ops. */
const own = [
  fusedAttentionKernel,
  fusedAttentionGradKernel,
  depthwiseConvolutionKernel,
  depthwiseConvolutionGradKernel,
  poolPositionsKernel,
  poolPositionsGradKernel,
  geluKernel,
  geluGradKernel,
  linearKernel,
  linearGradKernel,
  layerNormalizationKernel,
  layerNormalizationGradKernel,
  batchNormalizationKernel,
  batchNormalizationGradKernel,
  batchNormalizationInferenceKernel,
  dropoutKernel,
  residualKernel,
  addPositionsKernel,
  addPositionsGradKernel,
  maskPositionsKernel,
  softmaxCrossEntropyKernel,
  softmaxCrossEntropyGradKernel,
  blendKernel,
  embeddingKernel,
  embeddingGradKernel,
  momentStepKernel,
  recurrentKernel,
  recurrentGradKernel,
  clipGradientKernel,
].map(({ config }): KernelConfig => config);

/** Kernels that replace tfjs's, or that it lacks on wasm: `acceleration`. */
const accelerating = [
  batchMatMulKernel,
  fusedMatMulKernel,
  identityKernel,
  castKernel,
  addKernel,
  unsortedSegmentSumKernel,
  maximumKernel,
  minimumKernel,
  preluKernel,
  clipByValueKernel,
  relu6Kernel,
  conv2DKernel,
  fusedConv2DKernel,
  conv2DBackpropFilterKernel,
  conv2DBackpropInputKernel,
  conv3DKernel,
  conv3DBackpropFilterKernel,
  conv3DBackpropInputKernel,
  depthwiseKernel,
  fusedDepthwiseKernel,
  depthwiseInputGradKernel,
  depthwiseFilterGradKernel,
  ...poolKernels,
  einsumKernel,
  sumKernel,
  meanKernel,
].map(({ config }): KernelConfig => config);

const namesOf = (configs: readonly KernelConfig[]) => configs.map(({ kernelName }) => kernelName);

/** What takes the place of tfjs's kernels beside ours: its own, mended, and those that it has in plain JavaScript only. */
function othersOf(tfjs: ReadonlyMap<string, KernelConfig>) {
  const ours = namesOf(accelerating);
  const mended = [...tfjs.values()].filter(({ kernelName }) => !ours.includes(kernelName)).map(mend);
  return { mended, plain: plainOnly(new Set([...ours, ...namesOf(mended)])) };
}

/** Registering over a kernel would print a warning. */
function put({ kernelName, backendName }: KernelConfig, config: KernelConfig | undefined): void {
  if (tf.getKernel(kernelName, backendName)) tf.unregisterKernel(kernelName, backendName);
  if (!config) return;
  tf.registerKernel(config);
  // tfjs binds its kernels to the heap when the backend starts, and this one may not have been there then.
  config.setupFunc?.(tf.backend());
}

/** Which kernels are registered, by their names. */
export interface RegisteredKernels {
  /** Ours. */
  kernels: string[];
  /** Those that are tfjs's plain JavaScript. */
  cpuKernels: string[];
}

/** Registers all kernels, and gradients of tfjs's; without `acceleration`, tfjs's own stay or come back. */
export function registerKernels(acceleration: boolean): RegisteredKernels {
  const tfjs = tfjsKernels();
  const { mended, plain } = othersOf(tfjs);
  registerGradients(acceleration);
  refuseSecondDerivatives(namesOf([...own, ...accelerating]));
  for (const config of own) put(config, config);
  for (const config of [...accelerating, ...mended, ...plain]) {
    put(config, acceleration ? config : tfjs.get(config.kernelName));
  }
  return {
    kernels: namesOf([...own, ...(acceleration ? accelerating : [])]),
    cpuKernels: acceleration ? namesOf(plain) : [],
  };
}
