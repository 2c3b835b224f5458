import * as tf from '@tensorflow/tfjs-core';
import type { Augmentation } from '../data/augmentations.js';
import type { LabelledData } from '../data/labelledData.js';
import { checkChoice, checkInteger, checkNumber, checkOptions, checkRate, formatValue } from '../checks/values.js';
import { type ClassWeights, classWeightsOf } from './classWeights.js';
import { type Monitor, monitors } from './isBetter.js';
import { type OptimizerName, optimizerNames } from './optimizers.js';
import type { Progress } from './progress.js';
import { type Schedule, scheduleNames } from './schedules.js';

/** How fit trains. */
export interface FitOptions {
  /** Default 40. */
  epochs?: number;
  /** Default 16. */
  batchSize?: number;
  /** Order of the cases, dropout, augmentation: with the same initial weights, the same seed gives the same run. */
  seed?: number;

  /** Default 'rAdam'. One made by the caller has its own learning rate, and takes none of the six options that follow. */
  optimizer?: OptimizerName | tf.Optimizer;
  /** Default 1e-3. */
  learningRate?: number;
  /** Course of the learning rate, see schedules. Default 'cosine'. */
  schedule?: Schedule;
  /** Epochs in which the learning rate rises to its full size; default 0. */
  warmupEpochs?: number;
  /** Decoupled; default 0.01 for 'adamW', else 0. */
  weightDecay?: number;
  /** Of 'sgd' only; default 0.9. */
  momentum?: number;
  /** Gradients are scaled down to this joint norm; default 4, null is no limit. */
  clipNorm?: number | null;

  /** Part of each label that is spread over all classes, 0 or more and below 1; default 0. */
  labelSmoothing?: number;
  /** What a case of each class counts in the loss; default: all the same. */
  classWeights?: ClassWeights;
  /** Changes each training batch; `seed` differs from batch to batch, and is the same when a run is repeated. */
  augmentation?: Augmentation;

  /** Standardised data, no part of the training data, on which each epoch is scored. */
  validation?: LabelledData;
  /** What tells a better epoch from a worse: 'accuracy', of equal ones the lower loss (default), or 'loss'. */
  monitor?: Monitor;
  /** Training ends after so many epochs without a better one; default: it does not. */
  patience?: number;
  /** At the end the weights of the best epoch come back; default false: those of the last one stay. */
  restoreBestWeights?: boolean;

  /** Folder of the run, see RunFolder: fit keeps config.json, metrics.jsonl and checkpoints in it. Node only. */
  folder?: string;
  /** Goes on where the run in `folder` stands, bit for bit, or begins it; default false. */
  resume?: boolean;
  /** Plain values for config.json besides these options: what else the run depends on. */
  config?: Record<string, unknown>;

  /** When it is aborted, training ends after the current batch, `folder` keeps it, and fit gives the complete epochs. */
  signal?: AbortSignal;
  /** Is not awaited. */
  onBatchEnd?: (progress: Progress) => void;
  /** Is awaited: in it the model is that of the epoch's end. */
  onEpochEnd?: (progress: Progress) => void | Promise<void>;
}

export const fitDefaults = {
  epochs: 40,
  batchSize: 16,
  optimizer: 'rAdam',
  learningRate: 1e-3,
  schedule: 'cosine',
  warmupEpochs: 0,
  momentum: 0.9,
  clipNorm: 4,
  labelSmoothing: 0,
  monitor: 'accuracy',
  restoreBestWeights: false,
  resume: false,
} as const;

const optionNames: (keyof FitOptions)[] = [
  'epochs',
  'batchSize',
  'seed',
  'optimizer',
  'learningRate',
  'schedule',
  'warmupEpochs',
  'weightDecay',
  'momentum',
  'clipNorm',
  'labelSmoothing',
  'classWeights',
  'augmentation',
  'validation',
  'monitor',
  'patience',
  'restoreBestWeights',
  'folder',
  'resume',
  'config',
  'signal',
  'onBatchEnd',
  'onEpochEnd',
];

