import * as tf from '@tensorflow/tfjs-core';
import { MomentOptimizer, type MomentOptimizerArgs, momentOptions, type StepRule } from './momentOptimizer.js';
import { resolveOptions } from './optionTable.js';

/** See rAdam. */
export class RAdamOptimizer extends MomentOptimizer {
  static readonly className = 'RAdam';

  constructor(args: MomentOptimizerArgs = {}) {
    super('rAdam', resolveOptions('rAdam', momentOptions, args));
  }

  protected rule(step: number): StepRule {
    const first = 1 - this.beta1 ** step;
    const second = 1 - this.beta2 ** step;
    const limit = 2 / (1 - this.beta2) - 1;
    const rho = limit - (2 * step * this.beta2 ** step) / second;
    // The paper says rho > 4; its authors' code and PyTorch take the more careful 5.
    if (rho <= 5) return { stepSize: this.learningRate / first };
    const rectification = Math.sqrt(((rho - 4) * (rho - 2) * limit) / ((limit - 4) * (limit - 2) * rho));
    return { stepSize: (this.learningRate * rectification * Math.sqrt(second)) / first, epsilon: this.epsilon };
  }
}

tf.serialization.registerClass(RAdamOptimizer);

/**
 * Rectified Adam: plain momentum while v has seen too few gradients, then Adam times a rectification r_t.
 * For step t = 1, 2, ... with gradient g, rho_inf = 2 / (1 - beta2) - 1 and
 * rho_t = rho_inf - 2 t beta2^t / (1 - beta2^t):
 *
 *     m = beta1 m + (1 - beta1) g,   v = beta2 v + (1 - beta2) g^2,   p = p (1 - lr weightDecay)
 *     p = p - lr m^                                               if rho_t <= 5,   m^ = m / (1 - beta1^t)
 *     p = p - lr r_t m^ sqrt(1 - beta2^t) / (sqrt(v) + epsilon)   otherwise
 *     r_t = sqrt((rho_t - 4)(rho_t - 2) rho_inf / ((rho_inf - 4)(rho_inf - 2) rho_t))
 *
 * With amsgrad the largest v so far takes the place of v in the third line. t counts the steps of a variable.
 *
 * @param args learningRate 1e-3, weightDecay 0, beta1 0.9, beta2 0.999, epsilon 1e-8, amsgrad false; see MomentOptimizerArgs
 * @throws Error that names the argument, if one is unknown or out of range
 * @see Liu et al., On the Variance of the Adaptive Learning Rate and Beyond, arXiv 1908.03265
 */
export function rAdam(args: MomentOptimizerArgs = {}): RAdamOptimizer {
  return new RAdamOptimizer(args);
}
