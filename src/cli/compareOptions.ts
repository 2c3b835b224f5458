import { type Command, InvalidArgumentError, Option } from 'commander';
import { meantName } from '../checks/meantName.js';
import { quoted } from '../checks/quoted.js';
import { rate } from '../checks/rules.js';
import type { ReadOptions } from '../data/readOptions.js';
import type { ClassifierSizes } from '../experiments/classifierSizes.js';
import type { forecastNames, Protocol } from '../experiments/runConfig.js';
import type { RunPlan } from '../experiments/runPlan.js';
import { modelFormNames } from '../models/modelForm.js';
import { folders, integer, list, MOST_THREADS, nonEmpty, number, redisUrl } from './arguments.js';
import { addDownloadFlag, type DownloadOptions } from './downloadFlag.js';
import { addComputeOptions, type ComputeOptions } from './computeOptions.js';
import { addTaskOptions } from './forecastFlags.js';
import { addReadOptions } from './readFlags.js';
import { addPatchSize, addSizeOptions } from './sizeOptions.js';
import { addTrainingFlags } from './trainingFlags.js';

/** What `compare` can be told. Names are those of the flags and of config files. */
export interface CompareOptions
  extends
    Omit<ComputeOptions, 'threads'>,
    Protocol,
    Partial<ClassifierSizes>,
    ReadOptions,
    DownloadOptions,
    Pick<RunPlan, 'task' | (typeof forecastNames)[number] | 'patchSize'> {
  data?: string[];
  forms: string[];
  seeds: number;
  output: string;
  config?: string;
  jobs?: number;
  threads?: number;
  fresh: boolean;
  queue?: string;
}

/** Names of forms; an unknown one fails early, before data is loaded. */
function forms(text: string): string[] {
  const names = list(text);
  const unknown = names.find((name) => !modelFormNames.includes(name));
  if (unknown === undefined) return names;
  const meant = meantName(unknown, modelFormNames);
  throw new InvalidArgumentError(`${quoted(unknown)} must be one of ${modelFormNames.join(', ')}.${meant}`);
}

/** Gives a command all options of CompareOptions. */
export function addCompareOptions(command: Command): Command {
  command
    .option(
      '--data <names or folders>',
      'data sets, separated by commas: known ones, or folders such as one with NAME_TRAIN.ts and NAME_TEST.ts',
      folders,
    )
    .option(
      '--forms <forms>',
      `forms of attention, separated by commas; the first is the baseline: ${modelFormNames.join(', ')}`,
      forms,
      ['softmax', 'bn', 'sh', 'bn+sh'],
    )
    .option('--seeds <n>', 'runs of each form on each data set, with seeds 0, 1, ...', integer(1, 10_000), 3)
    .option('--output <folder>', 'folder for the runs, the report and the best models', nonEmpty, 'runs/compare')
    .option('--config <file>', 'JSON file with any of these options in camel case; flags take precedence', nonEmpty)
    .option('--fresh', 'repeat runs that are already finished', false);
  addTrainingFlags(command, ['epochs', 'batchSize', 'learningRate', 'schedule'])
    .optionsGroup('Training:')
    .option(
      '--validation <x>',
      'share of the training part to hold out for choosing the number of epochs; 0: none is chosen',
      number(rate),
      0.2,
    );
  addTaskOptions(command);
  addReadOptions(command);
  addPatchSize(addSizeOptions(command))
    .optionsGroup('Options:')
    .option(
      '--head-cases <n>',
      'test cases on which the heads of each trained model are compared, by distance and by overlap; 0: none',
      integer(0),
      0,
    )
    .option('--jobs <n>', 'number of processes (default: one per core)', integer(1, MOST_THREADS))
    .option(
      '--queue <url>',
      'have the workers of a queue compute the runs: redis://HOST:PORT/DB; see worker',
      redisUrl,
    );
  const threads = new Option('--threads <n>', 'threads per process (default: the cores divided among the processes)');
  return addComputeOptions(addDownloadFlag(command), threads.argParser(integer(1, MOST_THREADS)));
}