/** FitOptions with all defaults in place. */
export type FitSettings = FitOptions & Required<Pick<FitOptions, keyof typeof fitDefaults | 'seed'>>;

/** What only optimizers that fit makes take. */
const ofOwnOptimizers = ['learningRate', 'schedule', 'warmupEpochs', 'weightDecay', 'momentum', 'clipNorm'] as const;

function checkOptimizer(options: FitOptions, { optimizer, epochs, warmupEpochs, clipNorm }: FitSettings): void {
  if (optimizer instanceof tf.Optimizer) {
    const given = ofOwnOptimizers.find((name) => options[name] !== undefined);
    if (given === undefined) return;
    throw new Error(`fit: ${given} was given with an optimizer, which has its own; give one of them`);
  }
  checkChoice('fit', 'optimizer', optimizer, optimizerNames);
  if (options.momentum !== undefined && optimizer !== 'sgd') {
    throw new Error(`fit: momentum was ${options.momentum} for '${optimizer}'; only 'sgd' takes it`);
  }
  checkNumber(
    'fit',
    'warmupEpochs',
    warmupEpochs,
    (x) => x >= 0 && x < epochs,
    `0 or more and below epochs, ${epochs}`,
  );
  if (clipNorm !== null) checkNumber('fit', 'clipNorm', clipNorm, (x) => x > 0, 'above 0, or null');
}

function checkValidation({ validation, patience, restoreBestWeights }: FitSettings): void {
  if (patience !== undefined) checkInteger('fit', 'patience', patience, 1, Infinity);
  if (validation?.labels.length === 0) throw new Error('fit: validation had no case; it must have at least one');
  if (validation !== undefined) return;
  if (patience !== undefined) throw new Error(`fit: patience was ${patience} without validation; give that too`);
  if (restoreBestWeights) throw new Error('fit: restoreBestWeights was true without validation; give that too');
}

function checkFolder({ folder, resume, config }: FitSettings): void {
  if (folder !== undefined && (typeof folder !== 'string' || folder === '')) {
    throw new Error(`fit: folder was ${formatValue(folder)}; it must be a path`);
  }
  if (folder === undefined && resume) throw new Error('fit: resume was true without folder; give that too');
  if (folder === undefined && config) throw new Error('fit: config was given without folder; give that too');
}

/**
 * Checks the options of fit, but for what the optimizer checks itself.
 *
 * @param options as the caller gave them
 * @param data the training data
 * @returns the options with all defaults; classWeights as numbers
 * @throws Error that names the option, if one is unknown, out of range, or does not go with another
 */
export function fitSettings(options: FitOptions, data: LabelledData): FitSettings & { classWeights?: number[] } {
  checkOptions('fit', options, optionNames);
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as FitOptions;
  const settings: FitSettings = { seed: Math.floor(Math.random() * 2 ** 32), ...fitDefaults, ...given };
  checkInteger('fit', 'epochs', settings.epochs, 1, Infinity);
  checkInteger('fit', 'batchSize', settings.batchSize, 1, Infinity);
  checkInteger('fit', 'seed', settings.seed, -Infinity, Infinity);
  checkChoice('fit', 'schedule', settings.schedule, scheduleNames);
  checkChoice('fit', 'monitor', settings.monitor, monitors);
  checkRate('fit', 'labelSmoothing', settings.labelSmoothing);
  checkOptimizer(options, settings);
  checkValidation(settings);
  checkFolder(settings);
  if (data.labels.length === 0) throw new Error('fit: data had no case; it must have at least one');
  for (const name of ['restoreBestWeights', 'resume'] as const) {
    if (typeof settings[name] === 'boolean') continue;
    throw new Error(`fit: ${name} was ${formatValue(settings[name])}; it must be true or false`);
  }
  const { classWeights } = settings;
  if (classWeights === undefined) return { ...settings, classWeights: undefined };
  return { ...settings, classWeights: classWeightsOf('fit', classWeights, data.labels, data.classNames.length) };
}
