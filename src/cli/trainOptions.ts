import { Command, InvalidArgumentError, Option } from 'commander';
import type { ClassifierOptions } from '../experiments/classifierFor.js';
import { formNames } from '../models/attentionForm.js';
import type { ClassWeights } from '../training/classWeights.js';
import { type Monitor, monitors } from '../training/isBetter.js';
import { fitDefaults } from '../training/fitOptions.js';
import { type OptimizerName, optimizerNames } from '../training/optimizers.js';
import { type Schedule, scheduleNames } from '../training/schedules.js';
import { aboveZero, integer, number, rate, threads } from './arguments.js';
import type { OutputOptions } from './output.js';
import { addSizeOptions } from './sizeOptions.js';
import { UsageError } from './usageError.js';

/** What `train` can be told. Names are those of the flags and of config files. */
export interface TrainOptions extends OutputOptions, Omit<ClassifierOptions, 'normFirst'> {
  data?: string;
  form: string;
  output?: string;
  config?: string;
  resume: boolean;
  epochs: number;
  batchSize: number;
  seed: number;
  optimizer: OptimizerName;
  learningRate: number;
  schedule: Schedule;
  warmupEpochs: number;
  weightDecay?: number;
  momentum?: number;
  clipNorm: number | null;
  labelSmoothing: number;
  classWeights?: ClassWeights;
  shift?: number;
  /** Share of the training part. */
  validation: number;
  monitor: Monitor;
  patience?: number;
  restoreBestWeights: boolean;
  threads: number | 'auto';
}

const atLeastZero = number((x) => x >= 0, '0 or more');

function norm(text: string): number | null {
  if (text === 'none') return null;
  try {
    return aboveZero(text);
  } catch {
    throw new InvalidArgumentError("It must be above 0, or 'none'.");
  }
}

function classWeights(text: string): ClassWeights {
  if (text === 'balanced') return text;
  try {
    return text.split(',').map(atLeastZero);
  } catch {
    throw new InvalidArgumentError("It must be 'balanced', or a number, 0 or more, for each class, parted by commas.");
  }
}

const oneOf = (flags: string, text: string, choices: readonly string[]) => new Option(flags, text).choices(choices);

/** Gives a command all options of TrainOptions. */
export function addTrainOptions(command: Command): Command {
  command
    .option('--data <name or folder>', 'a known set, or a folder with one, such as NAME_TRAIN.ts and NAME_TEST.ts')
    .option('--form <form>', `form of attention: ${formNames.join(', ')}`, 'softmax')
    .option('--output <folder>', 'where the run is kept (default: runs/DATA-FORM-SEED)')
    .option('--config <file>', 'JSON with any of these options, in camel case; flags win')
    .option('--resume', 'go on where the run in the folder stands; its settings are taken from there', false)
    .optionsGroup('Training:')
    .option('--epochs <n>', 'times through the training data', integer(1), fitDefaults.epochs)
    .option('--batch-size <n>', 'cases in a step', integer(1), fitDefaults.batchSize)
    .option('--seed <n>', 'the same seed gives the same run', integer(0), 0)
    .addOption(oneOf('--optimizer <name>', 'what steps the weights', optimizerNames).default(fitDefaults.optimizer))
    .option('--learning-rate <x>', 'its full size', aboveZero, fitDefaults.learningRate)
    .addOption(oneOf('--schedule <name>', 'course of the rate', scheduleNames).default(fitDefaults.schedule))
    .option('--warmup-epochs <x>', 'epochs in which the rate rises', atLeastZero, fitDefaults.warmupEpochs)
    .option('--weight-decay <x>', 'decoupled (default: 0.01 for adamW, else 0)', atLeastZero)
    .option('--momentum <x>', `of sgd (default: ${fitDefaults.momentum})`, rate)
    .option('--clip-norm <x>', "largest joint norm of the gradients, or 'none'", norm, fitDefaults.clipNorm)
    .option('--label-smoothing <x>', 'part of each label spread over all classes', rate, fitDefaults.labelSmoothing)
    .option('--class-weights <weights>', "'balanced', or a number for each class, parted by commas", classWeights)
    .option('--shift <pixels>', 'images: move each by up to so many pixels, at random', integer(1))
    .optionsGroup('Validation:')
    .option('--validation <x>', 'share of the training part that is held out', rate, 0)
    .addOption(oneOf('--monitor <name>', 'what tells the better epoch', monitors).default(fitDefaults.monitor))
    .option('--patience <n>', 'end after so many epochs without a better one', integer(1))
    .option('--restore-best-weights', 'keep the best epoch, not the last', fitDefaults.restoreBestWeights)
    .optionsGroup('Model:');
  return addSizeOptions(command)
    .addOption(oneOf('--normalization <name>', 'of the encoder (default: batch for series)', ['batch', 'layer']))
    .option('--patch-size <n>', 'images: height and width of a patch', integer(1))
    .optionsGroup('Options:')
    .option('--threads <n>', 'threads to compute with', threads, 'auto')
    .option('--json', 'print one JSON document')
    .option('--quiet', 'print nothing but the result');
}

/** @throws UsageError if options do not go together */
export function checkTrainOptions(options: TrainOptions): void {
  const { validation, patience, restoreBestWeights, optimizer, momentum, warmupEpochs, epochs } = options;
  if (options.data === undefined) throw new UsageError("required option '--data <name or folder>' not specified");
  if (validation === 0 && patience !== undefined) {
    throw new UsageError(`--patience was ${patience} without --validation; give that too`);
  }
  if (validation === 0 && restoreBestWeights) {
    throw new UsageError('--restore-best-weights was given without --validation; give that too');
  }
  if (momentum !== undefined && optimizer !== 'sgd') {
    throw new UsageError(`--momentum was ${momentum} for ${optimizer}; only sgd takes it`);
  }
  if (warmupEpochs >= epochs) {
    throw new UsageError(`--warmup-epochs was ${warmupEpochs}; it must be below --epochs, ${epochs}`);
  }
}
