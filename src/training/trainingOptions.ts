import * as tf from '@tensorflow/tfjs-core';
import { aboveZero, atLeastZero, boolean, integer, oneOf, orNull, rate } from '../checks/rules.js';
import type { ClassWeights } from './classWeights.js';
import { type Monitor, monitors } from './isBetter.js';
import { defaultsOf, type OptionTable } from './optionTable.js';
import { type OptimizerName, optimizerNames } from './optimizers.js';
import { type Schedule, scheduleNames } from './schedules.js';

/** How a model is trained, as plain values: config.json holds them, and the command `train` has a flag for each. */
export interface TrainingOptions {
  /** Default 40. */
  epochs?: number;
  /** Default 16. */
  batchSize?: number;
  /** Order of the cases, dropout, augmentation: with the same initial weights, the same seed gives the same run. */
  seed?: number;

  /** Share of each label that is spread over all classes, 0 or more and below 1; default 0. */
  labelSmoothing?: number;
  /** What a case of each class counts in the loss; default: all the same. */
  classWeights?: ClassWeights;

  /**
   * What tells a better epoch from a worse, and of equal ones the lower loss. Of a classifier 'accuracy' (default) or 'loss';
   * of a regressor 'rmse' (default), 'mae', 'r2' or 'loss'; of a forecaster 'mse' (default) or 'mae'.
   */
  monitor?: Monitor;
  /** Training stops after this many epochs without a better one; default: never. */
  patience?: number;
  /** At the end the weights of the best epoch come back; default false: those of the last one stay. */
  restoreBestWeights?: boolean;

  /** Default 'rAdam'. One made by the caller has its own learning rate, and takes none of the six options that follow. */
  optimizer?: OptimizerName | tf.Optimizer;
  /** Peak learning rate; default 1e-3. */
  learningRate?: number;
  /** Course of the learning rate, see schedules. Default 'cosine'. */
  schedule?: Schedule;
  /** Epochs in which the learning rate rises to its peak; default 0. */
  warmupEpochs?: number;
  /** Decoupled; default 0.01 for 'adamW', else 0. */
  weightDecay?: number;
  /** Of 'sgd' only; default 0.9. */
  momentum?: number;
  /** Gradients are scaled down to this joint norm; default 4, null is no limit. */
  clipNorm?: number | null;
}

const named = oneOf(optimizerNames);

/** What is known of each, in the order of config.json. */
export const trainingOptions = {
  epochs: { default: 40, rule: integer(1) },
  batchSize: { default: 16, rule: integer(1) },
  seed: { rule: integer() },
  labelSmoothing: { default: 0, rule: rate },
  classWeights: {},
  monitor: { rule: oneOf(monitors) },
  patience: { rule: integer(1), needs: 'validation' },
  restoreBestWeights: { default: false, rule: boolean, needs: 'validation' },
  optimizer: {
    default: 'rAdam',
    rule: { ...named, test: (value) => value instanceof tf.Optimizer || named.test(value) },
  },
  learningRate: { default: 1e-3, rule: atLeastZero, optimizers: optimizerNames },
  schedule: { default: 'cosine', rule: oneOf(scheduleNames), optimizers: optimizerNames },
  warmupEpochs: { default: 0, rule: atLeastZero, below: 'epochs', optimizers: optimizerNames },
  weightDecay: { rule: atLeastZero, optimizers: optimizerNames },
  momentum: { default: 0.9, rule: rate, optimizers: ['sgd'] },
  clipNorm: { default: 4, rule: orNull(aboveZero), optimizers: optimizerNames },
} satisfies OptionTable<TrainingOptions>;

export type TrainingOptionName = keyof TrainingOptions;

/** The names, in the same order. */
export const trainingOptionNames = Object.keys(trainingOptions) as TrainingOptionName[];

export const trainingDefaults = defaultsOf(trainingOptions);
