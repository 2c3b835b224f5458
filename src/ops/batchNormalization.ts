// Batch normalisation of padded sequences, differentiable.

import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';
import {
  BATCH_NORMALIZATION,
  BATCH_NORMALIZATION_GRAD,
  BATCH_NORMALIZATION_INFERENCE,
  type BatchNormalizationAttributes,
} from '../kernels/batchNormalization.js';
import { checkShape, checkTensor } from '../checks/tensors.js';
import { checkLengths, checkNumber } from '../checks/values.js';
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
 * constants, 0 where there is no valid position.
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
  const attributes: BatchNormalizationAttributes = {
    lengths: lengths ? [...lengths] : new Array<number>(batch).fill(positions),
    epsilon,
  };
  const [value, mean, variance] = runKernel(BATCH_NORMALIZATION, [x, gamma, beta], attributes);
  return { value, mean, variance };
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
  const attributes: BatchNormalizationAttributes = { lengths: new Array<number>(x.shape[0]).fill(0), epsilon };
  return runKernel(BATCH_NORMALIZATION_INFERENCE, [x, gamma, beta, mean, variance], attributes)[0];
}

export const batchNormalizationGradient: GradConfig = {
  kernelName: BATCH_NORMALIZATION,
  saveAllInputs: true,
  outputsToSave: [false, true, true],
  gradFunc(dys, [x, gamma, , mean, variance], attributes) {
    const [dY] = dys as Tensor[];
    const [dX, dGamma, dBeta] = runKernel(BATCH_NORMALIZATION_GRAD, [x, gamma, mean, variance, dY], attributes);
    return { 0: () => dX, 1: () => dGamma, 2: () => dBeta };
  },
};

export const batchNormalizationInferenceGradient: GradConfig = {
  kernelName: BATCH_NORMALIZATION_INFERENCE,
  saveAllInputs: true,
  gradFunc(dY, [x, gamma, , mean, variance], attributes) {
    const inputs = [x, gamma, mean, variance, dY as Tensor];
    const [dX, dGamma, dBeta] = runKernel(BATCH_NORMALIZATION_GRAD, inputs, attributes);
    return { 0: () => dX, 1: () => dGamma, 2: () => dBeta };
  },
};
