import * as tf from '@tensorflow/tfjs-core';
import { checkNumber } from '../checks/values.js';
import { momentStep } from '../ops/momentStep.js';

/** Arguments of adamW and rAdam. */
export interface MomentOptimizerArgs {
  /** Default 1e-3; may be changed between steps. */
  learningRate?: number;
  /** Decoupled: each step first multiplies a variable by 1 - learningRate weightDecay. */
  weightDecay?: number;
  /** Decay of the mean gradient; default 0.9. */
  beta1?: number;
  /** Decay of the mean squared gradient; default 0.999. */
  beta2?: number;
  /** Added to the root of the mean squared gradient; default 1e-8. */
  epsilon?: number;
  /** Gradients are scaled down so that their joint L2 norm is at most this; default: no limit. */
  globalClipnorm?: number | null;
}

/** One step is p <- p - stepSize m / (sqrt(v) + epsilon), or p <- p - stepSize m without an epsilon. */
export interface StepRule {
  stepSize: number;
  epsilon?: number;
}

interface Moments {
  name: string;
  first: tf.Variable;
  second: tf.Variable;
}

type NamedTensors = { name: string; tensor: tf.Tensor | null }[];

/**
 * What Adam's descendants share: moments m and v of the gradient for each variable, decoupled weight decay, clipping by
 * the global norm. A subclass says how large a step is.
 */
export abstract class MomentOptimizer extends tf.Optimizer {
  learningRate: number;
  readonly weightDecay: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly globalClipnorm: number | null;
  private readonly moments = new Map<string, Moments>();
  /** Loaded moments, in the order in which their variables will ask for them. */
  private loaded: { first: tf.Tensor; second: tf.Tensor }[] = [];

  /** @throws Error that names the argument, if one is out of range */
  constructor(args: MomentOptimizerArgs, owner: string) {
    super();
    this.learningRate = args.learningRate ?? 1e-3;
    this.weightDecay = args.weightDecay ?? 0;
    this.beta1 = args.beta1 ?? 0.9;
    this.beta2 = args.beta2 ?? 0.999;
    this.epsilon = args.epsilon ?? 1e-8;
    this.globalClipnorm = args.globalClipnorm ?? null;
    checkNumber(owner, 'learningRate', this.learningRate, (x) => x >= 0, 'finite and 0 or more');
    checkNumber(owner, 'weightDecay', this.weightDecay, (x) => x >= 0, 'finite and 0 or more');
    checkNumber(owner, 'beta1', this.beta1, (x) => x >= 0 && x < 1, '0 or more and below 1');
    checkNumber(owner, 'beta2', this.beta2, (x) => x >= 0 && x < 1, '0 or more and below 1');
    checkNumber(owner, 'epsilon', this.epsilon, (x) => x > 0, 'finite and above 0');
    if (this.globalClipnorm !== null) {
      checkNumber(owner, 'globalClipnorm', this.globalClipnorm, (x) => x > 0, 'finite and above 0');
    }
  }

  /** @param step the number of the step, from 1 */
  protected abstract rule(step: number): StepRule;

  applyGradients(gradients: tf.NamedTensorMap | NamedTensors): void {
    const named = Array.isArray(gradients)
      ? gradients
      : Object.entries(gradients).map(([name, tensor]) => ({ name, tensor }));
    const slots = named.flatMap(({ name, tensor: gradient }) => {
      if (gradient === null || gradient === undefined) return []; // the loss does not depend on it
      const parameter = tf.engine().registeredVariables[name];
      return [{ parameter, gradient, ...this.momentsOf(parameter) }];
    });
    momentStep(slots, {
      ...{ beta1: this.beta1, beta2: this.beta2, decay: 1 - this.learningRate * this.weightDecay },
      ...this.rule(this.iterations + 1),
      clipNorm: this.globalClipnorm ?? undefined,
    });
    this.incrementIterations();
  }

  /** Frees the moments; a later step starts anew. */
  override dispose(): void {
    for (const { first, second } of this.moments.values()) tf.dispose([first, second]);
    tf.dispose(this.loaded);
    this.moments.clear();
    this.loaded = [];
    this.iterations_ = 0;
  }

  override async getWeights(): Promise<{ name: string; tensor: tf.Tensor }[]> {
    const all = [...this.moments.values()];
    return [
      await this.saveIterations(),
      ...all.map(({ name, first }) => ({ name: `${name}/m`, tensor: first })),
      ...all.map(({ name, second }) => ({ name: `${name}/v`, tensor: second })),
    ];
  }

  override async setWeights(weights: { name: string; tensor: tf.Tensor }[]): Promise<void> {
    this.dispose();
    const moments = await this.extractIterations(weights);
    const half = moments.length / 2;
    this.loaded = moments.slice(0, half).map(({ tensor }, index) => ({
      first: tf.clone(tensor),
      second: tf.clone(moments[half + index].tensor),
    }));
  }

  getConfig(): tf.serialization.ConfigDict {
    const { learningRate, weightDecay, beta1, beta2, epsilon, globalClipnorm } = this;
    return { learningRate, weightDecay, beta1, beta2, epsilon, globalClipnorm };
  }

  private momentsOf(variable: tf.Variable): Moments {
    const existing = this.moments.get(variable.name);
    if (existing) return existing;
    const { first, second } = this.loaded.shift() ?? { first: tf.zerosLike(variable), second: tf.zerosLike(variable) };
    const moments = { name: variable.name, first: tf.variable(first, false), second: tf.variable(second, false) };
    tf.dispose([first, second]);
    this.moments.set(variable.name, moments);
    return moments;
  }
}
