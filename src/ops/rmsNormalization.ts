// Root mean square normalisation, differentiable.

import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { checkShape, checkTensor, formatShape } from '../checks/tensors.js';
import { checkNumber, checkOptions } from '../checks/values.js';
import { layerNormalizationGradKernel, layerNormalizationKernel } from '../kernels/layerNormalization.js';
import { differentiable } from '../runtime/gradients.js';
import { runKernel } from './runKernel.js';

/** Options of `rmsNormalization`. */
export interface RmsNormalizationOptions {
  /** float32 [C], what each channel is multiplied by; default: 1. */
  gamma?: Tensor;
  /** Added to the mean square; default 1e-6. */
  epsilon?: number;
}

const owner = 'rmsNormalization';

/**
 * gamma x / sqrt(mean(x^2) + epsilon), with the mean of each row, the last axis.
 *
 * @param x float32 [..., C].
 * @param options see RmsNormalizationOptions.
 * @returns [..., C]; differentiable in x and gamma (first order).
 * @throws Error that names the argument, if one is wrong.
 * @see B. Zhang, R. Sennrich, "Root Mean Square Layer Normalization", arXiv 1910.07467.
 */
export function rmsNormalization(x: Tensor, options: RmsNormalizationOptions = {}): Tensor {
  checkTensor(owner, 'x', x, ['float32']);
  const width = x.shape[x.rank - 1] ?? 0;
  if (width < 1) throw new Error(`${owner}: x was ${formatShape(x)}; it must be [..., C], C 1 or more`);
  checkOptions(owner, options, ['gamma', 'epsilon'] satisfies (keyof RmsNormalizationOptions)[]);
  const { epsilon = 1e-6 } = options;
  checkNumber(owner, 'epsilon', epsilon, (value) => value >= 0, 'finite and 0 or more');
  if (options.gamma !== undefined) checkShape(owner, 'gamma', options.gamma, [width]);
  const attributes = { epsilon, centered: false };
  return tf.tidy(() => {
    const gamma = options.gamma ?? tf.ones([width]);
    return differentiable(
      { x, gamma },
      (save) => {
        const [value, statistics] = runKernel(layerNormalizationKernel, { x, gamma, beta: undefined }, attributes);
        save([x, gamma, statistics]);
        return value;
      },
      (dY, [x, gamma, statistics]) => {
        const [dX, dGamma] = runKernel(layerNormalizationGradKernel, { x, gamma, statistics, dY }, attributes);
        return { x: dX, gamma: dGamma };
      },
    );
  });
}
