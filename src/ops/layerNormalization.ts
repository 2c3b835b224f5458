// Layer normalisation, differentiable.

import type { Tensor } from '@tensorflow/tfjs-core';
import { layerNormalizationGradKernel, layerNormalizationKernel } from '../kernels/layerNormalization.js';
import { checkShape, checkTensor, formatShape } from '../checks/tensors.js';
import { checkNumber } from '../checks/values.js';
import { differentiable } from '../runtime/gradients.js';
import { runKernel } from './runKernel.js';

/**
 * gamma (x - mu) / sqrt(sigma^2 + epsilon) + beta, with mu and sigma^2 those of each row, the last axis.
 *
 * @param x float32 [..., C].
 * @param gamma float32 [C].
 * @param beta float32 [C].
 * @param epsilon added to the variance; default 1e-5.
 * @returns [..., C]; differentiable in x, gamma and beta (first order).
 * @throws Error that names the argument, if one is wrong.
 * @see J. L. Ba, J. R. Kiros, G. E. Hinton, "Layer Normalization", arXiv 1607.06450.
 */
export function layerNormalization(x: Tensor, gamma: Tensor, beta: Tensor, epsilon = 1e-5): Tensor {
  const owner = 'layerNormalization';
  checkTensor(owner, 'x', x, ['float32']);
  const width = x.shape[x.rank - 1] ?? 0;
  if (width < 1) throw new Error(`${owner}: x was ${formatShape(x)}; it must be [..., C], C 1 or more`);
  checkShape(owner, 'gamma', gamma, [width]);
  checkShape(owner, 'beta', beta, [width]);
  checkNumber(owner, 'epsilon', epsilon, (value) => value >= 0, 'finite and 0 or more');
  const attributes = { epsilon, centered: true };
  return differentiable(
    { x, gamma, beta },
    (save) => {
      const [value, statistics] = runKernel(layerNormalizationKernel, { x, gamma, beta }, attributes);
      save([x, gamma, statistics]);
      return value;
    },
    (dY, [x, gamma, statistics]) => {
      const inputs = { x, gamma, statistics, dY };
      const [dX, dGamma, dBeta] = runKernel(layerNormalizationGradKernel, inputs, attributes);
      return { x: dX, gamma: dGamma, beta: dBeta };
    },
  );
}
