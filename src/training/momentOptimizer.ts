import * as tf from '@tensorflow/tfjs-core';
import { boolean, number, orNull, rate, type Rule } from '../checks/rules.js';
import { check, formatValue } from '../checks/values.js';
import type { GradientLimits, MomentRule } from '../kernels/momentStep.js';
import { withConstraints } from '../ops/withConstraints.js';
import { momentStep } from '../ops/momentStep.js';
import { type Moments, MomentStore } from './momentStore.js';
import type { OptionTable } from './optionTable.js';
import { type NamedTensor, readMoments, savedMoments } from './savedMoments.js';

/** Arguments of every optimizer. */
export interface OptimizerArgs {
  /** Default 1e-3; may be changed between steps. */
  learningRate?: number;
  /**
   * Decoupled: each step first multiplies a variable by 1 - learningRate weightDecay, a product that must not be above 1.
   */
  weightDecay?: number;
  /**
   * Words: a variable is not decayed if one of them is part of its name. `['bias', 'gamma', 'beta']` leaves out biases and
   * normalisations, `'embeddings'` tables of tokens and positions. Default: all are decayed.
   */
  excludeFromWeightDecay?: readonly string[];
  /** Each gradient is scaled down so that its own L2 norm is at most this; default: no limit. At most one limit can be set. */
  clipnorm?: number | null;
  /** Each number of a gradient is cut to this size; default: no limit. */
  clipvalue?: number | null;
  /** Gradients are scaled down so that their joint L2 norm is at most this; default: no limit. */
  globalClipnorm?: number | null;
}

/** Arguments of adamW and rAdam. */
export interface MomentOptimizerArgs extends OptimizerArgs {
  /** Decay of the mean gradient; default 0.9. */
  beta1?: number;
  /** Decay of the mean squared gradient; default 0.999. */
  beta2?: number;
  /** Added to the root of the mean squared gradient; default 1e-8. Below 9e-19 it acts as that, the smallest root but 0. */
  epsilon?: number;
  /** Divides by the root of the largest mean squared gradient so far (Reddi et al., arXiv 1904.09237); default false. */
  amsgrad?: boolean;
}

/** Below it float32 has no normal numbers. */
const LEAST = 2 ** -126;

const positive = number((value) => value >= LEAST, 'finite and above 0, 1.2e-38 or more');
const notNegative = number(
  (value) => value === 0 || value >= LEAST,
  'finite and 0 or more, and 1.2e-38 or more where it is not 0',
);
const limit = orNull(positive);
const words: Rule = {
  must: 'an array of words, none of them empty',
  test: (value) => Array.isArray(value) && value.every((word) => typeof word === 'string' && word !== ''),
};

/** What is known of the arguments of every optimizer. */
export const optimizerOptions = {
  learningRate: { default: 1e-3, rule: notNegative },
  weightDecay: { default: 0, rule: notNegative },
  excludeFromWeightDecay: { default: [], rule: words },
  clipnorm: { default: null, rule: limit },
  clipvalue: { default: null, rule: limit },
  globalClipnorm: { default: null, rule: limit },
} satisfies OptionTable<OptimizerArgs>;

/** What is known of the arguments of adamW and rAdam. */
export const momentOptions = {
  ...optimizerOptions,
  beta1: { default: 0.9, rule: rate },
  beta2: { default: 0.999, rule: rate },
  epsilon: { default: 1e-8, rule: positive },
  amsgrad: { default: false, rule: boolean },
} satisfies OptionTable<MomentOptimizerArgs>;

type Settings = Required<MomentOptimizerArgs>;

/** The arguments of adamW and rAdam as they are in a configuration: those that came later only where they are set. */
const usual: Partial<Settings> = { excludeFromWeightDecay: [], clipnorm: null, clipvalue: null, amsgrad: false };

/** How a step follows from moments, for all variables. */
export type StepRule = Omit<MomentRule, 'decay'>;

/**
 * What Adam's descendants share: moments m and v of the gradient for each variable, decoupled weight decay, clipping. A
 * subclass says how large a step is.
 *
 * Moments and the number of steps are those of a variable, whichever the order in which variables come, and whether they are
 * trained from the beginning or later. What is wrong with arguments, gradients or weights is an error before anything changes.
 */
export abstract class MomentOptimizer extends tf.Optimizer {
  learningRate: number;
  readonly weightDecay: number;
  readonly excludeFromWeightDecay: readonly string[];
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly amsgrad: boolean;
  readonly clipnorm: number | null;
  readonly clipvalue: number | null;
  readonly globalClipnorm: number | null;
  private readonly store: MomentStore;

  /** @throws Error that names the argument, if one is out of range, or two do not go together */
  constructor(
    private readonly owner: string,
    settings: Settings,
  ) {
    super();
    this.learningRate = settings.learningRate;
    this.weightDecay = settings.weightDecay;
    this.excludeFromWeightDecay = [...settings.excludeFromWeightDecay];
    this.beta1 = settings.beta1;
    this.beta2 = settings.beta2;
    this.epsilon = settings.epsilon;
    this.amsgrad = settings.amsgrad;
    this.clipnorm = settings.clipnorm;
    this.clipvalue = settings.clipvalue;
    this.globalClipnorm = settings.globalClipnorm;
    this.store = new MomentStore(owner, this.amsgrad);
    const limits = (['clipnorm', 'clipvalue', 'globalClipnorm'] as const).filter((name) => this[name] !== null);
    if (limits.length > 1) {
      throw new Error(`${owner}: ${limits.join(' and ')} were given; only one of them can be`);
    }
    this.checkRates();
  }

