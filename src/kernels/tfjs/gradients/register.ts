// Gradients that tfjs-core lacks, refuses or gets wrong, and their place in its registry, which all backends share.

import { getGradient, type GradConfig, registerGradient, unregisterGradient } from '@tensorflow/tfjs-core';
import { axisGradients } from './alongAxis.js';
import { batchMatMulGradient } from './batchMatMul.js';
import { broadcastGradients } from './broadcast.js';
import { clipGradients } from './clips.js';
import { constantGradients } from './constants.js';
import { convolutionGradients } from './convolutions.js';
import { cumprodGradient } from './cumprod.js';
import { einsumGradient } from './einsum.js';
import { outputGradients } from './ofOutputs.js';
import { selectionGradients } from './selections.js';

/** Ours, and what tfjs had under the same name. */
let gradients: { config: GradConfig; tfjs: GradConfig | undefined }[] | undefined;

/** Registers our gradients, or brings tfjs's back. Its own must be registered before. */
export function registerGradients(ours: boolean): void {
  gradients ??= [
    ...convolutionGradients(),
    ...clipGradients(),
    batchMatMulGradient,
    ...constantGradients,
    ...broadcastGradients,
    ...axisGradients(),
    ...selectionGradients(),
    ...outputGradients(),
    cumprodGradient,
    einsumGradient,
  ].map((config) => ({ config, tfjs: getGradient(config.kernelName) }));
  for (const { config, tfjs } of gradients) {
    if (getGradient(config.kernelName) as GradConfig | undefined) unregisterGradient(config.kernelName);
    const wanted = ours ? config : tfjs;
    if (wanted) registerGradient(wanted);
  }
}
