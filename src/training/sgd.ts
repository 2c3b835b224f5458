import * as tf from '@tensorflow/tfjs-core';
import { checkRate } from '../checks/values.js';
import { MomentOptimizer, type MomentOptimizerArgs, type StepRule } from './momentOptimizer.js';

/** Arguments of sgd. */
export interface SgdArgs extends Pick<MomentOptimizerArgs, 'learningRate' | 'weightDecay' | 'globalClipnorm'> {
  /** Part of the last direction that is kept; default 0.9, 0 is plain gradient descent. */
  momentum?: number;
}

/** See sgd. */
export class SgdOptimizer extends MomentOptimizer {
  static readonly className = 'SgdMomentum';

  constructor({ momentum = 0.9, ...args }: SgdArgs = {}) {
    checkRate('sgd', 'momentum', momentum);
    // The kernel keeps the mean gradient m = (1 - momentum) d; the mean squared one is not used.
    super({ ...args, beta1: momentum, beta2: 0 }, 'sgd');
  }

  protected rule(): StepRule {
    return { stepSize: this.learningRate / (1 - this.beta1) };
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { learningRate, weightDecay, beta1, globalClipnorm } = this;
    return { learningRate, weightDecay, momentum: beta1, globalClipnorm };
  }
}

tf.serialization.registerClass(SgdOptimizer);

/**
 * Gradient descent with momentum and decoupled weight decay, for each step with gradient g:
 *
 *     d = momentum d + g
 *     p = p (1 - lr weightDecay) - lr d
 *
 * @param args learningRate 1e-3, momentum 0.9, weightDecay 0; globalClipnorm: no limit
 * @throws Error that names the argument, if one is out of range
 * @see Sutskever et al., On the importance of initialization and momentum in deep learning, ICML 2013
 */
export function sgd(args: SgdArgs = {}): SgdOptimizer {
  return new SgdOptimizer(args);
}