  /** From a saved model: tfjs adds `customObjects` to the settings. */
  static override fromConfig<T extends tf.serialization.Serializable>(
    make: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T {
    return new make(Object.fromEntries(Object.entries(config).filter(([name]) => name !== 'customObjects')));
  }

  /** @param step the number of the step of a variable, from 1 */
  protected abstract rule(step: number): StepRule;

  applyGradients(gradients: tf.NamedTensorMap | { name: string; tensor: tf.Tensor | null }[]): void {
    this.checkRates();
    const found = this.gradientsOf(gradients);
    const all = this.store.momentsOf([...found.keys()]);
    try {
      const slots = all.map((moments) => {
        const parameter = moments.variable!;
        const { first, second, most } = moments;
        return { parameter, gradient: found.get(parameter)!, first, second, most, rule: this.ruleOf(moments) };
      });
      withConstraints(
        slots.map(({ parameter }) => parameter),
        () => momentStep(slots, { beta1: this.beta1, beta2: this.beta2, ...this.limits }),
      );
    } catch (error) {
      this.store.drop(all);
      throw error;
    }
    this.store.keep(all.map((moments) => ({ ...moments, steps: moments.steps + 1 })));
    this.incrementIterations();
  }

  /** Frees the moments; a later step starts anew. */
  override dispose(): void {
    this.store.dispose();
    this.iterations_ = 0;
  }

  /**
   * @returns the number of steps, `iter`, and each variable's moments, `NAME/m`, `NAME/v`, with amsgrad `NAME/vmax`, which are
   *   the optimizer's own; `NAME/steps` for a variable that was not stepped each time. The caller disposes the numbers
   */
  override getWeights(): Promise<NamedTensor[]> {
    return Promise.resolve(savedMoments(this.iterations, this.store.all));
  }

  /**
   * Loads what getWeights gave. Moments are those of the variables of the same names; of others, see MomentStore.
   *
   * @throws Error that names what is wrong; the optimizer stays as it was then
   */
  override setWeights(weights: NamedTensor[]): Promise<void> {
    return new Promise((resolve) => {
      const { iterations, moments } = readMoments(`${this.owner}: setWeights`, weights, this.amsgrad);
      this.store.load(moments);
      this.iterations_ = iterations;
      resolve();
    });
  }

  getConfig(): tf.serialization.ConfigDict {
    const { learningRate, weightDecay, beta1, beta2, epsilon, globalClipnorm } = this;
    const later = Object.entries(usual).filter(([name, value]) => {
      return JSON.stringify(this[name as keyof Settings]) !== JSON.stringify(value);
    });
    return {
      ...{ learningRate, weightDecay, beta1, beta2, epsilon, globalClipnorm },
      ...Object.fromEntries(
        later.map(([name]) => [name, this[name as keyof Settings] as tf.serialization.ConfigDictValue]),
      ),
    };
  }

  private get limits(): GradientLimits {
    const { clipnorm, clipvalue, globalClipnorm } = this;
    return {
      clipEach: clipnorm ?? undefined,
      clipValue: clipvalue ?? undefined,
      clipNorm: globalClipnorm ?? undefined,
    };
  }

  private ruleOf({ name, steps }: Moments): MomentRule {
    const isDecayed = !this.excludeFromWeightDecay.some((word) => name.includes(word));
    const rule = this.rule(steps + 1);
    if (!Number.isFinite(Math.fround(rule.stepSize))) {
      throw new Error(
        `${this.owner}: learningRate was ${this.learningRate}; it must be smaller, as the size of a step is not finite`,
      );
    }
    return { ...rule, decay: isDecayed ? 1 - this.learningRate * this.weightDecay : 1 };
  }

  private checkRates(): void {
    check(this.owner, 'learningRate', this.learningRate, notNegative);
    if (this.learningRate * this.weightDecay <= 1) return;
    throw new Error(
      `${this.owner}: learningRate was ${this.learningRate} and weightDecay ${this.weightDecay}; their product must be at ` +
        'most 1, where a step leaves nothing of a variable',
    );
  }

  /** Gradients by their variables. */
  private gradientsOf(
    gradients: tf.NamedTensorMap | { name: string; tensor: tf.Tensor | null }[],
  ): Map<tf.Variable, tf.Tensor> {
    const named = Array.isArray(gradients)
      ? gradients
      : Object.entries(gradients).map(([name, tensor]) => ({ name, tensor }));
    const found = new Map<tf.Variable, tf.Tensor>();
    for (const { name, tensor } of named) {
      if (tensor === null || tensor === undefined) continue; // the loss does not depend on it
      const variable = tf.engine().registeredVariables[name] as tf.Variable | undefined;
      if (!variable)
        throw new Error(`${this.owner}: a gradient was that of ${formatValue(name)}; there must be such a variable`);
      if (found.has(variable) && found.get(variable) !== tensor) {
        throw new Error(`${this.owner}: ${name} had two gradients; it must have one`);
      }
      found.set(variable, tensor);
    }
    return found;
  }
}
