import { adamW } from './adamW.js';
import type { MomentOptimizer, MomentOptimizerArgs } from './momentOptimizer.js';
import { rAdam } from './rAdam.js';
import { sgd } from './sgd.js';

/** What every optimizer takes, and `momentum` for sgd. */
export interface OptimizerSettings extends Pick<
  MomentOptimizerArgs,
  'learningRate' | 'weightDecay' | 'globalClipnorm'
> {
  momentum?: number;
}

/** Name of an optimizer. */
export type OptimizerName = 'adamW' | 'rAdam' | 'sgd';

/** Optimizers by name. */
export const optimizers: Readonly<Record<OptimizerName, (settings: OptimizerSettings) => MomentOptimizer>> = {
  adamW: ({ learningRate, weightDecay, globalClipnorm }) => adamW({ learningRate, weightDecay, globalClipnorm }),
  rAdam: ({ learningRate, weightDecay, globalClipnorm }) => rAdam({ learningRate, weightDecay, globalClipnorm }),
  sgd,
};

/** Names of all optimizers. */
export const optimizerNames = Object.keys(optimizers) as OptimizerName[];
