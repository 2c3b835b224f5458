import * as tf from '@tensorflow/tfjs-core';
import { MomentOptimizer, type MomentOptimizerArgs, momentOptions, type StepRule } from './momentOptimizer.js';
import { type OptionTable, resolveOptions } from './optionTable.js';

/** What is known of the arguments of adamW. */
export const adamWOptions = {
  ...momentOptions,
  weightDecay: { ...momentOptions.weightDecay, default: 0.01 },
} satisfies OptionTable<MomentOptimizerArgs>;

/** See adamW. */
export class AdamWOptimizer extends MomentOptimizer {
  static readonly className = 'AdamW';

  constructor(args: MomentOptimizerArgs = {}) {
    super('adamW', resolveOptions('adamW', adamWOptions, args));
  }

  protected rule(step: number): StepRule {
    const first = 1 - this.beta1 ** step;
    const second = Math.sqrt(1 - this.beta2 ** step);
    return { stepSize: (this.learningRate * second) / first, epsilon: this.epsilon * second };
  }
}

tf.serialization.registerClass(AdamWOptimizer);

/**
 * Adam with decoupled weight decay, for step t = 1, 2, ... with gradient g:
 *
 *     m = beta1 m + (1 - beta1) g,   v = beta2 v + (1 - beta2) g^2
 *     p = p (1 - lr weightDecay) - lr [m / (1 - beta1^t)] / (sqrt(v / (1 - beta2^t)) + epsilon)
 *
 * With amsgrad the largest v so far takes the place of v in the second line. t counts the steps of a variable.
 *
 * @param args learningRate 1e-3, weightDecay 0.01, beta1 0.9, beta2 0.999, epsilon 1e-8, amsgrad false; see MomentOptimizerArgs
 * @throws Error that names the argument, if one is unknown or out of range
 * @see Loshchilov and Hutter, Decoupled Weight Decay Regularization, arXiv 1711.05101
 */
export function adamW(args: MomentOptimizerArgs = {}): AdamWOptimizer {
  return new AdamWOptimizer(args);
}
