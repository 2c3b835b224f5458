import * as tf from '@tensorflow/tfjs-core';
import { rate } from '../checks/rules.js';
import { MomentOptimizer, momentOptions, type OptimizerArgs, optimizerOptions } from './momentOptimizer.js';
import { defaultsOf, type OptionTable, resolveOptions } from './optionTable.js';

/** Arguments of sgd. */
export interface SgdArgs extends OptimizerArgs {
  /** Part of the last direction that is kept; default 0.9, 0 is plain gradient descent. */
  momentum?: number;
}

/** What is known of the arguments of sgd. */
export const sgdOptions = {
  ...optimizerOptions,
  momentum: { default: 0.9, rule: rate },
} satisfies OptionTable<SgdArgs>;

/** See sgd. */
export class SgdOptimizer extends MomentOptimizer {
  static readonly className = 'SgdMomentum';

  constructor(args: SgdArgs = {}) {
    const { momentum, ...settings } = resolveOptions('sgd', sgdOptions, args);
    // The kernel keeps the mean gradient m = (1 - momentum) d; the mean squared one is not used.
    super('sgd', { ...defaultsOf(momentOptions), ...settings, beta1: momentum, beta2: 0 });
  }

  protected rule() {
    return { stepSize: this.learningRate / (1 - this.beta1) };
  }

  override getConfig(): tf.serialization.ConfigDict {
    const config = Object.entries(super.getConfig()).filter(([name]) => name in sgdOptions);
    return { ...Object.fromEntries(config), momentum: this.beta1 };
  }
}

tf.serialization.registerClass(SgdOptimizer);

/**
 * Gradient descent with momentum and decoupled weight decay, for each step with gradient g:
 *
 *     d = momentum d + g
 *     p = p (1 - lr weightDecay) - lr d
 *
 * @param args learningRate 1e-3, momentum 0.9, weightDecay 0; see SgdArgs
 * @throws Error that names the argument, if one is unknown or out of range
 * @see Sutskever et al., On the importance of initialization and momentum in deep learning, ICML 2013
 */
export function sgd(args: SgdArgs = {}): SgdOptimizer {
  return new SgdOptimizer(args);
}
