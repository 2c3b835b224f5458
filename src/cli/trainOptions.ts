import { type Command, Option } from 'commander';
import { rate } from '../checks/rules.js';
import type { RunPlan } from '../experiments/runPlan.js';
import { modelFormNames } from '../models/modelForm.js';
import { conflictIn } from '../training/optionTable.js';
import { trainingOptionNames, trainingOptions } from '../training/trainingOptions.js';
import { pickProperties } from '../pickProperties.js';
import { addChoices, integer, nonEmpty, number } from './arguments.js';
import { addDownloadFlag, type DownloadOptions } from './downloadFlag.js';
import { addComputeOptions, type ComputeOptions } from './computeOptions.js';
import { flagOf } from './flagOf.js';
import { normalizations } from '../layers/normalizationLayer.js';
import { addReadOptions } from './readFlags.js';
import { addPatchSize, addSizeOptions } from './sizeOptions.js';
import { addTaskOptions, forecastValidation } from './forecastFlags.js';
import { addTrainingFlags } from './trainingFlags.js';
import { UsageError } from './usageError.js';

/** What `train` can be told. Names are those of the flags and of config files. */
export interface TrainOptions extends ComputeOptions, DownloadOptions, RunPlan {
  output?: string;
  config?: string;
  resume: boolean;
}

/** Gives a command all options of TrainOptions. */
export function addTrainOptions(command: Command): Command {
  command
    .option(
      '--data <name or folder>',
      'a known data set, or a folder such as one with NAME_TRAIN.ts and NAME_TEST.ts',
      nonEmpty,
    )
    .addOption(addChoices(new Option('--form <form>', 'form of attention'), modelFormNames).default('softmax'))
    .option('--output <folder>', 'folder of the run (default: runs/DATA-FORM-SEED)', nonEmpty)
    .option('--config <file>', 'JSON file with any of these options in camel case; flags take precedence', nonEmpty)
    .option('--resume', 'resume the run in the output folder, with its settings', false);
  addTrainingFlags(command, trainingOptionNames)
    .optionsGroup('Training:')
    .option('--shift <pixels>', 'images: shift each one at random by up to this many pixels', integer(1))
    .optionsGroup('Validation:')
    .option('--validation <x>', 'share of the training part to hold out for validation', number(rate), 0);
  addTaskOptions(command);
  addReadOptions(command);
  addPatchSize(addSizeOptions(command))
    .addOption(
      addChoices(
        new Option(
          '--normalization <name>',
          'normalization of the encoder (default: batch for series, layer for images and tokens)',
        ),
        normalizations,
      ),
    )
    .optionsGroup('Options:');
  return addComputeOptions(addDownloadFlag(command));
}

/** @throws UsageError if options do not go together */
export function checkTrainOptions(options: TrainOptions): void {
  if (options.data === undefined) throw new UsageError("required option '--data <name or folder>' not specified");
  const validation = options.validation > 0 ? options.validation : undefined;
  const hasValidation = validation ?? (options.task === 'forecasting' || undefined);
  const given = { ...pickProperties(options, trainingOptionNames), validation: hasValidation };
  const conflict = conflictIn(trainingOptions, given, flagOf);
  if (conflict !== undefined) throw new UsageError(conflict);
  if (options.task === 'forecasting' && validation !== undefined) {
    throw new UsageError(forecastValidation(validation));
  }
}
