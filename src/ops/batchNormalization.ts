// Batch normalisation of padded sequences, differentiable.

import { sqrt, type Tensor } from '@tensorflow/tfjs-core';
import {
  batchNormalizationGradKernel,
  batchNormalizationInferenceKernel,
  batchNormalizationKernel,
} from '../kernels/batchNormalization.js';
import { checkShape, checkTensor } from '../checks/tensors.js';
import { checkLengths, checkNumber } from '../checks/values.js';
import { differentiable } from '../runtime/gradients.js';
import { runKernel } from './runKernel.js';

/** What `batchNormalization` gives back. */
export interface BatchNormalized {
  /** [B, N, C] */
  value: Tensor;
  /** [C] */
  mean: Tensor;
  /** [C], biased. */
  variance: Tensor;
}

function check(x: Tensor, vectors: Record<string, Tensor>, epsilon: number): void {
  const owner = 'batchNormalization';
  checkTensor(owner, 'x', x, ['float32'], '[B, N, C]');
  for (const [name, vector] of Object.entries(vectors)) checkShape(owner, name, vector, [x.shape[2]!]);
  checkNumber(owner, 'epsilon', epsilon, (value) => value >= 0, 'finite and 0 or more');
}

/**
 * gamma (x - mu) / sqrt(sigma^2 + epsilon) + beta, with mu and sigma^2 those of each channel over the valid positions of
 * all samples. All positions are mapped.
 *
 * @param x float32 [B, N, C].
 * @param gamma float32 [C].
 * @param beta float32 [C].
 * @param lengths B integers 0 .. N: positions from there on do not count in the statistics; undefined: all count.
 * @param epsilon added to the variance; default 1e-5.
 * @returns the value, differentiable in x, gamma and beta (first order), through mu and sigma too; and mu and sigma^2, as
 * constants, 0 where there is no valid position; sigma^2 is Infinity where float32 does not hold it, which value and gradients
 * do not depend on.
 * @throws Error that names the argument, if one is wrong.
 * @see S. Ioffe, C. Szegedy, "Batch Normalization", arXiv 1502.03167.
 */
export function batchNormalization(
  x: Tensor,
  gamma: Tensor,
  beta: Tensor,
  lengths?: readonly number[],
  epsilon = 1e-5,
): BatchNormalized {
  check(x, { gamma, beta }, epsilon);
  const [batch, positions] = x.shape;
  if (lengths) checkLengths('batchNormalization', lengths, batch, positions);
  const attributes = { lengths: lengths ? [...lengths] : new Array<number>(batch).fill(positions), epsilon };
  const [value, mean, variance] = differentiable(
    { x, gamma, beta },
    (save) => {
      const [value, mean, variance, deviation] = runKernel(batchNormalizationKernel, { x, gamma, beta }, attributes);
      save([x, gamma, mean, deviation]);
      return [value, mean, variance];
    },
    ([dY], saved) => gradientsOf(dY, saved, attributes),
  );
  return { value, mean, variance };
}

/** Of x, gamma and beta, from x, gamma, mean and deviation. */
function gradientsOf(dY: Tensor, saved: Tensor[], attributes: { lengths: number[]; epsilon: number }) {
  const [x, gamma, mean, deviation] = saved;
  const inputs = { x, gamma, mean, deviation, dY };
  const [dX, dGamma, dBeta] = runKernel(batchNormalizationGradKernel, inputs, attributes);
  return { x: dX, gamma: dGamma, beta: dBeta };
}

/**
 * As `batchNormalization`, for a mean and a variance that are given.
 *
 * @param x float32 [B, N, C].
 * @param gamma float32 [C].
 * @param beta float32 [C].
 * @param mean float32 [C].
 * @param variance float32 [C].
 * @param epsilon added to the variance; default 1e-5.
 * @returns [B, N, C]; differentiable in x, gamma and beta (first order).
 * @throws Error that names the argument, if one is wrong.
 */
export function batchNormalizationInference(
  x: Tensor,
  gamma: Tensor,
  beta: Tensor,
  mean: Tensor,
  variance: Tensor,
  epsilon = 1e-5,
): Tensor {
  check(x, { gamma, beta, mean, variance }, epsilon);
  // No position moves the statistics.
  const attributes = { lengths: new Array<number>(x.shape[0]).fill(0), epsilon };
  return differentiable(
    { x, gamma, beta },
    (save) => {
      save([x, gamma, mean, variance]);
      return runKernel(batchNormalizationInferenceKernel, { x, gamma, beta, mean, variance }, attributes)[0];
    },
    (dY, [x, gamma, mean, variance]) => gradientsOf(dY, [x, gamma, mean, sqrt(variance)], attributes),
  );
}
