import { type Command, Option } from 'commander';
import type { ClassifierSizes } from '../experiments/classifierSizes.js';
import { attentionForm, formNames } from '../models/attentionForm.js';
import type { Protocol } from '../experiments/runConfig.js';
import { fitDefaults } from '../training/fitOptions.js';
import { scheduleNames } from '../training/schedules.js';
import { aboveZero, integer, list, rate } from './arguments.js';
import type { OutputOptions } from './output.js';
import { addSizeOptions } from './sizeOptions.js';

/** What `compare` can be told. Names are those of the flags and of config files. */
export interface CompareOptions extends OutputOptions, Protocol, Partial<ClassifierSizes> {
  data?: string[];
  forms: string[];
  seeds: number;
  output: string;
  config?: string;
  jobs?: number;
  threads?: number;
  fresh: boolean;
}

/** Names of forms, which are better checked before data is loaded. */
function forms(text: string): string[] {
  const names = list(text);
  names.forEach(attentionForm);
  return names;
}

/** Gives a command all options of CompareOptions. */
export function addCompareOptions(command: Command): Command {
  command
    .option(
      '--data <names or folders>',
      'data sets, parted by commas: known ones, or folders with one, such as NAME_TRAIN.ts and NAME_TEST.ts',
      list,
    )
    .option(
      '--forms <forms>',
      `forms of attention, parted by commas; the others are tested against the first: ${formNames.join(', ')}`,
      forms,
      ['softmax', 'bn', 'sh', 'bn+sh'],
    )
    .option('--seeds <n>', 'runs of each form on each data set, from seed 0 on', integer(1), 3)
    .option('--output <folder>', 'where runs, report and best models are kept', 'runs/compare')
    .option('--config <file>', 'JSON with any of these options, in camel case; flags win')
    .option('--fresh', 'do runs again that have been done', false)
    .optionsGroup('Training:')
    .option('--epochs <n>', 'times through the training data', integer(1), fitDefaults.epochs)
    .option('--batch-size <n>', 'cases in a step', integer(1), fitDefaults.batchSize)
    .option('--learning-rate <x>', 'of RAdam', aboveZero, fitDefaults.learningRate)
    .addOption(
      new Option('--schedule <name>', 'course of the learning rate')
        .choices(scheduleNames)
        .default(fitDefaults.schedule),
    )
    .option(
      '--validation <x>',
      'share of the training part that is held out to choose the number of epochs; 0: none is chosen',
      rate,
      0.2,
    )
    .optionsGroup('Model:');
  return addSizeOptions(command)
    .optionsGroup('Options:')
    .option('--jobs <n>', 'processes at a time (default: one for each core)', integer(1))
    .option('--threads <n>', 'threads of a process (default: the cores divided among the processes)', integer(1))
    .option('--json', 'print one JSON document')
    .option('--quiet', 'print nothing but the result');
}
