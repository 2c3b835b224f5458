// The loss of a classifier on its logits, differentiable.

import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { softmaxCrossEntropyGradKernel, softmaxCrossEntropyKernel } from '../kernels/softmaxCrossEntropy.js';
import { checkShape, checkTensor, formatShape } from '../checks/tensors.js';
import { checkNumber, checkOptions, formatValue } from '../checks/values.js';
import { differentiable } from '../runtime/gradients.js';
import { runKernel } from './runKernel.js';

/** Options of `softmaxCrossEntropy`. */
export interface SoftmaxCrossEntropyOptions {
  /** Part of each label that is spread evenly over all classes, from 0 to 1; default 0. */
  labelSmoothing?: number;
  /** B numbers, 0 or more: what each sample counts in the mean; default: all the same. */
  weights?: readonly number[];
}

const owner = 'softmaxCrossEntropy';

/** The part of each sample in the weighted mean; without any weight, none has a part. */
export function sharesOf(weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => (total > 0 ? weight / total : 0));
}

/**
 * The weighted mean over samples of -sum_c t_c log(softmax(logits)_c), t the labels after smoothing. It is finite, and its
 * gradient right, for every finite logit.
 *
 * @param logits float32 [B, C].
 * @param labels float32 [B, C]: one-hot, or a distribution over classes.
 * @param options see SoftmaxCrossEntropyOptions.
 * @returns a scalar, 0 for no samples; differentiable in the logits (first order).
 * @throws Error that names the argument, if one is wrong.
 */
export function softmaxCrossEntropy(logits: Tensor, labels: Tensor, options: SoftmaxCrossEntropyOptions = {}): Scalar {
  checkTensor(owner, 'logits', logits, ['float32'], '[B, C]');
  const [batch, classes] = logits.shape;
  if (!classes) throw new Error(`${owner}: logits was ${formatShape(logits)}; it must be [B, C], C 1 or more`);
  checkShape(owner, 'labels', labels, logits.shape);
  checkOptions(owner, options, ['labelSmoothing', 'weights'] satisfies (keyof SoftmaxCrossEntropyOptions)[]);
  const { labelSmoothing = 0, weights = new Array<number>(batch).fill(1) } = options;
  checkNumber(owner, 'labelSmoothing', labelSmoothing, (value) => value >= 0 && value <= 1, 'from 0 to 1');
  if (!Array.isArray(weights) || weights.length !== batch) {
    throw new Error(`${owner}: weights was ${formatValue(weights)}; it must hold ${batch} numbers`);
  }
  weights.forEach((weight, b) => checkNumber(owner, `weights[${b}]`, weight, (value) => value >= 0, '0 or more'));
  const attributes = { labelSmoothing, shares: sharesOf(weights as number[]) };
  return differentiable(
    { logits },
    (save) => {
      const [loss, statistics] = runKernel(softmaxCrossEntropyKernel, { logits, labels }, attributes);
      save([logits, labels, statistics]);
      return loss as Scalar;
    },
    (dLoss, [logits, labels, statistics]) => {
      const inputs = { logits, labels, statistics, dLoss };
      return { logits: runKernel(softmaxCrossEntropyGradKernel, inputs, attributes)[0] };
    },
  );
}
